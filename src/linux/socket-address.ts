/** The kernel's socket addresses as bytes: the family in the machine's byte order, the rest as each family has it. */
import { type IpAddress, ipToBytes } from "../base/ip.ts";

export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_NETLINK = 16;
export const AF_PACKET = 17;

/** `struct sockaddr_in`, without a port. */
export function internetAddress(address: IpAddress): Uint8Array {
  const bytes = ofFamily(AF_INET, INTERNET_ADDRESS_LENGTH);
  bytes.set(ipToBytes(address), 4);
  return bytes;
}

/** Of `struct sockaddr_in`. */
export const INTERNET_ADDRESS_LENGTH = 16;

/** `struct sockaddr_ll`, without a hardware address: a raw frame carries its own. */
export function linkLayerAddress(interfaceIndex: number, etherType: number): Uint8Array {
  const bytes = ofFamily(AF_PACKET, LINK_LAYER_ADDRESS_LENGTH);
  bytes[2] = etherType >> 8;
  bytes[3] = etherType & 0xff;
  bytes.set(new Uint8Array(Int32Array.of(interfaceIndex).buffer), 4);
  return bytes;
}

/** Of `struct sockaddr_ll`. */
export const LINK_LAYER_ADDRESS_LENGTH = 20;

const PACKET_OUTGOING = 4;

/** Where a packet was seen, as a packet socket tells with it. */
export function readLinkLayerAddress(bytes: Uint8Array): { interfaceIndex: number; outgoing: boolean } {
  const [interfaceIndex = 0] = new Int32Array(bytes.slice(4, 8).buffer);
  return { interfaceIndex, outgoing: bytes[10] === PACKET_OUTGOING };
}

/** `struct sockaddr_nl`: the kernel as a destination, or an end of our own that hears these multicast groups. */
export function netlinkAddress(groups: readonly number[]): Uint8Array {
  const bytes = ofFamily(AF_NETLINK, 12);
  const mask = groups.reduce((bits, group) => bits | (1 << (group - 1)), 0);
  bytes.set(new Uint8Array(Int32Array.of(mask).buffer), 8);
  return bytes;
}

/** `struct sockaddr_un`. A leading `@` stands for the zero byte of an abstract address, which has no terminator. */
export function unixAddress(path: string): Uint8Array {
  const name = Buffer.from(path.startsWith("@") ? `\0${path.slice(1)}` : `${path}\0`);
  const bytes = ofFamily(AF_UNIX, 2 + name.length);
  bytes.set(name, 2);
  return bytes;
}

function ofFamily(family: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  bytes.set(new Uint8Array(Uint16Array.of(family).buffer));
  return bytes;
}
