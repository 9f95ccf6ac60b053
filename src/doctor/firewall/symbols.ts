import { ADDRESS_TYPE, CT_STATE } from "./packet.ts";

/** IP protocol numbers by the names of /etc/protocols that filters use; any other name stays unreadable. */
export const PROTOCOLS: Readonly<Record<string, number>> = {
  icmp: 1,
  igmp: 2,
  ipencap: 4,
  tcp: 6,
  egp: 8,
  igp: 9,
  udp: 17,
  dccp: 33,
  ipv6: 41,
  "ipv6-route": 43,
  "ipv6-frag": 44,
  rsvp: 46,
  gre: 47,
  esp: 50,
  ah: 51,
  "ipv6-icmp": 58,
  icmpv6: 58,
  "ipv6-nonxt": 59,
  "ipv6-opts": 60,
  eigrp: 88,
  ospf: 89,
  ipip: 94,
  etherip: 97,
  encap: 98,
  pim: 103,
  ipcomp: 108,
  comp: 108,
  vrrp: 112,
  carp: 112,
  l2tp: 115,
  isis: 124,
  sctp: 132,
  udplite: 136,
  "mpls-in-ip": 137,
};

const CT_DIRECTION = { original: 0, reply: 1 };
const CT_STATUS = { expected: 1, "seen-reply": 2, assured: 4, confirmed: 8, snat: 16, dnat: 32, dying: 512 };
const PACKET_TYPE = { host: 0, unicast: 0, broadcast: 1, multicast: 2, other: 3 };
const NF_PROTO = { ipv4: 2, ipv6: 10 };
const ETHERTYPE = { ip: 0x0800, arp: 0x0806, ip6: 0x86dd, vlan: 0x8100 };
const DSCP = { cs0: 0, cs1: 8, cs2: 16, cs3: 24, cs4: 32, cs5: 40, cs6: 48, cs7: 56, ef: 46 };

/** Names that nft prints where it was not asked for numbers, or does so regardless; by field. */
const SYMBOLS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "ip protocol": PROTOCOLS,
  "meta l4proto": PROTOCOLS,
  "ct state": CT_STATE,
  "ct direction": CT_DIRECTION,
  "ct status": CT_STATUS,
  "meta pkttype": PACKET_TYPE,
  "meta nfproto": NF_PROTO,
  "meta protocol": ETHERTYPE,
  "ether type": ETHERTYPE,
  "ip dscp": DSCP,
  "fib saddr type": ADDRESS_TYPE,
  "fib daddr type": ADDRESS_TYPE,
  "fib daddr . iif type": ADDRESS_TYPE,
};

/** The number that a name stands for in a field, or that the text writes; undefined when it is neither. */
export function numberOf(field: string, text: string): number | undefined {
  const named = SYMBOLS[field];
  if (named && Object.hasOwn(named, text)) return named[text];
  return /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : undefined;
}
