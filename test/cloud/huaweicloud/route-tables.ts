import { ApiError, notFound } from "./api-error.ts";
import { type ApiCall, bodyObject, isRecord, type Operation, page } from "./operation.ts";
import type { CloudState, Route, RouteTable } from "./wire.ts";

export const routeTableOperations: readonly Operation[] = [
  {
    name: "ListRouteTables",
    method: "GET",
    path: "/v1/{project_id}/routetables",
    family: "v1",
    action: "vpc:routeTables:list",
    handle: (state, call) => ({ status: 200, body: { routetables: listRouteTables(state, call.query) } }),
  },
  {
    name: "ShowRouteTable",
    method: "GET",
    path: "/v1/{project_id}/routetables/{routetable_id}",
    family: "v1",
    action: "vpc:routeTables:get",
    handle: (state, call) => ({ status: 200, body: { routetable: routeTableOf(state, call) } }),
  },
  {
    name: "UpdateRouteTable",
    method: "PUT",
    path: "/v1/{project_id}/routetables/{routetable_id}",
    family: "v1",
    action: "vpc:routeTables:update",
    handle: (state, call) => {
      const table = routeTableOf(state, call);
      const changed = {
        ...table,
        routes: changedRoutes(state, table, bodyObject(call, "routetable")["routes"]),
      };
      const routeTables = { ...state.routeTables, [table.id]: changed };
      return { status: 200, body: { routetable: changed }, state: { ...state, routeTables } };
    },
  },
];

const ROUTES_MAX = 200;

/** The list shows no routes; ask for one table to see them. */
function listRouteTables(state: CloudState, query: URLSearchParams): readonly Omit<RouteTable, "routes">[] {
  const [vpcId, subnetId] = [query.get("vpc_id"), query.get("subnet_id")];
  const matching = Object.values(state.routeTables).filter(
    (table) =>
      (!vpcId || table.vpc_id === vpcId) &&
      (!subnetId || table.subnets.some((subnet) => subnet.id === subnetId)),
  );
  return page(matching, query).map(({ routes: _, ...table }) => table);
}

function routeTableOf(state: CloudState, call: ApiCall): RouteTable {
  const id = call.path["routetable_id"] ?? "";
  const table = state.routeTables[id];
  if (!table) throw notFound("v1", "RouteTable", id);
  return table;
}

/** All of `add`, `mod` and `del` happen, or none. */
function changedRoutes(state: CloudState, table: RouteTable, change: unknown): readonly Route[] {
  const wanted = isRecord(change) ? change : {};
  const routes = new Map(table.routes.map((route) => [route.destination, route]));
  for (const route of routesIn(wanted["del"])) routes.delete(existing(routes, route).destination);
  for (const route of routesIn(wanted["mod"])) {
    routes.set(route.destination, { ...existing(routes, route), ...withNextHop(state, route) });
  }
  for (const route of routesIn(wanted["add"])) {
    if (routes.has(route.destination)) {
      throw new ApiError(409, "VPC.9902", `Route to ${route.destination} already exists.`);
    }
    routes.set(route.destination, withNextHop(state, route));
  }
  if (routes.size > ROUTES_MAX) throw new ApiError(409, "VPC.9905", "Quota exceeded for resources: routes.");
  return [...routes.values()];
}

function existing(routes: ReadonlyMap<string, Route>, wanted: Route): Route {
  const route = routes.get(wanted.destination);
  if (!route) throw new ApiError(404, "VPC.2204", `Route to ${wanted.destination} does not exist.`);
  return route;
}

function withNextHop(state: CloudState, route: Route): Route {
  const known: Readonly<Record<string, boolean>> = {
    ecs: state.servers[route.nexthop] !== undefined,
    eni: state.ports[route.nexthop] !== undefined,
    vip: Object.values(state.ports).some((port) =>
      port.fixed_ips.some((ip) => ip.ip_address === route.nexthop),
    ),
  };
  if (!known[route.type]) throw new ApiError(400, "VPC.0011", `The nexthop ${route.nexthop} is invalid.`);
  return route;
}

function routesIn(list: unknown): readonly Route[] {
  if (list === undefined) return [];
  if (!Array.isArray(list)) throw new ApiError(400, "VPC.0011", "routes is not a list.");
  return list.map((entry: unknown) => {
    const field = (name: string) => (isRecord(entry) ? String(entry[name] ?? "") : "");
    return { type: field("type"), destination: field("destination"), nexthop: field("nexthop") };
  });
}
