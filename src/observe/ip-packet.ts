import { type IpAddress, ipFromBytes } from "../base/ip.ts";
import { VRRP_PROTOCOL } from "../vrrp/checksum.ts";
import { decodeIpv4Packet } from "../vrrp/ipv4-header.ts";
import type { Refusal } from "../vrrp/refusal.ts";

/** What an IP header says, as far as it is there. */
interface IpHeader {
  readonly source: IpAddress | null;
  readonly destination: IpAddress | null;
  /** TTL, or hop limit in IPv6. */
  readonly ttl: number | null;
}

/** An IP packet of protocol 112: its VRRP message, or why there is none. */
export type VrrpPacket = IpHeader &
  (
    | {
        readonly ok: true;
        readonly source: IpAddress;
        readonly destination: IpAddress;
        readonly ttl: number;
        readonly payload: Uint8Array;
      }
    | { readonly ok: false; readonly reason: Refusal }
  );

const IPV4_HEADER_LENGTH = 20;
const IPV6_HEADER_LENGTH = 40;
const NO_HEADER: IpHeader = { source: null, destination: null, ttl: null };

/** Reads an IP packet of either family; undefined when it is not of protocol 112. */
export function readVrrpPacket(bytes: Uint8Array): VrrpPacket | undefined {
  const version = (bytes[0] ?? 0) >> 4;
  if (version === 4 && bytes[9] === VRRP_PROTOCOL) return readIpv4(bytes);
  // RFC 9568 §5.1.2 knows no extension header between IPv6 and VRRP.
  if (version === 6 && bytes[6] === VRRP_PROTOCOL) return readIpv6(bytes);
  return undefined;
}

function readIpv4(bytes: Uint8Array): VrrpPacket {
  const packet = decodeIpv4Packet(bytes);
  if (packet.ok) return packet;
  if (bytes.length < IPV4_HEADER_LENGTH) return { ...packet, ...NO_HEADER };
  return {
    ...packet,
    source: ipFromBytes(bytes.subarray(12, 16)),
    destination: ipFromBytes(bytes.subarray(16, 20)),
    ttl: bytes[8] ?? 0,
  };
}

/** RFC 8200 §3 */
function readIpv6(bytes: Uint8Array): VrrpPacket {
  if (bytes.length < IPV6_HEADER_LENGTH) return { ok: false, reason: "truncated", ...NO_HEADER };
  const header = {
    source: ipFromBytes(bytes.subarray(8, 24)),
    destination: ipFromBytes(bytes.subarray(24, 40)),
    ttl: bytes[7] ?? 0,
  };
  const end = IPV6_HEADER_LENGTH + (((bytes[4] ?? 0) << 8) | (bytes[5] ?? 0));
  if (bytes.length < end) return { ok: false, reason: "truncated", ...header };
  return { ok: true, ...header, payload: bytes.subarray(IPV6_HEADER_LENGTH, end) };
}
