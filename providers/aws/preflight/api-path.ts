/**
 * Whether a node that does not have the VIP can still reach the API that would give it to it. A node behind an internet gateway
 * goes out with its public address; if the only one is the Elastic IP that moves, the node that lost it is cut off from the API.
 */
import type { NetworkInterface, Route, RouteTable, VpcEndpoint } from "@aws-sdk/client-ec2";
import { type PreflightFinding, verdict } from "../../../src/provider/preflight.ts";
import type { AwsCheck } from "./check.ts";
import { targetsOf } from "./elastic-ips.ts";
import type { Facts } from "./facts.ts";
import { type FoundNode, idOf } from "./nodes.ts";

export const API_PATH_CHECKS: readonly AwsCheck[] = [
  {
    code: "aws/no-path-to-api",
    title: "each node has a way to the EC2 API that stays when the address moves",
    severity: "failure",
    why: "A node reaches the API through a NAT gateway, through a VPC endpoint for ec2, or through an internet gateway with a public address of its own. An Elastic IP that is a VIP, or that gives way to one on the same private address, is no such address: with it goes the way to the API, and the node can never take the VIP back.",
    ask: async (facts) => {
      const [nodes, tables, endpoints, { error }] = await Promise.all([
        facts.foundNodes(),
        facts.routeTables(),
        facts.vpcEndpoints(),
        facts.probe(),
      ]);
      const endpoint = endpoints.find((one) => leadsToApi(one, facts));
      if (endpoint) return { kind: "fine", note: `through ${endpoint.VpcEndpointId}` };
      const paths = nodes.map((node) => ({
        node,
        path: !error && isProven(facts, node) ? ANSWERS : pathOf(facts, node, tables),
      }));
      const note = paths.map(({ node, path }) => `${node.name} through ${path.through}`);
      return verdict(
        paths.flatMap(({ node, path }) => (path.ok ? [] : [cutOff(node, path.through)])),
        note.join(", "),
      );
    },
  },
];

type Path =
  | { readonly ok: true; readonly through: string }
  /** `through`: why there is none, as evidence. */
  | { readonly ok: false; readonly through: string };

const ANSWERS: Path = { ok: true, through: "a way that answers now" };

/** Where no public address moves, the API's answer to this node is proof. */
function isProven({ options }: Facts, { isSelf }: FoundNode): boolean {
  return isSelf && options.mechanism !== "elastic-ip";
}

/** An interface endpoint answers for the API's public name when private DNS is on. */
function leadsToApi({ ServiceName, State, PrivateDnsEnabled }: VpcEndpoint, { identity }: Facts): boolean {
  return (
    ServiceName?.endsWith(`.${identity.region}.ec2`) === true &&
    State?.toLowerCase() === "available" &&
    PrivateDnsEnabled !== false
  );
}

function pathOf(facts: Facts, node: FoundNode, tables: readonly RouteTable[]): Path {
  const table = tableOf(node, tables);
  const route = table?.Routes?.find(({ DestinationCidrBlock }) => DestinationCidrBlock === "0.0.0.0/0");
  const name = table?.RouteTableId ?? "its route table";
  if (!route) return { ok: false, through: `${name} has no default route, and the VPC no endpoint for ec2` };
  const target = targetOf(route);
  if (route.State === "blackhole")
    return { ok: false, through: `the default route of ${name} to ${target} is a blackhole` };
  if (!route.GatewayId?.startsWith("igw-")) return { ok: true, through: target };
  const address = lastingPublicAddress(facts, node);
  if (address) return { ok: true, through: `${target} as ${address}` };
  return {
    ok: false,
    through: `${name} leads to ${target}, and ${idOf(node)} has no public address that stays`,
  };
}

function tableOf({ networkInterface }: FoundNode, tables: readonly RouteTable[]): RouteTable | undefined {
  const own = tables.find(({ Associations = [] }) =>
    Associations.some(({ SubnetId }) => SubnetId !== undefined && SubnetId === networkInterface.SubnetId),
  );
  return own ?? tables.find(({ Associations = [] }) => Associations.some(({ Main }) => Main === true));
}

function targetOf({
  NatGatewayId,
  GatewayId,
  TransitGatewayId,
  NetworkInterfaceId,
  VpcPeeringConnectionId,
}: Route) {
  return (
    NatGatewayId ??
    GatewayId ??
    TransitGatewayId ??
    VpcPeeringConnectionId ??
    NetworkInterfaceId ??
    "its target"
  );
}

/** A public address that neither is a VIP nor sits where this node would put one. */
function lastingPublicAddress(facts: Facts, node: FoundNode): string | undefined {
  const vips: readonly string[] = facts.subject.vips;
  const targets = node.isSelf
    ? (targetsOf(facts) ?? []).map(({ target }): string => target)
    : primaryIfTarget(facts, node);
  const entries = node.networkInterface.PrivateIpAddresses ?? [];
  return entries
    .filter(({ PrivateIpAddress = "" }) => !targets.includes(PrivateIpAddress))
    .map(({ Association }) => Association?.PublicIp)
    .find((address) => address !== undefined && !vips.includes(address));
}

/** The file of a peer is not known here. If this node lists no `private_addresses`, the peers are taken to do the same. */
function primaryIfTarget({ options }: Facts, { networkInterface }: { networkInterface: NetworkInterface }) {
  const usesPrimary =
    options.mechanism === "elastic-ip" && Object.keys(options.private_addresses).length === 0;
  return usesPrimary ? [networkInterface.PrivateIpAddress ?? ""] : [];
}

function cutOff({ name }: FoundNode, evidence: string): PreflightFinding {
  return {
    message: `${name} has no way to the EC2 API that stays when the address moves`,
    evidence: [evidence],
    consequence: `without the VIP ${name} cannot call the API, so it cannot take the VIP over`,
    fix: {
      advice:
        "create a VPC endpoint for ec2 with private DNS, a default route through a NAT gateway, or give the node a public address of its own and let the VIP go to a second private address (`private_addresses`)",
      calls: [],
      commands: [],
    },
  };
}
