/** What the host's links and addresses mean for one instance. */
import { type IpAddress, ipFamily, parseIp, prefixContains } from "../base/ip.ts";
import type { InstanceConfig, PeerConfig, VirtualAddress } from "../config/config.ts";
import type { AddressEntry, Network, NetworkEvent } from "../linux/network.ts";
import type { AdmissionPolicy, TtlRange } from "../vrrp/admission.ts";
import { passwordBytes } from "../vrrp/advertisement.ts";
import type { Fault } from "../vrrp/state.ts";

/** The source of an instance without one: it is in FAULT until the interface has an address. */
export const NO_ADDRESS = parseIp("0.0.0.0") as IpAddress;

const MAX_TTL = 255;

/** `unicast_src_ip`, or else the first IPv4 address of the interface that is no VIP. */
export function sourceAddressOf(config: InstanceConfig, network: Network): IpAddress {
  if (config.sourceAddress) return config.sourceAddress;
  const index = network.link(config.interfaceName)?.index;
  const virtual = new Set(managedAddresses(config).map(({ address }) => address));
  const primary = network
    .addresses()
    .find(
      (entry) =>
        entry.interfaceIndex === index && ipFamily(entry.address) === 4 && !virtual.has(entry.address),
    );
  return primary?.address ?? NO_ADDRESS;
}

/** What keeps the instance from working, as the host is now. */
export function faultsOf(config: InstanceConfig, network: Network): Fault[] {
  const link = network.link(config.interfaceName);
  if (!link) return config.trackPrimary ? ["interface-missing"] : [];
  const faults: Fault[] = [];
  if (config.trackPrimary && !link.up) faults.push("interface-down");
  if (sourceMissing(config, network)) faults.push("source-address-missing");
  return faults;
}

/** Whether a change on the host can change faults or the source address; most changes are other instances' VIPs. */
export function concerns(event: NetworkEvent, config: InstanceConfig, network: Network): boolean {
  switch (event.kind) {
    case "link-changed":
    case "link-removed":
      return event.link.name === config.interfaceName;
    case "address-added":
    case "address-removed":
      return config.sourceAddress === undefined
        ? event.entry.interfaceIndex === network.link(config.interfaceName)?.index
        : event.entry.address === config.sourceAddress;
    case "resynchronised":
      return true;
  }
}

/** A BACKUP whose source address vanished is deaf, and would make itself MASTER. */
function sourceMissing(config: InstanceConfig, network: Network): boolean {
  const source = sourceAddressOf(config, network);
  if (source === NO_ADDRESS) return true;
  return config.trackSrcIp && !network.addresses().some((entry) => entry.address === source);
}

export function managedAddresses(config: InstanceConfig): readonly VirtualAddress[] {
  return [...config.virtualAddresses, ...config.excludedAddresses];
}

/** The entry that binding a VIP makes, or undefined while its interface is missing. */
export function entryOf(address: VirtualAddress, network: Network): AddressEntry | undefined {
  const link = network.link(address.interfaceName);
  return (
    link && {
      interfaceIndex: link.index,
      address: address.address,
      prefixLength: address.prefixLength,
      label: address.label,
    }
  );
}

export function admissionPolicyOf(
  config: InstanceConfig,
  source: IpAddress,
  network: Network,
): AdmissionPolicy {
  const { router } = config;
  return {
    version: router.version,
    virtualRouterId: router.virtualRouterId,
    advertInterval: router.advertInterval,
    addresses: config.virtualAddresses.map(({ address }) => address),
    peers: new Map(config.peers.map((peer) => [peer.address, ttlRangeOf(peer, source, network)])),
    checkSource: config.checkUnicastSrc,
    acceptChecksum: config.checksum.accept,
    password: config.authPass === undefined ? undefined : passwordBytes(config.authPass),
  };
}

/** 255 proves a neighbour (RFC 9568 §5.1.1.3); across a router nobody can ask for it. */
function ttlRangeOf(peer: PeerConfig, source: IpAddress, network: Network): TtlRange {
  const neighbour = network
    .addresses()
    .some((entry) => entry.address === source && prefixContains(entry, peer.address));
  return { min: peer.minTtl ?? (neighbour ? MAX_TTL : 0), max: peer.maxTtl ?? MAX_TTL };
}
