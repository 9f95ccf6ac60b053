/**
 * The policy of the configured mechanism, from the same files that are in `policies/`, with what is known in the place of the
 * words in capitals.
 */
import { ipFamily } from "../../../src/base/ip.ts";
import type { Policy } from "../../../src/provider/contract.ts";
import type { PreflightSubject } from "../../../src/provider/preflight.ts";
import type { AwsOptions, MechanismName } from "../options.ts";
import elasticIp from "../policies/elastic-ip.json" with { type: "json" };
import networkInterface from "../policies/network-interface.json" with { type: "json" };
import route from "../policies/route.json" with { type: "json" };
import secondaryIp from "../policies/secondary-ip.json" with { type: "json" };

interface Template {
  readonly Version: string;
  readonly Statement: readonly Statement[];
}

interface Statement {
  readonly Sid: string;
  readonly Resource: string | readonly string[];
}

const TEMPLATES: Readonly<Record<MechanismName, Template>> = {
  "secondary-ip": secondaryIp,
  "elastic-ip": elasticIp,
  route,
  "network-interface": networkInterface,
};

/** What the words in capitals stand for; empty or undefined where it is not known. */
export interface Known {
  readonly region: string | undefined;
  readonly account: string | undefined;
  /** The network interfaces and instances of all nodes. */
  readonly interfaces: readonly string[];
  readonly instances: readonly string[];
  /** Of the VIPs, where they are Elastic IPs. */
  readonly allocations: readonly string[];
}

export const NOTHING_KNOWN: Known = {
  region: undefined,
  account: undefined,
  interfaces: [],
  instances: [],
  allocations: [],
};

export function policyFor(options: AwsOptions, { vips }: PreflightSubject, known: Known): Policy {
  const template = TEMPLATES[options.mechanism];
  const has = (family: 4 | 6) => vips.some((vip) => ipFamily(vip) === family);
  const statements = template.Statement.filter(
    ({ Sid }) => FAMILY_OF[Sid] === undefined || has(FAMILY_OF[Sid]),
  );
  const values = valuesOf(options, known);
  const filled = statements.map((statement) => ({
    ...statement,
    Resource: fillAll(statement.Resource, values),
  }));
  const text = inPlace(JSON.stringify({ ...template, Statement: filled }), options, known);
  const words = [...new Set(text.match(WORD) ?? [])];
  return {
    document: JSON.parse(text),
    notes: [
      ...(words.length > 0 ? [`replace ${words.join(", ")}: nothing here tells them`] : []),
      "give it to the role of every node, since each changes what another had",
      "what doctor itself looks at needs providers/aws/policies/doctor.json too",
    ],
  };
}

/** Statements that are of use to one family of VIPs only. */
const FAMILY_OF: Readonly<Record<string, 4 | 6>> = { MoveAddresses: 4, MoveIpv6Addresses: 6 };

/** The words that resources name. `_1`, `_2`: as many as there are. */
const WORD = /\b(REGION|ACCOUNT|SERVER_\d|ENI_OF_SERVER_\d|ENI_OF_VIP|ROUTE_TABLE_\d|EIPALLOC_OF_VIP)\b/g;

function valuesOf(options: AwsOptions, known: Known): Readonly<Record<string, readonly string[]>> {
  return {
    SERVER: known.instances,
    ENI_OF_SERVER: known.interfaces,
    ENI_OF_VIP: options.mechanism === "network-interface" ? [options.network_interface] : [],
    ROUTE_TABLE: options.mechanism === "route" ? options.route_tables : [],
    EIPALLOC_OF_VIP: known.allocations,
  };
}

function fillAll(
  resource: Statement["Resource"],
  values: Readonly<Record<string, readonly string[]>>,
): Statement["Resource"] {
  if (typeof resource === "string") return resource;
  return [...new Set(resource.flatMap((arn) => fill(arn, values)))];
}

/** One resource for each value of its word, or as it is while nothing is known. */
function fill(arn: string, values: Readonly<Record<string, readonly string[]>>): readonly string[] {
  const [kind, word = ""] = arn.split("/");
  const found = values[word.replace(/_\d$/, "")] ?? [];
  return found.length > 0 ? found.map((value) => `${kind}/${value}`) : [arn];
}

function inPlace(text: string, options: AwsOptions, { region = options.region, account }: Known): string {
  return text
    .replaceAll("REGION", region ?? "REGION")
    .replaceAll("ACCOUNT", account ?? "ACCOUNT")
    .replaceAll("arn:aws:", `arn:${partitionOf(region)}:`);
}

/** Of the AWS General Reference, "Partitions". */
function partitionOf(region = ""): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}
