/** What we say and hear in rtnetlink(7), as far as links and addresses go. */
import { FlagsNew } from "netlink/dist/constants.js";
import * as rt from "netlink/dist/rt/structs.js";
import { AttrStream, getString, type NetlinkMessage, parseAttributes } from "netlink/dist/structs.js";
import { ipFamily, ipFromBytes, ipToBytes } from "../base/ip.ts";
import type { NetlinkRequest } from "./netlink-channel.ts";
import type { AddressEntry, Link } from "./network.ts";

export type RtnetlinkMessage =
  | { readonly kind: "link"; readonly link: Link }
  | { readonly kind: "link-gone"; readonly index: number }
  | { readonly kind: "address"; readonly entry: AddressEntry }
  | { readonly kind: "address-gone"; readonly entry: AddressEntry };

const AF_UNSPEC = 0;
const AF_INET = 2;
const AF_INET6 = 10;
const ETHERNET_ADDRESS_BYTES = 6;
const FOREVER = 0xffffffff;

const { NEWLINK, DELLINK, GETLINK, NEWADDR, DELADDR, GETADDR } = rt.MessageType;

/** The multicast groups that tell of links and addresses. */
export const LINK_AND_ADDRESS_GROUPS: readonly number[] = [
  rt.MulticastGroups.LINK,
  rt.MulticastGroups.IPV4_IFADDR,
  rt.MulticastGroups.IPV6_IFADDR,
];

/** The questions that, in this order, read everything. */
export const DUMPS: readonly NetlinkRequest[] = [
  { type: GETLINK, flags: 0, payload: rt.formatLink({ family: AF_UNSPEC }) },
  { type: GETADDR, flags: 0, payload: rt.formatAddress({ family: AF_UNSPEC }) },
];

/**
 * Adds an address as `ip address add` and keepalived do. IPv6 comes without duplicate address detection, which would hold it
 * back for a second, and a single IPv6 address as deprecated, so that it is not chosen as the source of other traffic.
 */
export function newAddressRequest(entry: AddressEntry): NetlinkRequest {
  const attributes: rt.AddressAttrs = bothAddresses(entry);
  if (ipFamily(entry.address) === 6) {
    attributes.flags = { nodad: true };
    if (entry.prefixLength === 128) attributes.cacheInfo = { ifaPrefered: 0, ifaValid: FOREVER };
  } else if (entry.label !== undefined) {
    attributes.label = entry.label;
  }
  return { type: NEWADDR, flags: FlagsNew.CREATE | FlagsNew.EXCL, payload: encode(entry, attributes) };
}

export function deleteAddressRequest(entry: AddressEntry): NetlinkRequest {
  return { type: DELADDR, flags: 0, payload: encode(entry, bothAddresses(entry)) };
}

/** Reads a message that tells of a link or an address; undefined for all others. */
export function readRtnetlink({ type, data }: NetlinkMessage): RtnetlinkMessage | undefined {
  if (type === NEWLINK || type === DELLINK) return readLink(type, Buffer.from(data));
  if (type === NEWADDR || type === DELADDR) return readAddress(type, Buffer.from(data));
  return undefined;
}

function readLink(type: number, payload: Buffer): RtnetlinkMessage | undefined {
  const { family, index = 0, flags = {} } = rt.parseLink(payload.subarray(0, rt.__LENGTH_Link));
  // A bridge tells of its ports in messages of its own family; a port that leaves the bridge is no link that is gone.
  if (family !== AF_UNSPEC) return undefined;
  if (type === DELLINK) return { kind: "link-gone", index };
  const attributes = attributesOf(payload.subarray(rt.__LENGTH_Link));
  const hardwareAddress = Uint8Array.from(attributes.get(IFLA_ADDRESS) ?? []);
  return {
    kind: "link",
    link: {
      index,
      name: getString(attributes.get(IFLA_IFNAME) ?? Buffer.alloc(1)),
      up: flags.up === true && flags.running === true,
      arp: !flags.noarp && !flags.loopback && hardwareAddress.length === ETHERNET_ADDRESS_BYTES,
      hardwareAddress,
    },
  };
}

function readAddress(type: number, payload: Buffer): RtnetlinkMessage | undefined {
  const { family, index = 0, prefixlen = 0 } = rt.parseAddress(payload.subarray(0, rt.__LENGTH_Address));
  if (family !== AF_INET && family !== AF_INET6) return undefined;
  const attributes = attributesOf(payload.subarray(rt.__LENGTH_Address));
  // On a point-to-point link IFA_ADDRESS is the other end; elsewhere both are the same, and IPv6 gives only that.
  const address = attributes.get(IFA_LOCAL) ?? attributes.get(IFA_ADDRESS);
  if (!address) return undefined;
  const label = attributes.get(IFA_LABEL);
  const entry = {
    interfaceIndex: index,
    address: ipFromBytes(address),
    prefixLength: prefixlen,
    label: label && getString(label),
  };
  return { kind: type === NEWADDR ? "address" : "address-gone", entry };
}

const IFLA_ADDRESS = 1;
const IFLA_IFNAME = 3;
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_LABEL = 3;

/** Only what we use is decoded: a newer kernel's idea of some other attribute must not make us blind to a link. */
function attributesOf(data: Buffer): Map<number, Buffer> {
  const attributes = new Map<number, Buffer>();
  parseAttributes(data, ({ type, data: value }) => attributes.set(type, Buffer.from(value)));
  return attributes;
}

function bothAddresses({ address }: AddressEntry): rt.AddressAttrs {
  const bytes = Buffer.from(ipToBytes(address));
  return { local: bytes, address: bytes };
}

function encode({ interfaceIndex, address, prefixLength }: AddressEntry, attrs: rt.AddressAttrs): Uint8Array {
  const stream = new AttrStream();
  const family = ipFamily(address) === 4 ? AF_INET : AF_INET6;
  const data = { family, prefixlen: prefixLength, index: interfaceIndex };
  rt.formatAddressMessage({ kind: "address", data, attrs }, stream);
  return Buffer.concat(stream.bufs);
}
