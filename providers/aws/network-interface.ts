/**
 * A whole network interface as the carrier of the VIPs: detached from the old server, attached to this one. The slowest
 * mechanism, seconds to tens of seconds, and the system here must configure a new interface when it arrives.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { NetworkInterface, NetworkInterfaceAttachment } from "@aws-sdk/client-ec2";
import type { IpAddress } from "../../src/base/ip.ts";
import type { Obstacle, Owner, Ownership, PlannedCall } from "../../src/provider/contract.ts";
import { ProviderError } from "../../src/provider/errors.ts";
import type { Send } from "./ec2.ts";
import { describeInterfaces } from "./interfaces.ts";
import type { Mechanism, MechanismContext } from "./mechanism.ts";
import { obstaclesOf } from "./obstacles.ts";
import type { OptionsOf } from "./options.ts";
import { addressesOf, otherOwner, ownersFrom } from "./owners.ts";
import { dryRun, type Proof, permissionObstacles } from "./proof.ts";

/** Well below the rate of filtered Describe calls, which is about twenty in a second. */
const POLL_MS = 250;
/** A detachment or an attachment that takes longer does not come about. */
const WAIT_MAX_MS = 45_000;

export class NetworkInterfaceMechanism implements Mechanism {
  readonly #context: MechanismContext;
  readonly #options: OptionsOf<"network-interface">;

  constructor(context: MechanismContext, options: OptionsOf<"network-interface">) {
    this.#context = context;
    this.#options = options;
  }

  plan(): readonly PlannedCall[] {
    const { network_interface, device_index } = this.#options;
    return [
      {
        operation: "ec2:DetachNetworkInterface",
        parameters: { AttachmentId: `that of ${network_interface}` },
      },
      {
        operation: "ec2:AttachNetworkInterface",
        parameters: {
          NetworkInterfaceId: network_interface,
          InstanceId: this.#context.identity.instanceId,
          DeviceIndex: device_index.toString(),
        },
      },
    ];
  }

  async claim(_vips: readonly IpAddress[], signal: AbortSignal): Promise<void> {
    const found = await this.#describe(signal);
    const status = found.Attachment?.Status;
    if (!this.#isHere(found) || status === "detaching") {
      if (found.Attachment) await this.#detach(found.Attachment, signal);
      await this.#attach(signal);
    }
    if (status === "attached" && this.#isHere(found)) return;
    const arrived = await this.#waitFor((one) => one.Attachment?.Status === "attached", WAIT_MAX_MS, signal);
    if (!arrived) throw this.#stuck("attached");
  }

  owner(vips: readonly IpAddress[], signal: AbortSignal): Promise<readonly Ownership[]> {
    return ownersFrom(vips, { api: this.#ownersByApi(vips, signal) }, signal);
  }

  obstacles(vips: readonly IpAddress[], signal: AbortSignal): Promise<readonly Obstacle[]> {
    const permissions = permissionObstacles(this.permissions(vips, signal));
    return obstaclesOf([this.#state(vips, signal), permissions], signal);
  }

  async permissions(_vips: readonly IpAddress[], signal: AbortSignal): Promise<readonly Proof[]> {
    const { ec2 } = this.#context;
    const { Attachment } = await this.#describe(signal);
    const attach = { ...this.#attachInput(), DryRun: true };
    const detach = { AttachmentId: Attachment?.AttachmentId, DryRun: true };
    const proofs = [
      dryRun(ec2, "AttachNetworkInterface", (api, http) => api.attachNetworkInterface(attach, http), signal),
    ];
    if (Attachment) {
      const send: Send<unknown> = (api, http) => api.detachNetworkInterface(detach, http);
      proofs.push(dryRun(ec2, "DetachNetworkInterface", send, signal));
    }
    return Promise.all(proofs);
  }

  #isHere({ Attachment }: NetworkInterface): boolean {
    return Attachment?.InstanceId === this.#context.identity.instanceId;
  }

  /** @throws {ProviderError} `not-found` */
  async #describe(signal: AbortSignal): Promise<NetworkInterface> {
    const id = this.#options.network_interface;
    const [found] = await describeInterfaces(this.#context.ec2, { "network-interface-id": [id] }, signal);
    if (found) return found;
    throw new ProviderError({
      kind: "not-found",
      operation: "ec2:DescribeNetworkInterfaces",
      message: `there is no network interface ${id} in ${this.#context.identity.region}`,
      hint: "Correct `network_interface`.",
    });
  }

  /** Ends when the interface is free; by force when the old server takes too long, as a dead one does. */
  async #detach(attachment: NetworkInterfaceAttachment, signal: AbortSignal): Promise<void> {
    if (attachment.Status !== "detaching") await this.#askToDetach(attachment, false, signal);
    const patience = this.#options.force_detach_after * 1000 || WAIT_MAX_MS;
    const isFree = (one: NetworkInterface) => one.Attachment === undefined;
    if (await this.#waitFor(isFree, patience, signal)) return;
    if (this.#options.force_detach_after > 0) {
      this.#context.log("warn", `detaching ${this.#options.network_interface} by force`, {
        from: attachment.InstanceId,
      });
      await this.#askToDetach(attachment, true, signal);
      if (await this.#waitFor(isFree, WAIT_MAX_MS, signal)) return;
    }
    throw this.#stuck("detached");
  }

  async #askToDetach(
    { AttachmentId }: NetworkInterfaceAttachment,
    Force: boolean,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#context.ec2.call(
      "DetachNetworkInterface",
      (api, http) => api.detachNetworkInterface({ AttachmentId, Force }, http),
      signal,
    );
  }

  async #attach(signal: AbortSignal): Promise<void> {
    const input = this.#attachInput();
    await this.#context.ec2.call(
      "AttachNetworkInterface",
      (api, http) => api.attachNetworkInterface(input, http),
      signal,
    );
  }

