import {
  formatPrefix,
  type IpPrefix,
  ipFromBytes,
  ipToBytes,
  parsePrefix,
  prefixContains,
} from "../../../src/base/ip.ts";
import { invalidParameter } from "./aws-error.ts";

/** Reads a CIDR block; the bits behind the prefix are cleared, as EC2 does. */
export function cidr(text: string): IpPrefix {
  const prefix = text.includes("/") ? parsePrefix(text) : undefined;
  if (!prefix) throw invalidParameter(`Value (${text}) for parameter cidrBlock is invalid.`);
  const bytes = ipToBytes(prefix.address).map((byte, index) => {
    const bits = Math.min(8, Math.max(0, prefix.prefixLength - index * 8));
    return byte & (0xff << (8 - bits));
  });
  return { address: ipFromBytes(bytes), prefixLength: prefix.prefixLength };
}

export function canonicalCidr(text: string): string {
  return formatPrefix(cidr(text));
}

/** Whether `inner` lies in `outer` wholly. */
export function cidrContains(outer: string, inner: string): boolean {
  const [outerPrefix, innerPrefix] = [cidr(outer), cidr(inner)];
  return (
    innerPrefix.prefixLength >= outerPrefix.prefixLength && prefixContains(outerPrefix, innerPrefix.address)
  );
}

/** EC2 keeps the first four addresses of a subnet and the last one for itself. */
export function isReserved(subnetCidr: string, address: string): boolean {
  const prefix = cidr(subnetCidr);
  const offset = numberOf(ipToBytes(cidr(`${address}/32`).address)) - numberOf(ipToBytes(prefix.address));
  return offset < 4 || offset === 2 ** (32 - prefix.prefixLength) - 1;
}

function numberOf(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}
