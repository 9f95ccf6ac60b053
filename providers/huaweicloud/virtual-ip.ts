/**
 * The usual mechanism: the VIP is a virtual IP of the subnet, bound to the network interface of every node, and gratuitous
 * ARP moves it among them. The API is asked whether the binding is as it should be, and repairs it; no failover waits for
 * that. The exception is `exclusive`, where the MASTER binds the virtual IP to itself alone.
 *
 * For a shared binding `mine` therefore means "the cloud lets me have it", which can be true of several nodes at once;
 * `nobody` means that something here needs repair, and `other` never occurs.
 */
import { messageOf } from "../../src/base/errors.ts";
import { type IpAddress, parseIp } from "../../src/base/ip.ts";
import type { Obstacle, Owner, Ownership, Plan, PlannedCall } from "../../src/provider/contract.ts";
import { ProviderError } from "../../src/provider/errors.ts";
import { allOf, type Mechanism, obstacleOf } from "./mechanism.ts";
import type { VirtualIpOptions } from "./options.ts";
import type { OwnInterface, Self } from "./own-interface.ts";
import { bindsAlone, isBound, isChecked, pairsWithOwn, VIP_DEVICE_OWNER } from "./pairs.ts";
import { eipElsewhere, notBound, noVirtualIp } from "./vip-obstacles.ts";
import type { Port, Vpc } from "./vpc.ts";

type VipPorts = ReadonlyMap<IpAddress, Port>;

export class VirtualIpMechanism implements Mechanism {
  readonly #vpc: Vpc;
  readonly #self: Self;
  readonly #nic: OwnInterface;
  readonly #options: VirtualIpOptions;
  /** The EIPs by virtual IP, in canonical spelling. */
  readonly #eips: ReadonlyMap<string, string>;
  /** Of the last look at the subnet. An exclusive claim needs only the ids, which do not change. */
  #lastSeen: VipPorts = new Map();

