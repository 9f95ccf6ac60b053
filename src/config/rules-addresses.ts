import type { IpAddress } from "../base/ip.ts";
import { configError, type Mistake } from "./mistake.ts";
import type { DocumentPath } from "./problem.ts";
import type { VirtualAddressDocument } from "./schema-addresses.ts";
import type { InstanceSketch } from "./sketch.ts";

type Instances = ReadonlyMap<string, InstanceSketch>;

/** One address of the file and where it stands. */
interface Mention {
  readonly instance: string;
  readonly option: string;
  readonly path: DocumentPath;
  readonly address: IpAddress;
}

/** Addresses and virtual router numbers that contradict each other, in one instance or between several. */
export function addressMistakes(instances: Instances): readonly Mistake[] {
  const sources = [...instances].flatMap(([name, instance]) => sourceMentions(name, instance));
  const peers = [...instances].flatMap(([name, instance]) => peerMentions(name, instance));
  const virtual = [...instances].flatMap(([name, instance]) => virtualMentions(name, instance));
  return [
    ...repeatedRouterIds(instances),
    ...ownPeers(sources, peers),
    ...repeatedPeers(peers),
    ...repeatedVirtual(virtual),
    ...virtualInUse(virtual, sources, peers),
  ];
}

/** A receiver tells instances apart by the address that an advert was sent to and its virtual router number. */
function repeatedRouterIds(instances: Instances): readonly Mistake[] {
  const seen = new Map<number, (readonly [string, InstanceSketch])[]>();
  return [...instances].flatMap(([name, instance]) => {
    const id = instance.virtual_router_id;
    if (id === undefined) return [];
    const namesakes = seen.get(id) ?? [];
    seen.set(id, [...namesakes, [name, instance]]);
    const clash = namesakes.find(([, other]) => shareAddress(instance, other));
    if (!clash) return [];
    const where = instance.unicast_src_ip
      ? `unicast_src_ip ${instance.unicast_src_ip}`
      : `interface ${instance.interface}`;
    return [
      configError(
        ["vrrp_instance", name, "virtual_router_id"],
        `${id} is used by ${clash[0]} too, on the same ${where}`,
        "write another number: one per group, the same on each of its nodes",
      ),
    ];
  });
}

/** Without unicast_src_ip the interface's first address is used, so the interface decides. */
function shareAddress(a: InstanceSketch, b: InstanceSketch): boolean {
  if (a.unicast_src_ip !== undefined && b.unicast_src_ip !== undefined)
    return a.unicast_src_ip === b.unicast_src_ip;
  return a.interface !== undefined && a.interface === b.interface;
}

function ownPeers(sources: readonly Mention[], peers: readonly Mention[]): readonly Mistake[] {
  const own = firstByAddress(sources);
  return peers.flatMap((peer) => {
    const source = own.get(peer.address);
    if (!source) return [];
    const whose = source.instance === peer.instance ? "" : ` of ${source.instance}`;
    const message = `${peer.address} is this node itself: it is the unicast_src_ip${whose}`;
    return [configError(peer.path, message, "remove it; list only the other nodes")];
  });
}

function repeatedPeers(peers: readonly Mention[]): readonly Mistake[] {
  const seen = new Set<string>();
  return peers.flatMap((peer) => {
    const key = JSON.stringify([peer.instance, peer.address]);
    if (!seen.has(key)) {
      seen.add(key);
      return [];
    }
    return [configError(peer.path, `${peer.address} is listed twice`, "remove one of the two")];
  });
}

function repeatedVirtual(virtual: readonly Mention[]): readonly Mistake[] {
  const first = firstByAddress(virtual);
  return virtual.flatMap((mention) => {
    const other = first.get(mention.address);
    if (!other || other === mention) return [];
    const message = `${mention.address} is listed in ${placeOf(other, mention)}`;
    return [
      configError(
        mention.path,
        message,
        "remove one of the two: an address belongs to one list of one instance",
      ),
    ];
  });
}

function placeOf(other: Mention, mention: Mention): string {
  if (other.instance !== mention.instance) return `${other.option} of ${other.instance} too`;
  return other.option === mention.option ? "it twice" : `${other.option} too`;
}

function virtualInUse(
  virtual: readonly Mention[],
  sources: readonly Mention[],
  peers: readonly Mention[],
): readonly Mistake[] {
  const used = firstByAddress([...sources, ...peers]);
  const fix = "write an address that moves between the nodes, not one that a node keeps";
  return virtual.flatMap((mention) => {
    const other = used.get(mention.address);
    return other
      ? [configError(mention.path, `${mention.address} is in ${placeOf(other, mention)}`, fix)]
      : [];
  });
}

function sourceMentions(instance: string, { unicast_src_ip: address }: InstanceSketch): readonly Mention[] {
  const option = "unicast_src_ip";
  return address === undefined
    ? []
    : [{ instance, option, path: ["vrrp_instance", instance, option], address }];
}

function peerMentions(instance: string, { unicast_peer: peers }: InstanceSketch): readonly Mention[] {
  const option = "unicast_peer";
  return (peers ?? []).flatMap((peer, index) =>
    peer
      ? [{ instance, option, path: ["vrrp_instance", instance, option, index], address: peer.address }]
      : [],
  );
}

function virtualMentions(instance: string, sketch: InstanceSketch): readonly Mention[] {
  return (["virtual_ipaddress", "virtual_ipaddress_excluded"] as const).flatMap((option) => {
    const list: readonly (VirtualAddressDocument | undefined)[] = sketch[option] ?? [];
    return list.flatMap((entry, index) => {
      const path = ["vrrp_instance", instance, option, index];
      return entry ? [{ instance, option, path, address: entry.address.address }] : [];
    });
  });
}

function firstByAddress(mentions: readonly Mention[]): ReadonlyMap<IpAddress, Mention> {
  const first = new Map<IpAddress, Mention>();
  for (const mention of mentions) {
    if (!first.has(mention.address)) first.set(mention.address, mention);
  }
  return first;
}