  #attachInput() {
    const { network_interface, device_index } = this.#options;
    const { instanceId } = this.#context.identity;
    return { NetworkInterfaceId: network_interface, InstanceId: instanceId, DeviceIndex: device_index };
  }

  /** False when it did not come about in time. */
  async #waitFor(
    condition: (one: NetworkInterface) => boolean,
    patienceMs: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    const start = performance.now();
    while (!condition(await this.#describe(signal))) {
      if (performance.now() - start > patienceMs) return false;
      await sleep(POLL_MS, undefined, { signal });
    }
    return true;
  }

  #stuck(what: string): ProviderError {
    return new ProviderError({
      kind: "conflict",
      operation: "ec2:DescribeNetworkInterfaces",
      message: `${this.#options.network_interface} is not ${what} after ${WAIT_MAX_MS / 1000} s`,
      hint: "Look at the interface's attachment in the EC2 console.",
    });
  }

  async #ownersByApi(vips: readonly IpAddress[], signal: AbortSignal): Promise<readonly Owner[]> {
    const found = await this.#describe(signal);
    const carried = addressesOf(found);
    const owner = await this.#ownerOf(found, vips, signal);
    const why = `${this.#options.network_interface} does not have this address`;
    return vips.map((vip) => (carried.includes(vip) ? owner : { kind: "unknown", why }));
  }

  async #ownerOf(found: NetworkInterface, vips: readonly IpAddress[], signal: AbortSignal): Promise<Owner> {
    const { Attachment: attachment } = found;
    if (!attachment) return { kind: "nobody", source: "api" };
    if (this.#isHere(found)) {
      if (attachment.Status === "attached") return { kind: "mine", source: "api" };
      return { kind: "unknown", why: `the interface is ${attachment.Status} here` };
    }
    const owner = await otherOwner(this.#context, found, vips, signal);
    const instance = { "attachment.instance-id": [attachment.InstanceId ?? ""] };
    const all = await describeInterfaces(this.#context.ec2, instance, signal);
    const others = all.filter((one) => one.NetworkInterfaceId !== found.NetworkInterfaceId);
    return owner.kind === "other" ? { ...owner, addresses: others.flatMap(addressesOf) } : owner;
  }

  async #state(vips: readonly IpAddress[], signal: AbortSignal): Promise<readonly Obstacle[]> {
    const found = await this.#describe(signal);
    const { identity } = this.#context;
    const id = this.#options.network_interface;
    const obstacles: Obstacle[] = addressesMissing(found, vips).map((vip) => ({
      code: "aws/vip-not-on-interface",
      message: `${vip} is no address of ${id}, so it does not move with it`,
      hint: "Take addresses of the interface as VIPs, or assign them to it.",
    }));
    if (found.AvailabilityZone !== identity.zone) {
      const message = `${id} is in ${found.AvailabilityZone}, this server in ${identity.zone}`;
      const hint = "Keep both servers in the interface's zone, or take the mechanism `route`.";
      obstacles.push({ code: "aws/other-zone", message, hint });
    }
    if (found.Attachment?.DeviceIndex === 0) {
      const message = `${id} is the primary interface of ${found.Attachment.InstanceId}, which cannot be detached`;
      obstacles.push({
        code: "aws/interface-is-primary",
        message,
        hint: "Create an interface for the VIPs.",
      });
    }
    return obstacles;
  }
}

/** The VIPs that the interface does not have. */
export function addressesMissing(found: NetworkInterface, vips: readonly IpAddress[]): readonly IpAddress[] {
  const carried = addressesOf(found);
  return vips.filter((vip) => !carried.includes(vip));
}
