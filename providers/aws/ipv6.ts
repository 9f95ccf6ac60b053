/**
 * IPv6 VIPs as addresses of a network interface. AWS cannot reassign them: the old interface must give an address up before
 * this one can take it, so between the two calls nobody has it.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { IpAddress } from "../../src/base/ip.ts";
import type { Obstacle, Ownership, PlannedCall } from "../../src/provider/contract.ts";
import { ProviderError } from "../../src/provider/errors.ts";
import { cloudCodeOf } from "./errors.ts";
import { inParallel } from "./in-parallel.ts";
import type { Mechanism, MechanismContext } from "./mechanism.ts";
import { obstaclesOf } from "./obstacles.ts";
import { ownersFrom } from "./owners.ts";
import { interfaceOwners, interfacesWith, outsideSubnet, tooManyAddresses } from "./private-addresses.ts";
import type { Proof } from "./proof.ts";
import { throwFailures } from "./several.ts";

const CALLS_AT_ONCE = 5;
/** An address that was given up may count as in use a little longer. */
const ROUNDS_MAX = 8;
const PAUSE_MS = 200;

export class Ipv6 implements Mechanism {
  readonly #context: MechanismContext;

  constructor(context: MechanismContext) {
    this.#context = context;
  }

  plan(vips: readonly IpAddress[]): readonly PlannedCall[] {
    const NetworkInterfaceId = this.#context.identity.networkInterfaceId;
    return [
      {
        operation: "ec2:UnassignIpv6Addresses",
        parameters: { NetworkInterfaceId: "the holder's", Ipv6Addresses: vips },
      },
      { operation: "ec2:AssignIpv6Addresses", parameters: { NetworkInterfaceId, Ipv6Addresses: vips } },
    ];
  }

  async claim(vips: readonly IpAddress[], signal: AbortSignal): Promise<void> {
    const failures = await inParallel(vips, CALLS_AT_ONCE, (vip) => this.#claimOne(vip, signal));
    signal.throwIfAborted();
    throwFailures(failures, { total: vips.length, name: (vip) => vip });
  }

  owner(vips: readonly IpAddress[], signal: AbortSignal): Promise<readonly Ownership[]> {
    const { metadata, identity } = this.#context;
    const api = interfaceOwners(this.#context, 6, vips, signal);
    const here = metadata.readLines(`${identity.metadataPath}ipv6s`, signal);
    return ownersFrom(vips, { api, here }, signal);
  }

  /** Neither call has a DryRun and neither can be made without effect, so the permission stays unproven. */
  obstacles(vips: readonly IpAddress[], signal: AbortSignal): Promise<readonly Obstacle[]> {
    const checks = [
      Promise.resolve(outsideSubnet(this.#context, vips)),
      tooManyAddresses(this.#context, 6, vips, signal),
    ];
    return obstaclesOf(checks, signal);
  }

  async permissions(): Promise<readonly Proof[]> {
    const why = "there is no DryRun for it, and no way to call it without effect";
    return ["ec2:AssignIpv6Addresses", "ec2:UnassignIpv6Addresses"].map((action) => ({
      ...{ action, why },
      verdict: "unproven",
    }));
  }

  async #claimOne(vip: IpAddress, signal: AbortSignal): Promise<void> {
    const { networkInterfaceId } = this.#context.identity;
    for (let round = 1; ; round++) {
      const refusal = await this.#assign(vip, signal);
      if (!refusal) return;
      const [holder] = await interfacesWith(this.#context, 6, [vip], signal);
      if (holder?.NetworkInterfaceId === networkInterfaceId) return;
      // Refused though nobody has it: the address itself is wrong, unless it was given up just now.
      if (round === ROUNDS_MAX || (!holder && refusal.facts.kind === "misconfigured" && round > 1))
        throw refusal;
      if (holder?.NetworkInterfaceId) await this.#unassign(holder.NetworkInterfaceId, vip, signal);
      if (round > 1 || !holder) await sleep(PAUSE_MS, undefined, { signal });
    }
  }

  /** Gives the refusal when the address is in use, which EC2 words with either code. */
  async #assign(vip: IpAddress, signal: AbortSignal): Promise<ProviderError | undefined> {
    const input = { NetworkInterfaceId: this.#context.identity.networkInterfaceId, Ipv6Addresses: [vip] };
    try {
      await this.#context.ec2.call(
        "AssignIpv6Addresses",
        (api, http) => api.assignIpv6Addresses(input, http),
        signal,
      );
      return undefined;
    } catch (error) {
      const inUse = ["InvalidIPAddress.InUse", "InvalidParameterValue"].includes(cloudCodeOf(error) ?? "");
      if (inUse && error instanceof ProviderError) return error;
      throw error;
    }
  }

  /** An address that is no longer there was given up by somebody else, which is as good. */
  async #unassign(interfaceId: string, vip: IpAddress, signal: AbortSignal): Promise<void> {
    const input = { NetworkInterfaceId: interfaceId, Ipv6Addresses: [vip] };
    try {
      await this.#context.ec2.call(
        "UnassignIpv6Addresses",
        (api, http) => api.unassignIpv6Addresses(input, http),
        signal,
      );
    } catch (error) {
      if (cloudCodeOf(error) !== "InvalidParameterValue") throw error;
    }
  }
}
