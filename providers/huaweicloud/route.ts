/**
 * The VIP lies outside the VPC, and a route to it leads to the MASTER. Here the API moves the address, so a failover takes
 * as long as the slowest of the calls, one for each route table. Only tables that are named are touched.
 */

import { formatPrefix, hostPrefixLength, type IpAddress, parseIp } from "../../src/base/ip.ts";
import type { Obstacle, Owner, Ownership, Plan } from "../../src/provider/contract.ts";
import { ProviderError } from "../../src/provider/errors.ts";
import { allOf, type Mechanism, obstacleOf } from "./mechanism.ts";
import type { RouteOptions } from "./options.ts";
import type { OwnInterface, Self } from "./own-interface.ts";
import type { Port, Route, RouteTable, Vpc } from "./vpc.ts";

export class RouteMechanism implements Mechanism {
  readonly #vpc: Vpc;
  readonly #nic: OwnInterface;
  readonly #options: RouteOptions;
  readonly #nextHop: { readonly type: "ecs" | "eni"; readonly nexthop: string };

  constructor(vpc: Vpc, self: Self, nic: OwnInterface, options: RouteOptions) {
    this.#vpc = vpc;
    this.#nic = nic;
    this.#options = options;
    this.#nextHop = {
      type: options.next_hop,
      nexthop: options.next_hop === "ecs" ? self.serverId : self.portId,
    };
  }

  plan(vips: readonly IpAddress[]): Plan {
    const destination = vips.map(destinationOf);
    return {
      calls: this.#options.route_tables.map((table) => ({
        operation: "vpc:routeTables:update",
        parameters: {
          routetable: table,
          destination,
          type: this.#nextHop.type,
          nexthop: this.#nextHop.nexthop,
        },
      })),
    };
  }

  async claim(vips: readonly IpAddress[], signal: AbortSignal): Promise<void> {
    const steps = this.#options.route_tables.map((table) => this.#moveRoutes(table, vips, signal));
    if (this.#options.source_destination_check === "repair") {
      steps.push(this.#nic.uncheck(signal));
    }
    await allOf(steps, signal);
  }

  async owner(vips: readonly IpAddress[], signal: AbortSignal): Promise<readonly Ownership[]> {
    const tables = await Promise.all(
      this.#options.route_tables.map((table) => this.#vpc.showRouteTable(table, signal)),
    );
    return Promise.all(vips.map(async (vip) => ({ vip, owner: await this.#ownerOf(vip, tables, signal) })));
  }

  async obstacles(vips: readonly IpAddress[], signal: AbortSignal): Promise<readonly Obstacle[]> {
    const found = await Promise.all(
      this.#options.route_tables.map(async (id): Promise<readonly Obstacle[]> => {
        try {
          const table = await this.#vpc.showRouteTable(id, signal);
          return lacksRoom(table, vips) ? [fullTable(id)] : [];
        } catch (error) {
          signal.throwIfAborted();
          return [obstacleOf(error)];
        }
      }),
    );
    return found.flat();
  }

  async proveRight(_: Port, signal: AbortSignal): Promise<void> {
    const [table = ""] = this.#options.route_tables;
    const { id, name } = await this.#vpc.showRouteTable(table, signal);
    await this.#vpc.updateRouteTable(id, { name }, signal);
  }

  /** Writes first, because that is what a failover waits for; looks only when a route turns out to be missing. */
  async #moveRoutes(tableId: string, vips: readonly IpAddress[], signal: AbortSignal): Promise<void> {
    const routes = vips.map((vip): Route => ({ ...this.#nextHop, destination: destinationOf(vip) }));
    try {
      await this.#vpc.updateRouteTable(tableId, { routes: { mod: routes } }, signal);
    } catch (error) {
      if (!(error instanceof ProviderError && error.facts.kind === "not-found"))
        throw inTable(tableId, error);
      const table = await this.#vpc.showRouteTable(tableId, signal).catch((cause: unknown) => {
        throw inTable(tableId, cause);
      });
      const has = (route: Route) => table.routes.some((entry) => entry.destination === route.destination);
      const [mod, add] = [routes.filter(has), routes.filter((route) => !has(route))];
      await this.#vpc.updateRouteTable(tableId, { routes: { mod, add } }, signal).catch((cause: unknown) => {
        throw inTable(tableId, cause);
      });
    }
  }

  /** A VIP is ours when every table says so: a table that was missed still sends its subnets' traffic elsewhere. */
  async #ownerOf(vip: IpAddress, tables: readonly RouteTable[], signal: AbortSignal): Promise<Owner> {
    const routes = tables.map((table) =>
      table.routes.find((route) => route.destination === destinationOf(vip)),
    );
    const foreign = routes.find((route) => route !== undefined && route.nexthop !== this.#nextHop.nexthop);
    if (!foreign) return { kind: routes.includes(undefined) ? "nobody" : "mine", source: "api" };
    const addresses = await this.#addressesOf(foreign, signal);
    return { kind: "other", source: "api", holder: foreign.nexthop, addresses, stopped: false };
  }

  /** They tell which peer holds it. Without them the holder counts as a stranger, so failing to read them leaves the owner unknown. */
  async #addressesOf(route: Route, signal: AbortSignal): Promise<readonly IpAddress[]> {
    const ports =
      route.type === "ecs"
        ? await this.#vpc.listPorts({ device_id: route.nexthop }, signal)
        : route.type === "eni"
          ? [await this.#vpc.showPort(route.nexthop, signal)]
          : [];
    return ports.flatMap((port) => port.fixed_ips.flatMap(({ ip_address }) => parseIp(ip_address) ?? []));
  }
}

/** Documented quota of a table. */
const ROUTES_MAX = 200;

function destinationOf(vip: IpAddress): string {
  return formatPrefix({ address: vip, prefixLength: hostPrefixLength(vip) });
}

function lacksRoom(table: RouteTable, vips: readonly IpAddress[]): boolean {
  const destinations = new Set(table.routes.map((route) => route.destination));
  const missing = vips.filter((vip) => !destinations.has(destinationOf(vip)));
  return table.routes.length + missing.length > ROUTES_MAX;
}

function inTable(id: string, error: unknown): unknown {
  if (!(error instanceof ProviderError)) return error;
  return new ProviderError({
    ...error.facts,
    message: `route table ${id}: ${error.facts.message}`,
  });
}

function fullTable(id: string): Obstacle {
  return {
    code: "huaweicloud/route-limit",
    message: `the route table ${id} has no room for the VIPs: it holds at most ${ROUTES_MAX} routes`,
    hint: "Remove routes that are not needed.",
  };
}
