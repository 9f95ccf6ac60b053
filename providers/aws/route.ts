/**
 * VIPs outside the VPC, to which route tables lead: the one mechanism by which a private address crosses zones. Each server
 * must have its source/destination check off, because the VIP is none of its interface's addresses.
 */
import type { Route, RouteTable } from "@aws-sdk/client-ec2";
import {
  formatPrefix,
  hostPrefixLength,
  type IpAddress,
  ipFamily,
  prefixContains,
} from "../../src/base/ip.ts";
import type { Obstacle, Owner, Ownership, PlannedCall } from "../../src/provider/contract.ts";
import { ProviderError } from "../../src/provider/errors.ts";
import { cloudCodeOf } from "./errors.ts";
import { inParallel } from "./in-parallel.ts";
import { describeInterfaces, describeOwnInterface } from "./interfaces.ts";
import type { Mechanism, MechanismContext } from "./mechanism.ts";
import { obstaclesOf } from "./obstacles.ts";
import type { OptionsOf } from "./options.ts";
import { otherOwner, ownersFrom } from "./owners.ts";
import { dryRun, type Proof, permissionObstacles } from "./proof.ts";
import { throwFailures } from "./several.ts";

/** No call changes two tables. So many go out at once that twenty tables take hardly longer than one. */
const CALLS_AT_ONCE = 20;

interface RouteKey {
  readonly table: string;
  readonly vip: IpAddress;
}

export class RouteMechanism implements Mechanism {
  readonly #context: MechanismContext;
  readonly #tables: readonly string[];

  constructor(context: MechanismContext, options: OptionsOf<"route">) {
    this.#context = context;
    this.#tables = options.route_tables;
  }

