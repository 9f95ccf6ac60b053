import { type IpAddress, ipFamily } from "../base/ip.ts";
import type { Config, InstanceConfig, VirtualAddress } from "./config.ts";
import { configError, configWarning, type Mistake } from "./mistake.ts";
import type { DocumentPath } from "./problem.ts";

/** What a host says of itself; `Network` of the linux folder answers with more than this. */
export interface HostView {
  readonly links: readonly { readonly index: number; readonly name: string }[];
  /** In the kernel's order: an interface's primary address comes first. */
  readonly addresses: readonly {
    readonly interfaceIndex: number;
    readonly address: IpAddress;
    readonly prefixLength: number;
  }[];
}

/**
 * What only the host can tell of a file that is sound by itself: interfaces that are missing, a peer that is this node,
 * a virtual address that the host owns anyway. Give the mistakes their lines with `locateMistakes`.
 */
export function checkAgainstHost(config: Config, host: HostView): readonly Mistake[] {
  return config.instances.flatMap((instance) => {
    const base: DocumentPath = ["vrrp_instance", instance.name];
    return [
      ...interfaceMistakes(instance, host, { base, dynamic: config.dynamicInterfaces }),
      ...sourceMistakes(instance, host, base),
      ...peerMistakes(instance, host, base),
      ...virtualMistakes(instance, host, base),
    ];
  });
}

/** What a missing interface means, and what to do about it, when it may not and when it may arrive later. */
function interfaceMistakes(
  instance: InstanceConfig,
  host: HostView,
  { base, dynamic }: { readonly base: DocumentPath; readonly dynamic: boolean },
): readonly Mistake[] {
  const isMissing = (name: string) => !host.links.some((link) => link.name === name);
  const known = host.links.filter((link) => link.name !== "lo").map((link) => link.name);
  const others = known.length === 0 ? "" : `write one of ${known.join(", ")}`;
  const report = (name: string, path: DocumentPath, meanwhile: string): Mistake => {
    const message = `there is no interface ${name} on this host`;
    if (dynamic) {
      return configWarning(path, `${message}; ${meanwhile}`, `attach it${others && `, or ${others}`}`);
    }
    const fix = others || "add a network interface to this host";
    return configError(path, message, `${fix}, or dynamic_interfaces in global_defs if it arrives later`);
  };
  const own = instance.interfaceName;
  const waiting = instance.trackPrimary
    ? "the instance waits in FAULT until it appears"
    : "the instance has nothing to send from until it appears";
  return [
    ...(isMissing(own) ? [report(own, [...base, "interface"], waiting)] : []),
    ...listedAddresses(instance, base).flatMap(({ entry: { address, interfaceName }, path }) =>
      interfaceName !== own && isMissing(interfaceName)
        ? [report(interfaceName, [...path, "dev"], `${address} is bound when it appears`)]
        : [],
    ),
  ];
}

function sourceMistakes(instance: InstanceConfig, host: HostView, base: DocumentPath): readonly Mistake[] {
  const link = host.links.find(({ name }) => name === instance.interfaceName);
  if (!link) return [];
  const path = [...base, "unicast_src_ip"];
  const source = instance.sourceAddress;
  const fault = instance.trackSrcIp ? "; the instance stays in FAULT until it appears" : "";
  if (source === undefined) {
    if (ipv4Of(host, link.index).length > 0) return [];
    const message = `${instance.interfaceName} has no IPv4 address to send adverts from; the instance stays in FAULT until it has one`;
    return [
      configWarning(
        [...base, "interface"],
        message,
        `give ${instance.interfaceName} an address, or write another interface`,
      ),
    ];
  }
  if (host.addresses.some(({ address }) => address === source)) return [];
  const own = ipv4Of(host, link.index);
  const fix =
    own.length === 0
      ? "add it to the interface"
      : `write an address of ${instance.interfaceName}: ${own.join(", ")}`;
  return [configWarning(path, `${source} is not an address of this host${fault}`, fix)];
}

function peerMistakes(instance: InstanceConfig, host: HostView, base: DocumentPath): readonly Mistake[] {
  return instance.peers.flatMap(({ address }, index) => {
    const entry = host.addresses.find((candidate) => candidate.address === address);
    if (!entry) return [];
    const link = host.links.find(({ index: linkIndex }) => linkIndex === entry.interfaceIndex);
    const message = `${address} is this node itself: an address of ${link?.name ?? "this host"}`;
    return [configError([...base, "unicast_peer", index], message, "remove it; list only the other nodes")];
  });
}

/** An address that a crash left behind is no mistake: it has the prefix length of the file and is not the primary one. */
function virtualMistakes(instance: InstanceConfig, host: HostView, base: DocumentPath): readonly Mistake[] {
  return listedAddresses(instance, base).flatMap(({ entry, path }) => {
    const link = host.links.find(({ name }) => name === entry.interfaceName);
    const primary = host.addresses.find(
      ({ interfaceIndex, address }) => interfaceIndex === link?.index && ipFamily(address) === 4,
    );
    if (!link || primary?.address !== entry.address) return [];
    if (link.name !== instance.interfaceName && primary.prefixLength === entry.prefixLength) return [];
    const message = `${entry.address} is the primary address of ${link.name}, which this node would lose as BACKUP`;
    return [
      configError(path, message, "write an address that moves between the nodes, not one that a node keeps"),
    ];
  });
}

interface Listed {
  readonly entry: VirtualAddress;
  readonly path: DocumentPath;
}

function listedAddresses(instance: InstanceConfig, base: DocumentPath): readonly Listed[] {
  const list = (entries: readonly VirtualAddress[], option: string) =>
    entries.map((entry, index) => ({ entry, path: [...base, option, index] }));
  return [
    ...list(instance.virtualAddresses, "virtual_ipaddress"),
    ...list(instance.excludedAddresses, "virtual_ipaddress_excluded"),
  ];
}

function ipv4Of(host: HostView, interfaceIndex: number): readonly IpAddress[] {
  return host.addresses
    .filter((entry) => entry.interfaceIndex === interfaceIndex && ipFamily(entry.address) === 4)
    .map(({ address }) => address);
}
