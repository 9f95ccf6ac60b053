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
import { type Proof, permissionObstacles, refused } from "./proof.ts";
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
      permissionObstacles(this.permissions(vips, signal)),
    ];
    return obstaclesOf(checks, signal);
  }

  async permissions(_vips: readonly IpAddress[], signal: AbortSignal): Promise<readonly Proof[]> {
    return [await this.#permission(signal)];
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
   * The call has no DryRun. An address that this interface has already can be assigned to it again without effect, which proves
   * the right. Its primary address is refused for what it is, so that only a missing right shows. Without reassignment
   * neither can take an address from elsewhere.
   */
  async #permission(signal: AbortSignal): Promise<Proof> {
    const { ec2, identity, metadata } = this.#context;
    const action = "ec2:AssignPrivateIpAddresses";
    const path = `${identity.metadataPath}local-ipv4s`;
    const [, secondary] = await metadata.readLines(path, signal).catch(() => []);
    const address = secondary ?? identity.primaryAddress;
    if (!address) return { action, verdict: "unproven", why: "the interface has no address to try it with" };
    const input = { NetworkInterfaceId: identity.networkInterfaceId, PrivateIpAddresses: [address] };
    try {
      await ec2.call(
        "AssignPrivateIpAddresses",
        (api, http) => api.assignPrivateIpAddresses(input, http),
        signal,
      );
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ProviderError) || error.facts.kind !== "misconfigured")
        return refused(action, error);
      const why = `there is no DryRun, and ${identity.networkInterfaceId} has no second address to assign again; nothing was refused for want of the right`;
      return { action, verdict: "unproven", why };
    }
    return { action, verdict: "granted", why: `by assigning ${address} again to where it is` };
  }
}
