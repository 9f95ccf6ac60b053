import { type IpAddress, ipToBytes } from "../base/ip.ts";

export const VRRP_PROTOCOL = 112;

/**
 * The two readings of "checksum" that VRRPv3 over IPv4 has in the field. RFC 5798 §5.2.8 prepends a pseudo-header, and
 * keepalived sends that form; RFC 9568 §5.2.8 clarifies that over IPv4 it is the VRRP message alone. VRRPv2 knows only
 * the latter, IPv6 only the former.
 */
export type ChecksumForm = "rfc5798" | "rfc9568";

/** Where a message travels: what the pseudo-header is made of. */
export interface Endpoints {
  readonly source: IpAddress;
  readonly destination: IpAddress;
}

/** RFC 1071: the ones-complement of the ones-complement sum of all 16-bit words, `start` being a partial sum. */
export function internetChecksum(bytes: Uint8Array, start = 0): number {
  return ~fold(sumWords(bytes, start)) & 0xffff;
}

/**
 * The checksum of a VRRP message whose own checksum field counts as zero. A message that carries a right checksum gives the
 * value that stands in it.
 */
export function vrrpChecksum(message: Uint8Array, form: ChecksumForm, endpoints: Endpoints): number {
  const start = form === "rfc5798" ? pseudoHeaderSum(endpoints, message.length) : 0;
  const carried = ((message[6] ?? 0) << 8) | (message[7] ?? 0);
  // Taking a word out of a ones-complement sum is adding its complement.
  return internetChecksum(message, start + (~carried & 0xffff));
}

/** RFC 8200 §8.1 (and its IPv4 counterpart): source, destination, length, protocol. */
function pseudoHeaderSum({ source, destination }: Endpoints, length: number): number {
  const addresses = sumWords(ipToBytes(destination), sumWords(ipToBytes(source), 0));
  return addresses + length + VRRP_PROTOCOL;
}

function sumWords(bytes: Uint8Array, start: number): number {
  let sum = start;
  for (let index = 0; index + 1 < bytes.length; index += 2) {
    sum += ((bytes[index] ?? 0) << 8) | (bytes[index + 1] ?? 0);
  }
  return bytes.length % 2 === 0 ? sum : sum + ((bytes.at(-1) ?? 0) << 8);
}

function fold(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  return folded;
}
