import type { RouteTable } from "@aws-sdk/client-ec2";
import { type IpAddress, ipFamily } from "../../../src/base/ip.ts";
import { type PreflightFinding, verdict } from "../../../src/provider/preflight.ts";
import { cidrOf, routeTo } from "../route.ts";
import { type AwsCheck, awsCommand, fixCall } from "./check.ts";
import type { Facts } from "./facts.ts";

export const ROUTE_TABLE_CHECKS: readonly AwsCheck[] = [
  {
    code: "aws/route-table-missing",
    title: "the configured route tables are tables of this VPC",
    severity: "failure",
    why: "A table that does not exist, or belongs to another VPC, cannot be changed by a claim.",
    ask: async (facts) => {
      const configured = tablesOf(facts);
      if (!configured) return undefined;
      const known = await facts.routeTables();
      const missing = configured.filter((id) => !known.some((table) => table.RouteTableId === id));
      return verdict(
        missing.map((id) => missingTable(facts, id)),
        configured.join(", "),
      );
    },
  },
  {
    code: "aws/route-missing",
    title: "the configured route tables lead to the virtual addresses",
    severity: "warning",
    why: "A claim replaces the route of each table. Where there is none it is created, which needs one more call and the right to ec2:CreateRoute in the middle of a failover. Routes that exist beforehand make a failover one call for each table.",
    ask: async (facts) => {
      const configured = tablesOf(facts);
      if (!configured) return undefined;
      const tables = (await facts.routeTables()).filter(({ RouteTableId }) =>
        configured.includes(RouteTableId ?? ""),
      );
      const findings = facts.subject.vips.flatMap((vip) =>
        tables
          .filter((table) => !routeTo(table, vip))
          .map((table) => missingRoute(facts, { table, tables, vip })),
      );
      return verdict(findings, `${tables.length} of them, ${facts.subject.vips.length} routes in each`);
    },
  },
  {
    code: "aws/route-table-not-listed",
    title: "every route table of the VPC leads to the virtual addresses",
    severity: "warning",
    why: "A subnet sees only the routes of its own table. Clients in a subnet whose table is not listed in `route_tables` do not reach a routed VIP at all, or keep going to the old node after a failover.",
    ask: async (facts) => {
      const configured = tablesOf(facts);
      if (!configured) return undefined;
      const others = (await facts.routeTables()).filter(
        (table) => !configured.includes(table.RouteTableId ?? "") && isUsed(table),
      );
      return verdict(others.map(notListed), `${configured.length} tables`);
    },
  },
];

/** Undefined with another mechanism. */
function tablesOf({ options }: Facts): readonly string[] | undefined {
  return options.mechanism === "route" ? options.route_tables : undefined;
}

function isUsed({ Associations = [] }: RouteTable): boolean {
  return Associations.length > 0;
}

function missingTable({ identity }: Facts, id: string): PreflightFinding {
  return {
    message: `${id} is no route table of ${identity.vpcId}`,
    evidence: [],
    consequence: "each claim fails for this table, and is repeated without end",
    fix: { advice: "correct `route_tables`", calls: [], commands: [] },
  };
}

interface MissingRoute {
  readonly table: RouteTable;
  readonly tables: readonly RouteTable[];
  readonly vip: IpAddress;
}

/** To where the other tables lead, so that creating it changes nothing else; to this node when none does. */
function missingRoute(facts: Facts, { table, tables, vip }: MissingRoute): PreflightFinding {
  const elsewhere = tables.flatMap((one) => routeTo(one, vip)?.NetworkInterfaceId ?? []);
  const NetworkInterfaceId = elsewhere[0] ?? facts.identity.networkInterfaceId;
  const destination = cidrOf(vip);
  const RouteTableId = table.RouteTableId ?? "";
  const [key, word] =
    ipFamily(vip) === 4
      ? ["DestinationCidrBlock", "--destination-cidr-block"]
      : ["DestinationIpv6CidrBlock", "--destination-ipv6-cidr-block"];
  const input = { RouteTableId, NetworkInterfaceId, [key ?? ""]: destination };
  return {
    message: `${RouteTableId} has no route to ${vip}`,
    evidence: [`${RouteTableId}: ${table.Routes?.length ?? 0} routes, none to ${destination}`],
    consequence: "clients behind this table do not reach the VIP before a claim has created the route",
    fix: {
      advice: `create it, leading to ${NetworkInterfaceId}${elsewhere.length > 0 ? " as in the other tables" : ""}`,
      calls: [fixCall(facts, "CreateRoute", input, (api, http) => api.createRoute(input, http))],
      commands: [
        awsCommand(
          facts,
          "create-route",
          ...["--route-table-id", RouteTableId, word ?? "", destination],
          ...["--network-interface-id", NetworkInterfaceId],
        ),
      ],
    },
  };
}

function notListed({ RouteTableId, Associations = [] }: RouteTable): PreflightFinding {
  const subnets = Associations.flatMap(({ SubnetId }) => SubnetId ?? []);
  const main = Associations.some(({ Main }) => Main === true);
  const users = [...(main ? ["every subnet without a table of its own"] : []), ...subnets];
  return {
    message: `${RouteTableId} is not in \`route_tables\``,
    evidence: [`it is the table of ${users.join(", ")}`],
    consequence: "clients there do not follow a failover",
    fix: { advice: `add ${RouteTableId} to \`route_tables\` on all nodes`, calls: [], commands: [] },
  };
}
