/** Elastic IPs as VIPs: each is associated with a private address of this node. They reach across the zones of a region. */
import type { Address } from "@aws-sdk/client-ec2";
import { type IpAddress, parseIp } from "../../src/base/ip.ts";
import type { Obstacle, Owner, Ownership, PlannedCall } from "../../src/provider/contract.ts";
import { ProviderError } from "../../src/provider/errors.ts";
import { inParallel } from "./in-parallel.ts";
import { describeInterfaces, describeOwnInterface } from "./interfaces.ts";
import type { Mechanism, MechanismContext } from "./mechanism.ts";
import { obstaclesOf } from "./obstacles.ts";
import type { OptionsOf } from "./options.ts";
import { addressesOf, otherOwner, ownersFrom } from "./owners.ts";
import { dryRun, type Proof, permissionObstacles } from "./proof.ts";
import { throwFailures } from "./several.ts";

const CALLS_AT_ONCE = 10;

export class ElasticIp implements Mechanism {
  readonly #context: MechanismContext;
  /** The private address that each VIP goes to; the interface's primary one where none is listed. */
  readonly #targets: ReadonlyMap<IpAddress | undefined, IpAddress | undefined>;
  /** Allocation ids do not change, and a failover has no time to look them up. */
  readonly #allocations = new Map<IpAddress, string>();

