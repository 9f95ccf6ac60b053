import { AwsError, INTERFACE, invalidParameter, mustExist, ROUTE_TABLE } from "../aws-error.ts";
import { canonicalCidr, cidrContains } from "../cidr.ts";
import { change, DONE, read } from "../operation.ts";
import type { Query } from "../query.ts";
import { routeTableXml } from "../render/route-table.ts";
import { select } from "../select.ts";
import type { AwsState, RouteTable } from "../state.ts";

/** The default quota of routes in a table, for each family. */
const ROUTES_MAX = 50;

export const replaceRoute = change(true, ({ query, update }) => {
  update((state) => {
    const { table, destination, interfaceId } = readRoute(state, query);
    const index = table.routes.findIndex((route) => route.destination === destination);
    if (index < 0) {
      throw invalidParameter(
        `There is no route defined for '${destination}' in the route table. Use CreateRoute instead.`,
      );
    }
    table.routes[index] = { destination, target: { interfaceId }, origin: "CreateRoute" };
  });
  return DONE;
});

export const createRoute = change(true, ({ query, update }) => {
  update((state) => {
    const { table, destination, interfaceId } = readRoute(state, query);
    if (table.routes.some((route) => route.destination === destination)) {
      throw new AwsError("RouteAlreadyExists", `The route identified by ${destination} already exists.`);
    }
    if (table.routes.length >= ROUTES_MAX) {
      throw new AwsError("RouteLimitExceeded", "The maximum number of routes has been reached.");
    }
    table.routes.push({ destination, target: { interfaceId }, origin: "CreateRoute" });
  });
  return DONE;
});

export const deleteRoute = change(true, ({ query, update }) => {
  const destination = destinationOf(query);
  update((state) => {
    const table = mustExist(state.routeTables, query.need("RouteTableId"), ROUTE_TABLE);
    if (!table.routes.some((route) => route.destination === destination)) {
      throw new AwsError("InvalidRoute.NotFound", `no route with destination-cidr-block ${destination}`);
    }
    table.routes = table.routes.filter((route) => route.destination !== destination);
  });
  return DONE;
});

export const describeRouteTables = read(({ query, view, viewTime, account }) => ({
  routeTableSet: select(query, {
    resources: Object.entries(view.routeTables),
    ids: query.list("RouteTableId"),
    notFound: ROUTE_TABLE,
    filters: {
      "route-table-id": ([id]) => [id],
      "vpc-id": ([, table]) => [table.vpcId],
      "association.main": ([, table]) => [String(table.main)],
      "association.subnet-id": ([, table]) => table.subnetIds,
      "route.destination-cidr-block": ([, table]) => table.routes.map((route) => route.destination),
    },
  }).map(([id, table]) => routeTableXml({ state: view, time: viewTime, account }, id, table)),
}));

function readRoute(
  state: AwsState,
  query: Query,
): { readonly table: RouteTable; readonly destination: string; readonly interfaceId: string } {
  const table = mustExist(state.routeTables, query.need("RouteTableId"), ROUTE_TABLE);
  const interfaceId = query.need("NetworkInterfaceId");
  mustExist(state.interfaces, interfaceId, INTERFACE);
  const destination = destinationOf(query);
  checkDestination(state, table.vpcId, destination);
  return { table, destination, interfaceId };
}

function destinationOf(query: Query): string {
  return canonicalCidr(query.get("DestinationIpv6CidrBlock") ?? query.need("DestinationCidrBlock"));
}

/** Inside the VPC a route more specific than `local` must be a whole subnet. */
function checkDestination(state: AwsState, vpcId: string, destination: string): void {
  const { cidrBlock, ipv6CidrBlock } = state.vpcs[vpcId] ?? {};
  const inside = [cidrBlock, ipv6CidrBlock].some((block) => block && cidrContains(block, destination));
  const subnets = Object.values(state.subnets).filter((subnet) => subnet.vpcId === vpcId);
  const wholeSubnet = subnets.some((subnet) =>
    [subnet.cidrBlock, subnet.ipv6CidrBlock].includes(destination),
  );
  if (inside && !wholeSubnet) {
    throw invalidParameter("Route destination doesn't match any subnet CIDR blocks.");
  }
}