  constructor(vpc: Vpc, self: Self, nic: OwnInterface, options: VirtualIpOptions) {
    this.#vpc = vpc;
    this.#self = self;
    this.#nic = nic;
    this.#options = options;
    this.#eips = new Map(
      Object.entries(options.eips).map(([address, eip]) => [parseIp(address) ?? address, eip]),
    );
  }

  plan(vips: readonly IpAddress[]): Plan {
    const pairs = this.#options.exclusive ? "this interface alone" : "this interface too, if it is missing";
    const binds = vips.map((vip): PlannedCall => {
      const port = this.#lastSeen.get(vip)?.id ?? `the virtual IP ${vip}`;
      return { operation: "vpc:ports:update", parameters: { port, allowed_address_pairs: pairs } };
    });
    const eips = vips.flatMap((vip): PlannedCall[] => {
      const publicip = this.#eips.get(vip);
      if (publicip === undefined) return [];
      return [
        {
          operation: "vpc:publicIps:update",
          parameters: { publicip, port: `the virtual IP ${vip}, if unbound` },
        },
      ];
    });
    const parameters = { port: this.#self.portId, allowed_address_pairs: "1.1.1.1/0 too, if it is missing" };
    const uncheck = this.#repairsCheck() ? [{ operation: "vpc:ports:update", parameters }] : [];
    return { calls: [...binds, ...eips, ...uncheck] };
  }

  async claim(vips: readonly IpAddress[], signal: AbortSignal): Promise<void> {
    const steps = this.#options.exclusive
      ? vips.map((vip) => this.#bindAlone(vip, signal))
      : [this.#bindAll(vips, signal)];
    if (this.#repairsCheck()) steps.push(this.#nic.uncheck(signal));
    for (const vip of vips) steps.push(this.#bindEip(vip, signal));
    await allOf(steps, signal);
  }

  async owner(vips: readonly IpAddress[], signal: AbortSignal): Promise<readonly Ownership[]> {
    const [nic, ports] = await Promise.all([this.#nic.read(signal), this.#look(signal)]);
    return Promise.all(
      vips.map(async (vip) => ({ vip, owner: await this.#ownerOf(vip, nic, ports, signal) })),
    );
  }

  async obstacles(vips: readonly IpAddress[], signal: AbortSignal): Promise<readonly Obstacle[]> {
    const ports = await this.#look(signal);
    const found = await Promise.all(vips.map((vip) => this.#obstaclesOf(vip, ports, signal)));
    return found.flat();
  }

  async proveRight(nic: Port, signal: AbortSignal): Promise<void> {
    await this.#vpc.updatePort(nic.id, { name: nic.name }, signal);
  }

  #repairsCheck(): boolean {
    return this.#options.source_destination_check === "repair";
  }

  async #bindAll(vips: readonly IpAddress[], signal: AbortSignal): Promise<void> {
    const ports = await this.#look(signal);
    const steps = vips.map(async (vip) => {
      const port = await this.#portIn(ports, vip, signal);
      const pairs = pairsWithOwn(port, await this.#nic.addressFor(vip, signal));
      if (pairs) await this.#vpc.updatePort(port.id, { allowed_address_pairs: pairs }, signal);
    });
    await allOf(steps, signal);
  }

  /** Writes without looking first: a failover waits for it, and what is replaced does not matter. */
  async #bindAlone(vip: IpAddress, signal: AbortSignal): Promise<void> {
    const change = { allowed_address_pairs: [{ ip_address: await this.#nic.addressFor(vip, signal) }] };
    const known = this.#lastSeen.get(vip);
    try {
      const port = known ?? (await this.#portIn(await this.#look(signal), vip, signal));
      await this.#vpc.updatePort(port.id, change, signal);
    } catch (error) {
      if (!known || !(error instanceof ProviderError && error.facts.kind === "not-found")) throw error;
      // The port was deleted since; perhaps somebody made it anew.
      const port = await this.#portIn(await this.#look(signal), vip, signal);
      await this.#vpc.updatePort(port.id, change, signal);
    }
  }

  /** An EIP that somebody bound elsewhere is a decision of theirs: it is reported, and never taken away. */
  async #bindEip(vip: IpAddress, signal: AbortSignal): Promise<void> {
    const eip = this.#eips.get(vip);
    if (eip === undefined) return;
    const { port_id } = await this.#vpc.showPublicIp(eip, signal);
    if (port_id) return;
    const port = await this.#portIn(await this.#look(signal), vip, signal);
    await this.#vpc.bindPublicIp(eip, port.id, signal);
  }

  async #ownerOf(vip: IpAddress, nic: Port, ports: VipPorts, signal: AbortSignal): Promise<Owner> {
    try {
      const port = await this.#portIn(ports, vip, signal);
      const holder = this.#holderOf(port, await this.#nic.addressFor(vip, signal));
      if (holder.kind !== "mine") return holder;
      const unusable = isChecked(nic) && this.#repairsCheck();
      return unusable || (await this.#lacksEip(vip, signal)) ? { kind: "nobody", source: "api" } : holder;
    } catch (error) {
      signal.throwIfAborted();
      return { kind: "unknown", why: messageOf(error) };
    }
  }

  #holderOf(port: Port, own: IpAddress): Owner {
    if (!this.#options.exclusive) return { kind: isBound(port, own) ? "mine" : "nobody", source: "api" };
    if (bindsAlone(port, own)) return { kind: "mine", source: "api" };
    const others = port.allowed_address_pairs.flatMap((pair) => parseIp(pair.ip_address) ?? []);
    const [holder] = others;
    // Bound to us and to others is a fence that is not up yet, and nobody's.
    if (holder === undefined || isBound(port, own)) return { kind: "nobody", source: "api" };
    return { kind: "other", source: "api", holder, addresses: others, stopped: false };
  }

  async #lacksEip(vip: IpAddress, signal: AbortSignal): Promise<boolean> {
    const eip = this.#eips.get(vip);
    return eip !== undefined && !(await this.#vpc.showPublicIp(eip, signal)).port_id;
  }

  async #obstaclesOf(vip: IpAddress, ports: VipPorts, signal: AbortSignal): Promise<readonly Obstacle[]> {
    try {
      const port = await this.#portIn(ports, vip, signal);
      const own = await this.#nic.addressFor(vip, signal);
      const binding = this.#options.exclusive || isBound(port, own) ? [] : [notBound(vip, port, own)];
      const eip = this.#eips.get(vip);
      const publicIp = eip === undefined ? undefined : await this.#vpc.showPublicIp(eip, signal);
      const elsewhere = publicIp?.port_id && publicIp.port_id !== port.id;
      return elsewhere ? [...binding, eipElsewhere(vip, port, publicIp)] : binding;
    } catch (error) {
      signal.throwIfAborted();
      return [obstacleOf(error)];
    }
  }

  /** All virtual IPs of the subnet in one call, however many are ours. */
  async #look(signal: AbortSignal): Promise<VipPorts> {
    const filter = { network_id: this.#self.networkId, device_owner: VIP_DEVICE_OWNER };
    const ports = await this.#vpc.listPorts(filter, signal);
    const byAddress = ports.flatMap((port) =>
      port.fixed_ips.flatMap(({ ip_address }): [IpAddress, Port][] => {
        const address = parseIp(ip_address);
        return address ? [[address, port]] : [];
      }),
    );
    this.#lastSeen = new Map(byAddress);
    return this.#lastSeen;
  }

  /** @throws {ProviderError} that tells whether the address is free or something else has it */
  async #portIn(ports: VipPorts, vip: IpAddress, signal: AbortSignal): Promise<Port> {
    const port = ports.get(vip);
    if (port) return port;
    const filter = { network_id: this.#self.networkId, fixed_ips: `ip_address=${vip}` };
    const [holder] = await this.#vpc.listPorts(filter, signal);
    throw noVirtualIp(vip, this.#self, holder);
  }
}