  plan(vips: readonly IpAddress[]): readonly PlannedCall[] {
    return this.#routes(vips).map((route) => ({
      operation: "ec2:ReplaceRoute",
      parameters: this.#input(route),
    }));
  }

  async claim(vips: readonly IpAddress[], signal: AbortSignal): Promise<void> {
    const routes = this.#routes(vips);
    const failures = await inParallel(routes, CALLS_AT_ONCE, (route) => this.#lead(route, signal));
    signal.throwIfAborted();
    throwFailures(failures, {
      total: routes.length,
      name: ({ table, vip }) => (vips.length === 1 ? table : `${vip} in ${table}`),
    });
  }

  /** Metadata know nothing of routes. */
  owner(vips: readonly IpAddress[], signal: AbortSignal): Promise<readonly Ownership[]> {
    return ownersFrom(vips, { api: this.#ownersByApi(vips, signal) }, signal);
  }

  obstacles(vips: readonly IpAddress[], signal: AbortSignal): Promise<readonly Obstacle[]> {
    const checks = [
      Promise.resolve(this.#insideVpc(vips)),
      this.#sourceDestCheck(signal),
      permissionObstacles(this.permissions(vips, signal)),
    ];
    return obstaclesOf(checks, signal);
  }

  /** Permission is given by table, so one VIP speaks for all; creating is needed only where a route is missing. */
  async permissions(vips: readonly IpAddress[], signal: AbortSignal): Promise<readonly Proof[]> {
    const { ec2 } = this.#context;
    const tables = await this.#describeTables(signal);
    const routes = this.#routes(vips);
    const missing = routes.filter(({ table, vip }) => {
      const described = tables.find((one) => one.RouteTableId === table);
      return described && !routeTo(described, vip);
    });
    const replaces = routes.filter(({ vip }) => vip === vips[0]);
    return Promise.all([
      ...replaces.map((key) => {
        const input = { ...this.#input(key), DryRun: true };
        return dryRun(ec2, "ReplaceRoute", (api, http) => api.replaceRoute(input, http), signal);
      }),
      ...missing.map((key) => {
        const input = { ...this.#input(key), DryRun: true };
        return dryRun(ec2, "CreateRoute", (api, http) => api.createRoute(input, http), signal);
      }),
    ]);
  }

  #routes(vips: readonly IpAddress[]): readonly RouteKey[] {
    return vips.flatMap((vip) => this.#tables.map((table) => ({ table, vip })));
  }

  #input({ table, vip }: RouteKey) {
    const destination = cidrOf(vip);
    return {
      RouteTableId: table,
      NetworkInterfaceId: this.#context.identity.networkInterfaceId,
      ...(ipFamily(vip) === 4
        ? { DestinationCidrBlock: destination }
        : { DestinationIpv6CidrBlock: destination }),
    };
  }

  /** Replaces the route, creates it if there is none, and replaces it after all if somebody else was quicker. */
  async #lead(route: RouteKey, signal: AbortSignal): Promise<void> {
    try {
      await this.#replace(route, signal);
    } catch (error) {
      if (!isMissingRoute(error)) throw error;
      await this.#create(route, signal).catch((refusal: unknown) => {
        if (cloudCodeOf(refusal) !== "RouteAlreadyExists") throw refusal;
        return this.#replace(route, signal);
      });
    }
  }

  async #replace(route: RouteKey, signal: AbortSignal): Promise<void> {
    const input = this.#input(route);
    await this.#context.ec2.call("ReplaceRoute", (api, http) => api.replaceRoute(input, http), signal);
  }

  async #create(route: RouteKey, signal: AbortSignal): Promise<void> {
    const input = this.#input(route);
    await this.#context.ec2.call("CreateRoute", (api, http) => api.createRoute(input, http), signal);
  }

  async #describeTables(signal: AbortSignal): Promise<readonly RouteTable[]> {
    const input = { RouteTableIds: [...this.#tables] };
    const { RouteTables } = await this.#context.ec2.call(
      "DescribeRouteTables",
      (api, http) => api.describeRouteTables(input, http),
      signal,
    );
    return RouteTables ?? [];
  }

  async #ownersByApi(vips: readonly IpAddress[], signal: AbortSignal): Promise<readonly Owner[]> {
    const tables = await this.#describeTables(signal);
    return Promise.all(vips.map((vip) => this.#ownerOf(vip, tables, vips, signal)));
  }

  /** One table that leads elsewhere is enough: clients behind it do not reach this node. */
  async #ownerOf(
    vip: IpAddress,
    tables: readonly RouteTable[],
    vips: readonly IpAddress[],
    signal: AbortSignal,
  ): Promise<Owner> {
    const routes = tables.map((table) => routeTo(table, vip));
    const { networkInterfaceId } = this.#context.identity;
    const elsewhere = routes.find((route) => route && route.NetworkInterfaceId !== networkInterfaceId);
    if (elsewhere) return this.#holderOf(elsewhere, vips, signal);
    return { kind: routes.includes(undefined) ? "nobody" : "mine", source: "api" };
  }

  async #holderOf(route: Route, vips: readonly IpAddress[], signal: AbortSignal): Promise<Owner> {
    const { NetworkInterfaceId: id, GatewayId, State } = route;
    const unreachable = State === "blackhole";
    const gone: Owner = {
      kind: "other",
      source: "api",
      holder: id ?? GatewayId ?? "another target",
      addresses: [],
      stopped: unreachable,
    };
    if (id === undefined) return gone;
    const [holder] = await describeInterfaces(this.#context.ec2, { "network-interface-id": [id] }, signal);
    if (!holder) return gone;
    const owner = await otherOwner(this.#context, holder, vips, signal);
    return owner.kind === "other" ? { ...owner, stopped: owner.stopped || unreachable } : owner;
  }

  #insideVpc(vips: readonly IpAddress[]): readonly Obstacle[] {
    const { vpcBlocks, vpcId } = this.#context.identity;
    return vips
      .filter((vip) => vpcBlocks.some((block) => prefixContains(block, vip)))
      .map((vip) => ({
        code: "aws/vip-inside-vpc",
        message: `${vip} is inside the VPC ${vpcId}, where a route to one address is refused`,
        hint: "Take a VIP outside every block of the VPC, or the mechanism `secondary-ip`.",
      }));
  }

  async #sourceDestCheck(signal: AbortSignal): Promise<readonly Obstacle[]> {
    const { ec2, identity } = this.#context;
    const own = await describeOwnInterface(ec2, identity, signal);
    if (own.SourceDestCheck !== true) return [];
    const id = identity.networkInterfaceId;
    const message = `${id} checks source and destination, so it drops what is sent to a routed VIP`;
    const command = `aws ec2 modify-network-interface-attribute --network-interface-id ${id} --no-source-dest-check`;
    return [{ code: "aws/source-dest-check", message, hint: `Run: ${command}` }];
  }
}

/** The route of this address alone, as a route table names it. */
export function cidrOf(vip: IpAddress): string {
  return formatPrefix({ address: vip, prefixLength: hostPrefixLength(vip) });
}

export function routeTo(table: RouteTable, vip: IpAddress): Route | undefined {
  const destination = cidrOf(vip);
  return table.Routes?.find((route) =>
    [route.DestinationCidrBlock, route.DestinationIpv6CidrBlock].includes(destination),
  );
}

/** EC2 has no code of its own for it. */
function isMissingRoute(error: unknown): boolean {
  const missing = error instanceof ProviderError && /no route (defined|with)/i.test(error.facts.message);
  return missing || cloudCodeOf(error) === "InvalidRoute.NotFound";
}
