/**
 * IPv4 VIPs as secondary private addresses of a network interface: one call moves them all from the old interface to this
 * one, with the Elastic IPs on them. They must lie in the interface's subnet, which is in one zone.
 */
import type { IpAddress } from "../../src/base/ip.ts";
import type { Obstacle, Ownership, PlannedCall } from "../../src/provider/contract.ts";
import { ProviderError } from "../../src/provider/errors.ts";
import { inParallel } from "./in-parallel.ts";
import type { Mechanism, MechanismContext } from "./mechanism.ts";
import { obstaclesOf } from "./obstacles.ts";
import { ownersFrom } from "./owners.ts";
import { interfaceOwners, interfacesWith, outsideSubnet, tooManyAddresses } from "./private-addresses.ts";
import { throwFailures } from "./several.ts";

/** Only used to find the address for which a whole call failed; kept below the rate of the API's smallest bucket. */
const SINGLE_CALLS_AT_ONCE = 5;

export class SecondaryIp implements Mechanism {
  readonly #context: MechanismContext;

  constructor(context: MechanismContext) {
    this.#context = context;
  }

  plan(vips: readonly IpAddress[]): readonly PlannedCall[] {
    const NetworkInterfaceId = this.#context.identity.networkInterfaceId;
    const parameters = { NetworkInterfaceId, PrivateIpAddresses: vips, AllowReassignment: "true" };
    return [{ operation: "ec2:AssignPrivateIpAddresses", parameters }];
  }

  async claim(vips: readonly IpAddress[], signal: AbortSignal): Promise<void> {
    try {
      await this.#assign(vips, signal);
    } catch (error) {
      const refused = error instanceof ProviderError && error.facts.kind === "misconfigured";
      if (!refused || vips.length === 1) throw error;
      await this.#claimOneByOne(vips, signal);
    }
  }

  owner(vips: readonly IpAddress[], signal: AbortSignal): Promise<readonly Ownership[]> {
    const { metadata, identity } = this.#context;
    const api = interfaceOwners(this.#context, 4, vips, signal);
    const here = metadata.readLines(`${identity.metadataPath}local-ipv4s`, signal);
    return ownersFrom(vips, { api, here }, signal);
  }

  obstacles(vips: readonly IpAddress[], signal: AbortSignal): Promise<readonly Obstacle[]> {
    const checks = [
      Promise.resolve(outsideSubnet(this.#context, vips)),
      tooManyAddresses(this.#context, 4, vips, signal),
      this.#primaries(vips, signal),
      this.#permission(signal),
    ];
    return obstaclesOf(checks, signal);
  }

  /** All or nothing: the API refuses the whole call for one bad address. */
  async #assign(vips: readonly IpAddress[], signal: AbortSignal): Promise<void> {
    const input = {
      NetworkInterfaceId: this.#context.identity.networkInterfaceId,
      PrivateIpAddresses: [...vips],
      AllowReassignment: true,
    };
    await this.#context.ec2.call(
      "AssignPrivateIpAddresses",
      (api, http) => api.assignPrivateIpAddresses(input, http),
      signal,
    );
  }

  /** So that one bad address keeps no other from moving, and the error names it. */
  async #claimOneByOne(vips: readonly IpAddress[], signal: AbortSignal): Promise<void> {
    const failures = await inParallel(vips, SINGLE_CALLS_AT_ONCE, (vip) => this.#assign([vip], signal));
    signal.throwIfAborted();
    throwFailures(failures, { total: vips.length, name: (vip) => vip });
  }

  async #primaries(vips: readonly IpAddress[], signal: AbortSignal): Promise<readonly Obstacle[]> {
    const holders = await interfacesWith(this.#context, 4, vips, signal);
    return holders.flatMap((holder) => {
      const primary = vips.find((vip) => vip === holder.PrivateIpAddress);
      if (!primary) return [];
      const message = `${primary} is the primary address of ${holder.NetworkInterfaceId}, which cannot move`;
      return [{ code: "aws/vip-is-primary", message, hint: "Take a VIP that is no server's own address." }];
    });
  }

  /**
   * The call has no DryRun. Asked for the address that this interface has as its primary, without reassignment, it can
   * change nothing; only a missing permission is of interest, any other refusal is not.
   */
  async #permission(signal: AbortSignal): Promise<readonly Obstacle[]> {
    const { ec2, identity } = this.#context;
    if (!identity.primaryAddress) return [];
    const input = {
      NetworkInterfaceId: identity.networkInterfaceId,
      PrivateIpAddresses: [identity.primaryAddress],
    };
    try {
      await ec2.call(
        "AssignPrivateIpAddresses",
        (api, http) => api.assignPrivateIpAddresses(input, http),
        signal,
      );
    } catch (error) {
      if (!(error instanceof ProviderError) || error.facts.kind !== "misconfigured") throw error;
    }
    return [];
  }
}
