import { formatPrefix, hostPrefixLength, type IpAddress } from "../../../src/base/ip.ts";
import { ProviderError } from "../../../src/provider/errors.ts";
import { byHand, type PreflightFinding, verdict } from "../../../src/provider/preflight.ts";
import type { RouteTable } from "../vpc.ts";
import type { HuaweiCheck } from "./check.ts";
import type { Facts } from "./facts.ts";

export const ROUTE_CHECKS: readonly HuaweiCheck[] = [
  {
    code: "huaweicloud/route-table-missing",
    title: "the configured route tables exist",
    severity: "failure",
    why: "A table that is not there, or is one of another project, cannot be changed by a claim.",
    ask: async (facts) => {
      const ids = tablesOf(facts);
      if (!ids) return undefined;
      const found = await Promise.all(ids.map((id) => exists(facts, id)));
      const missing = ids.filter((_, index) => !found[index]);
      const findings = missing.map((id) =>
        byHand(`there is no route table ${id}`, [], {
          consequence: "each claim fails for this table, and is repeated without end",
          advice: "correct `route_tables`",
        }),
      );
      return verdict(findings, ids.join(", "));
    },
  },
  {
    code: "huaweicloud/route-missing",
    title: "the route tables lead to the virtual addresses",
    severity: "warning",
    why: "Clients behind a table without the route do not reach the address. A claim adds it, but until the first one the table has no room reserved and leads nowhere.",
    ask: async (facts) => {
      const ids = tablesOf(facts);
      if (!ids) return undefined;
      const tables = await Promise.all(ids.map((id) => facts.routeTable(id)));
      const findings = tables.flatMap((table) =>
        facts.settings.subject.vips.flatMap((vip) => missingRoute(facts, { table, tables, vip })),
      );
      return verdict(findings, `${tables.length} tables`);
    },
  },
];

/** Undefined with another mechanism. */
function tablesOf({ settings }: Facts): readonly string[] | undefined {
  return settings.options.mechanism === "route" ? settings.options.route_tables : undefined;
}

async function exists(facts: Facts, id: string): Promise<boolean> {
  try {
    await facts.routeTable(id);
    return true;
  } catch (error) {
    if (error instanceof ProviderError && error.facts.kind === "not-found") return false;
    throw error;
  }
}

interface Missing {
  readonly table: RouteTable;
  readonly tables: readonly RouteTable[];
  readonly vip: IpAddress;
}

/** As in the other tables, so that creating it moves nothing; to this server when none has it. */
function missingRoute({ settings }: Facts, { table, tables, vip }: Missing): readonly PreflightFinding[] {
  const destination = formatPrefix({ address: vip, prefixLength: hostPrefixLength(vip) });
  const routes = tables.flatMap((one) => one.routes.filter((route) => route.destination === destination));
  if (table.routes.some((route) => route.destination === destination)) return [];
  const { type, nexthop } = routes[0] ?? { type: "ecs", nexthop: settings.self.serverId };
  const change = { routes: { add: [{ type, destination, nexthop }] } };
  return [
    {
      message: `the route table ${table.id} has no route to ${vip}`,
      evidence: [`${table.routes.length} routes, none to ${destination}`],
      consequence: "clients behind this table do not reach the address before a claim has added the route",
      fix: {
        advice: `add it, leading to ${nexthop}`,
        calls: [
          {
            operation: `PUT /v1/${settings.projectId}/routetables/${table.id}`,
            parameters: { body: JSON.stringify({ routetable: change }) },
            apply: (signal) => settings.vpc.updateRouteTable(table.id, change, signal),
          },
        ],
        commands: [],
      },
    },
  ];
}
