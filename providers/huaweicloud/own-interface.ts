import { type IpAddress, ipFamily, parseIp } from "../../src/base/ip.ts";
import type { Obstacle } from "../../src/provider/contract.ts";
import { ProviderError } from "../../src/provider/errors.ts";
import type { ServerMetadata } from "./metadata.ts";
import { isChecked, pairsUnchecked } from "./pairs.ts";
import type { Port, Vpc } from "./vpc.ts";

/** This server and its interface, as the metadata service tells. */
export interface Self {
  readonly serverId: string;
  readonly portId: string;
  /** `subnet.id` of the v1 API. */
  readonly networkId: string;
}

/**
 * Finds the interface with this MAC address.
 *
 * @throws {ProviderError} when none has it, or more than one
 */
export function selfFrom(server: ServerMetadata, hardwareAddress: string, interfaceName: string): Self {
  const links = server.links.filter((link) => link.mac === hardwareAddress.toLowerCase());
  const [link] = links;
  if (link?.networkId !== undefined && links.length === 1) {
    return { serverId: server.serverId, portId: link.portId, networkId: link.networkId };
  }
  const known = server.links.map((entry) => entry.mac).join(", ") || "none";
  throw new ProviderError({
    kind: "misconfigured",
    operation: "metadata network_data.json",
    message: `${links.length} interfaces of this server have the MAC address ${hardwareAddress} of ${interfaceName}; it knows ${known}`,
    hint: "Name a network interface that the cloud attached to this server, not a bridge, bond or tunnel over it.",
  });
}

/** The own network interface in the cloud: its addresses, and its source/destination check. */
export class OwnInterface {
  readonly #vpc: Vpc;
  readonly #self: Self;
  readonly #sourceAddress: IpAddress;
  #addresses: readonly IpAddress[] | undefined;

  constructor(vpc: Vpc, self: Self, sourceAddress: IpAddress) {
    this.#vpc = vpc;
    this.#self = self;
    this.#sourceAddress = sourceAddress;
  }

  async read(signal: AbortSignal): Promise<Port> {
    const nic = await this.#vpc.showPort(this.#self.portId, signal);
    this.#addresses = nic.fixed_ips.flatMap(({ ip_address }) => parseIp(ip_address) ?? []);
    return nic;
  }

  /**
   * The address by which a virtual IP is bound to this interface: the source of the adverts if the cloud knows it, else the
   * first one of the virtual IP's family. Asks the cloud only if it was never asked.
   *
   * @throws {ProviderError} when the interface has no address of that family
   */
  async addressFor(vip: IpAddress, signal: AbortSignal): Promise<IpAddress> {
    if (!this.#addresses) await this.read(signal);
    const usable = (this.#addresses ?? []).filter((address) => ipFamily(address) === ipFamily(vip));
    const address = usable.find((candidate) => candidate === this.#sourceAddress) ?? usable[0];
    if (address) return address;
    throw new ProviderError({
      kind: "misconfigured",
      operation: "vpc:ports:get",
      message: `the network interface ${this.#self.portId} has no IPv${ipFamily(vip)} address to bind ${vip} to`,
      hint: "Give the network interface an address of that family, or remove the virtual address.",
    });
  }

  /** Switches the source/destination check off where it is on. */
  async uncheck(signal: AbortSignal): Promise<void> {
    const nic = await this.read(signal);
    const pairs = pairsUnchecked(nic);
    if (pairs) await this.#vpc.updatePort(nic.id, { allowed_address_pairs: pairs }, signal);
  }

  obstacles(nic: Port): readonly Obstacle[] {
    const obstacles: Obstacle[] = [];
    if (isChecked(nic)) {
      obstacles.push({
        code: "huaweicloud/source-destination-check",
        message: `the source/destination check of the network interface ${nic.id} is on: it drops the VIP's packets`,
        hint: "Switch it off in the console (ECS, network interfaces), or bind the virtual IP there, which does it too.",
      });
    }
    if (!nic.fixed_ips.some(({ ip_address }) => ip_address === this.#sourceAddress)) {
      obstacles.push({
        code: "huaweicloud/foreign-source-address",
        message: `${this.#sourceAddress}, the source of our adverts, is no address of the network interface ${nic.id}`,
        hint: "Use the interface's own address as unicast_src_ip.",
      });
    }
    return obstacles;
  }
}
