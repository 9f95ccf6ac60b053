import { type IpAddress, ipFromBytes, ipToBytes } from "../base/ip.ts";
import { VRRP_PROTOCOL } from "./checksum.ts";
import type { Refusal } from "./refusal.ts";

const HEADER_LENGTH = 20;
/** RFC 9568 leaves it open; keepalived and every router send CS6, internetwork control. */
const TYPE_OF_SERVICE_CS6 = 0xc0;

/** An IPv4 packet that carries a VRRP message. */
export interface Ipv4Packet {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly ttl: number;
  readonly payload: Uint8Array;
}

/**
 * The packet as a raw socket with IP_HDRINCL wants it: no options, DF clear; the kernel fills in the header checksum.
 * `identification` distinguishes packets, not copies for several peers.
 */
export function encodeIpv4Packet(packet: Ipv4Packet, identification: number): Uint8Array {
  const length = HEADER_LENGTH + packet.payload.length;
  const bytes = new Uint8Array(length);
  bytes[0] = 0x45;
  bytes[1] = TYPE_OF_SERVICE_CS6;
  bytes[2] = length >> 8;
  bytes[3] = length & 0xff;
  bytes[4] = (identification >> 8) & 0xff;
  bytes[5] = identification & 0xff;
  bytes[8] = packet.ttl;
  bytes[9] = VRRP_PROTOCOL;
  bytes.set(ipToBytes(packet.source), 12);
  bytes.set(ipToBytes(packet.destination), 16);
  bytes.set(packet.payload, HEADER_LENGTH);
  return bytes;
}

/** Reads a packet as a raw socket delivers it. Bytes past the total length are Ethernet padding and are left out. */
export function decodeIpv4Packet(
  bytes: Uint8Array,
): ({ readonly ok: true } & Ipv4Packet) | { readonly ok: false; readonly reason: Refusal } {
  const headerLength = ((bytes[0] ?? 0) & 0x0f) * 4;
  const totalLength = ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);
  if (bytes.length < HEADER_LENGTH || (bytes[0] ?? 0) >> 4 !== 4) return { ok: false, reason: "truncated" };
  if (headerLength < HEADER_LENGTH || totalLength < headerLength || bytes.length < totalLength) {
    return { ok: false, reason: "truncated" };
  }
  if (bytes[9] !== VRRP_PROTOCOL) return { ok: false, reason: "not-vrrp" };
  const fragment = (((bytes[6] ?? 0) & 0x3f) << 8) | (bytes[7] ?? 0);
  if (fragment !== 0) return { ok: false, reason: "fragment" };
  return {
    ok: true,
    source: ipFromBytes(bytes.subarray(12, 16)),
    destination: ipFromBytes(bytes.subarray(16, 20)),
    ttl: bytes[8] ?? 0,
    payload: bytes.subarray(headerLength, totalLength),
  };
}