  constructor(context: MechanismContext, options: OptionsOf<"elastic-ip">) {
    this.#context = context;
    this.#targets = new Map(
      Object.entries(options.private_addresses).map(([vip, target]) => [parseIp(vip), parseIp(target)]),
    );
  }

  plan(vips: readonly IpAddress[]): readonly PlannedCall[] {
    const { networkInterfaceId } = this.#context.identity;
    return vips.map((vip) => ({
      operation: "ec2:AssociateAddress",
      parameters: {
        AllocationId: this.#allocations.get(vip) ?? `the allocation of ${vip}`,
        NetworkInterfaceId: networkInterfaceId,
        PrivateIpAddress: this.#targetOf(vip) ?? "the primary address",
        AllowReassociation: "true",
      },
    }));
  }

  async claim(vips: readonly IpAddress[], signal: AbortSignal): Promise<void> {
    if (vips.some((vip) => !this.#allocations.has(vip))) await this.#describe(vips, signal);
    const failures = await inParallel(vips, CALLS_AT_ONCE, (vip) => this.#associate(vip, signal));
    signal.throwIfAborted();
    throwFailures(failures, { total: vips.length, name: (vip) => vip });
  }

  owner(vips: readonly IpAddress[], signal: AbortSignal): Promise<readonly Ownership[]> {
    const { metadata, identity } = this.#context;
    const here = metadata.readLines(`${identity.metadataPath}public-ipv4s`, signal);
    return ownersFrom(vips, { api: this.#ownersByApi(vips, signal), here }, signal);
  }

  obstacles(vips: readonly IpAddress[], signal: AbortSignal): Promise<readonly Obstacle[]> {
    const checks = [
      Promise.resolve(this.#sharedTargets(vips)),
      this.#missingTargets(vips, signal),
      permissionObstacles(this.permissions(vips, signal)),
    ];
    return obstaclesOf(checks, signal);
  }

  async permissions(vips: readonly IpAddress[], signal: AbortSignal): Promise<readonly Proof[]> {
    await this.#describe(vips, signal);
    const { ec2, identity } = this.#context;
    return Promise.all(
      vips.map((vip) => {
        const input = {
          AllocationId: this.#allocationOf(vip),
          NetworkInterfaceId: identity.networkInterfaceId,
          DryRun: true,
        };
        return dryRun(ec2, "AssociateAddress", (api, http) => api.associateAddress(input, http), signal);
      }),
    );
  }

  #targetOf(vip: IpAddress): IpAddress | undefined {
    return this.#targets.get(vip) ?? this.#context.identity.primaryAddress;
  }

  async #associate(vip: IpAddress, signal: AbortSignal): Promise<void> {
    const input = {
      AllocationId: this.#allocationOf(vip),
      NetworkInterfaceId: this.#context.identity.networkInterfaceId,
      PrivateIpAddress: this.#targetOf(vip),
      AllowReassociation: true,
    };
    await this.#context.ec2.call(
      "AssociateAddress",
      (api, http) => api.associateAddress(input, http),
      signal,
    );
  }

  #allocationOf(vip: IpAddress): string {
    const allocation = this.#allocations.get(vip);
    if (allocation) return allocation;
    throw new ProviderError({
      kind: "not-found",
      operation: "ec2:DescribeAddresses",
      message: `${vip} is no Elastic IP of this account in ${this.#context.identity.region}`,
      hint: "With the mechanism `elastic-ip` the VIPs are Elastic IPs; allocate it, or correct the address.",
    });
  }

  async #describe(vips: readonly IpAddress[], signal: AbortSignal): Promise<readonly Address[]> {
    const Filters = [{ Name: "public-ip", Values: [...vips] }];
    const { Addresses = [] } = await this.#context.ec2.call(
      "DescribeAddresses",
      (api, http) => api.describeAddresses({ Filters }, http),
      signal,
    );
    for (const { PublicIp = "", AllocationId } of Addresses) {
      const vip = parseIp(PublicIp);
      if (vip && AllocationId) this.#allocations.set(vip, AllocationId);
    }
    return Addresses;
  }

  async #ownersByApi(vips: readonly IpAddress[], signal: AbortSignal): Promise<readonly Owner[]> {
    const addresses = await this.#describe(vips, signal);
    return Promise.all(
      vips.map((vip) => {
        const address = addresses.find((one) => one.PublicIp === vip);
        return this.#ownerOf(vip, address, vips, signal);
      }),
    );
  }

  async #ownerOf(
    vip: IpAddress,
    address: Address | undefined,
    vips: readonly IpAddress[],
    signal: AbortSignal,
  ): Promise<Owner> {
    const { ec2, identity } = this.#context;
    if (!address) return { kind: "unknown", why: `${vip} is no Elastic IP of this account and region` };
    const interfaceId = address.NetworkInterfaceId;
    if (!interfaceId) return { kind: "nobody", source: "api" };
    if (interfaceId !== identity.networkInterfaceId) {
      const [holder] = await describeInterfaces(ec2, { "network-interface-id": [interfaceId] }, signal);
      return otherOwner(this.#context, holder ?? { NetworkInterfaceId: interfaceId }, vips, signal);
    }
    // On another address of this interface it is as good as nobody's: a claim puts that right.
    const kind = address.PrivateIpAddress === this.#targetOf(vip) ? "mine" : "nobody";
    return { kind, source: "api" };
  }

  #sharedTargets(vips: readonly IpAddress[]): readonly Obstacle[] {
    const targets = vips.map((vip) => this.#targetOf(vip));
    const shared = targets.find((target, index) => targets.indexOf(target) !== index);
    if (!shared) return [];
    const message = `several Elastic IPs are to go to ${shared}, which can have one`;
    const hint = "Give this node a private address for each, and list them in `private_addresses`.";
    return [{ code: "aws/private-address-shared", message, hint }];
  }

  async #missingTargets(vips: readonly IpAddress[], signal: AbortSignal): Promise<readonly Obstacle[]> {
    const { ec2, identity } = this.#context;
    const here = addressesOf(await describeOwnInterface(ec2, identity, signal));
    const missing = vips
      .map((vip) => this.#targetOf(vip))
      .filter((target) => target && !here.includes(target));
    return missing.map((target) => ({
      code: "aws/private-address-missing",
      message: `${target}, where an Elastic IP is to go, is not an address of ${identity.networkInterfaceId}`,
      hint: "Assign it to the interface, or correct `private_addresses`.",
    }));
  }
}
