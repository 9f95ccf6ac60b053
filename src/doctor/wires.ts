import { type IpAddress, ipFamily, prefixContains } from "../base/ip.ts";
import type { InstanceConfig } from "../config/config.ts";
import type { AddressEntry, Link } from "../linux/network.ts";
import type { DoctorContext } from "./check.ts";
import type { NetworkView } from "./host.ts";

/** The way of one instance's adverts between this host and one peer. */
export interface Wire {
  readonly instance: InstanceConfig;
  readonly link: Link;
  readonly source: IpAddress;
  readonly peer: IpAddress;
  /** The peer is in a subnet of the interface, so that no router lies between. */
  readonly onLink: boolean;
}

/** One for each peer of each instance whose interface and source address are there; other checks report those that are not. */
export async function wiresOf({ config, host }: DoctorContext): Promise<readonly Wire[]> {
  const network = await host.network();
  return config.instances.flatMap((instance) => {
    const link = network.links.find(({ name }) => name === instance.interfaceName);
    const entries = link ? ipv4Entries(network, link) : [];
    const virtual = [...instance.virtualAddresses, ...instance.excludedAddresses].map(
      ({ address }) => address,
    );
    // As the agent chooses: a MASTER's virtual address may stand before its own.
    const own = entries.find(({ address }) => !virtual.includes(address));
    const source = instance.sourceAddress ?? own?.address;
    if (!link || source === undefined) return [];
    return instance.peers.map(({ address }) => ({
      instance,
      link,
      source,
      peer: address,
      onLink: entries.some((entry) => prefixContains(entry, address)),
    }));
  });
}

/** The IPv4 addresses of an interface, the primary one first. */
export function ipv4Entries({ addresses }: NetworkView, link: Link): readonly AddressEntry[] {
  return addresses.filter(
    ({ interfaceIndex, address }) => interfaceIndex === link.index && ipFamily(address) === 4,
  );
}
