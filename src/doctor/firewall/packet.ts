import { type IpAddress, ipToBytes } from "../../base/ip.ts";

/** The value of a field; absent when a packet of VRRP over IPv4 has no such thing, so that no rule that asks for it matches. */
export type FieldValue =
  | { readonly kind: "known"; readonly value: number | string }
  | { readonly kind: "absent" }
  | { readonly kind: "unknown" };

/** A packet on its way through the filters, by nft's field names. A field that is not in the map is unknown. */
export type Packet = ReadonlyMap<string, FieldValue>;

export const ABSENT: FieldValue = { kind: "absent" };
export const UNKNOWN: FieldValue = { kind: "unknown" };

export function known(value: number | string): FieldValue {
  return { kind: "known", value };
}

/** Connection tracking states, as bits (enum ip_conntrack_info, NF_CT_STATE_BIT). Invalid is also what no tracking looks like. */
export const CT_STATE = { invalid: 1, established: 2, related: 4, new: 8, untracked: 64 } as const;

/**
 * Of enum ip_conntrack_status, the bits that are certainly clear on a packet that opens a connection, unless a rule translates
 * its addresses: expected, seen-reply, assured, snat, dnat, dying.
 */
export const CT_STATUS_CLEAR = 0x01 | 0x02 | 0x04 | 0x10 | 0x20 | 0x200;

export const VRRP_PROTOCOL = 112;
const AF_INET = 2;
const ETHERTYPE_IPV4 = 0x0800;
/** RTN_UNICAST and RTN_LOCAL: what routing says of an address. */
export const ADDRESS_TYPE = { unicast: 1, local: 2, broadcast: 3, anycast: 4, multicast: 5 } as const;
/** Network control (CS6), as cloudvip and keepalived mark their adverts. */
const DSCP_CS6 = 48;

/** Headers that a VRRP packet over IPv4 has not; nft leaves out the match on the protocol that such a rule begins with. */
const FOREIGN_HEADERS = new Set(
  "tcp udp udplite icmp icmpv6 igmp sctp dccp ah esp comp gre ip6 arp vlan exthdr".split(" "),
);

/** One advert's way: from the peer to this host, or from this host to the peer. */
export interface Advert {
  readonly direction: "in" | "out";
  readonly interfaceName: string;
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** Undefined where routers may lie between. */
  readonly ttl: number | undefined;
  /** Of the IP packet, in bytes; undefined when the peer's adverts may be longer or shorter. */
  readonly length: number | undefined;
  /** The interface through which this host would answer `source`; undefined when nobody asked. */
  readonly reverseInterface?: string | undefined;
  /** Source translation to the interface's first address would change nothing. */
  readonly sourceIsPrimary?: boolean;
}

/** How a field stands in `packet`. */
export function fieldOf(packet: Packet, name: string): FieldValue {
  const value = packet.get(name);
  if (value) return value;
  return FOREIGN_HEADERS.has(name.split(" ", 1)[0] ?? "") ? ABSENT : UNKNOWN;
}

export function withField(packet: Packet, name: string, value: FieldValue): Packet {
  return new Map(packet).set(name, value);
}

/** What is true of either packet. */
export function joinPackets(a: Packet, b: Packet): Packet {
  if (a === b) return a;
  const joined = new Map<string, FieldValue>();
  for (const name of new Set([...a.keys(), ...b.keys()])) {
    const [left, right] = [fieldOf(a, name), fieldOf(b, name)];
    joined.set(name, sameValue(left, right) ? left : UNKNOWN);
  }
  return joined;
}

/** The advert as its sender, or the wire, hands it to this host's filters. */
export function packetOf(advert: Advert): Packet {
  const { direction, ttl, length } = advert;
  const fields: Record<string, FieldValue> = {
    "ip saddr": known(ipv4Number(advert.source)),
    "ip daddr": known(ipv4Number(advert.destination)),
    "ip protocol": known(VRRP_PROTOCOL),
    "ip version": known(4),
    "ip hdrlength": known(5),
    "ip dscp": known(DSCP_CS6),
    "ip ecn": known(0),
    "ip frag-off": known(0),
    "meta l4proto": known(VRRP_PROTOCOL),
    "meta nfproto": known(AF_INET),
    "meta protocol": known(ETHERTYPE_IPV4),
    "meta mark": known(0),
    "ct state": known(CT_STATE.invalid),
    "ct mark": ABSENT,
    "ct status": ABSENT,
    "ct direction": ABSENT,
    ...(ttl !== undefined && { "ip ttl": known(ttl) }),
    ...(length !== undefined && { "ip length": known(length), "meta length": known(length) }),
    ...(direction === "in" ? incoming(advert) : outgoing(advert)),
  };
  return new Map(Object.entries(fields));
}

function incoming({ interfaceName, reverseInterface }: Advert): Record<string, FieldValue> {
  const answeredHere = known(reverseInterface === interfaceName ? 1 : 0);
  return {
    "meta iif": known(interfaceName),
    "meta iifname": known(interfaceName),
    "meta oif": known(""),
    "meta oifname": known(""),
    "meta pkttype": known(0),
    "meta skuid": ABSENT,
    "meta skgid": ABSENT,
    "fib saddr type": known(ADDRESS_TYPE.unicast),
    "fib daddr type": known(ADDRESS_TYPE.local),
    "fib daddr . iif type": known(ADDRESS_TYPE.local),
    ...(reverseInterface !== undefined && { "fib saddr . iif oif": answeredHere }),
  };
}

function outgoing({ interfaceName, sourceIsPrimary }: Advert): Record<string, FieldValue> {
  return {
    "meta iif": known(""),
    "meta iifname": known(""),
    "meta oif": known(interfaceName),
    "meta oifname": known(interfaceName),
    "fib saddr type": known(ADDRESS_TYPE.local),
    "fib daddr type": known(ADDRESS_TYPE.unicast),
    ...(sourceIsPrimary !== undefined && { "masquerade changes": known(sourceIsPrimary ? 0 : 1) }),
  };
}

/** An IPv4 address as an unsigned number. */
export function ipv4Number(address: IpAddress): number {
  return ipToBytes(address).reduce((number, byte) => number * 256 + byte, 0);
}

function sameValue(a: FieldValue, b: FieldValue): boolean {
  if (a.kind === "known" && b.kind === "known") return a.value === b.value;
  return a.kind === b.kind;
}
