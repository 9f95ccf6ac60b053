/** Capture files, written byte by byte, so that the tests say what is in them. */
import { ipFamily, ipToBytes } from "../../src/base/ip.ts";
import { type Advertisement, encodeAdvertisement } from "../../src/vrrp/advertisement.ts";
import type { Endpoints } from "../../src/vrrp/checksum.ts";
import { encodeIpv4Packet } from "../../src/vrrp/ipv4-header.ts";
import { hex } from "../vrrp/bytes.ts";
import { ip } from "../vrrp/fixtures.ts";

/** Adverts as keepalived sends them; their checksums were verified by another program. */
export const V2_MESSAGE = hex("21339602 01016e8b 0a090064 0a090065 61626300 00000000");
export const V3_MESSAGE = hex("31349601 000a19b8 0a09006e");
export const ENDPOINTS: Endpoints = { source: ip("10.9.0.1"), destination: ip("10.9.0.2") };

/** 2026-11-20T12:00:00Z */
export const SECONDS = 1_795_176_000;

export function ipv4(payload: Uint8Array, ttl = 255): Uint8Array {
  return encodeIpv4Packet({ ...ENDPOINTS, ttl, payload }, 1);
}

export function ipv6(payload: Uint8Array, { source, destination }: Endpoints, hopLimit = 255): Uint8Array {
  const header = [...hex("60000000"), payload.length >> 8, payload.length & 0xff, 112, hopLimit];
  return Uint8Array.from([...header, ...ipToBytes(source), ...ipToBytes(destination), ...payload]);
}

/** An IP packet of either family with this advertisement in it. */
export function advert(advertisement: Advertisement, endpoints: Endpoints): Uint8Array {
  const payload = encodeAdvertisement(advertisement, { ...endpoints, checksumForm: "rfc5798" });
  if (ipFamily(endpoints.source) === 6) return ipv6(payload, endpoints);
  return encodeIpv4Packet({ ...endpoints, ttl: 255, payload }, 1);
}

const MAC_ADDRESSES = "020000000002 020000000001";

export function ethernet(packet: Uint8Array, etherType = "0800"): Uint8Array {
  return Uint8Array.from([...hex(MAC_ADDRESSES + etherType), ...packet]);
}

/** Tagged for VLAN 100, and for VLAN 7 of a provider around it. */
export function doublyTagged(packet: Uint8Array): Uint8Array {
  return ethernet(packet, "88a80007 81000064 0800");
}

export function cookedV1(packet: Uint8Array, packetType = "0000"): Uint8Array {
  return Uint8Array.from([...hex(`${packetType} 0001 0006 020000000001 0000 0800`), ...packet]);
}

export function cookedV2(packet: Uint8Array, packetType = "00"): Uint8Array {
  return Uint8Array.from([...hex(`0800 0000 00000002 0001 ${packetType} 06 020000000001 0000`), ...packet]);
}

export interface FileOptions {
  readonly littleEndian?: boolean;
  readonly nanoseconds?: boolean;
  readonly linkType?: number;
  /** What the frames had in length before they were cut; their own by default. */
  readonly originalLength?: number;
}

/** A classic capture, one frame a second from {@link SECONDS} on, each 123 456 µs after the full second. */
export function pcap(frames: readonly Uint8Array[], options: FileOptions = {}): Uint8Array {
  const { littleEndian = true, nanoseconds = false, linkType = 1 } = options;
  const u32 = (...values: number[]) => words(values, littleEndian);
  const magic = nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4;
  const version = littleEndian ? 0x0004_0002 : 0x0002_0004;
  return Buffer.concat([
    u32(magic, version, 0, 0, 262_144, linkType),
    ...frames.flatMap((frame, index) => [
      u32(SECONDS + index, nanoseconds ? 123_456_789 : 123_456),
      u32(frame.length, options.originalLength ?? frame.length),
      frame,
    ]),
  ]);
}

/** The same as a pcapng file: section header, one interface, one enhanced packet block a frame, an unknown block between. */
export function pcapng(frames: readonly Uint8Array[], options: FileOptions = {}): Uint8Array {
  const { littleEndian = true, nanoseconds = false, linkType = 1 } = options;
  const u32 = (...values: number[]) => words(values, littleEndian);
  const perSecond = nanoseconds ? 1_000_000_000n : 1_000_000n;
  const fraction = nanoseconds ? 123_456_789n : 123_456n;
  const resolution = Uint8Array.of(...halves([9, 1], littleEndian), 9, 0, 0, 0, 0, 0, 0, 0);
  const block = (type: number, ...parts: Uint8Array[]) => ngBlock(type, { parts, littleEndian });
  return Buffer.concat([
    block(0x0a0d0d0a, u32(0x1a2b3c4d), halves([1, 0], littleEndian), u32(0xffffffff, 0xffffffff)),
    block(1, halves([linkType, 0], littleEndian), u32(262_144), ...(nanoseconds ? [resolution] : [])),
    block(0x0bad, u32(1, 2, 3)),
    ...frames.map((frame, index) => {
      const time = BigInt(SECONDS + index) * perSecond + fraction;
      const stamp = u32(Number(time >> 32n), Number(time & 0xffffffffn));
      const original = options.originalLength ?? frame.length;
      return block(6, u32(0), stamp, u32(frame.length, original), frame);
    }),
  ]);
}

/** One pcapng block around `parts`, padded. */
export function ngBlock(
  type: number,
  { parts, littleEndian = true }: { readonly parts: readonly Uint8Array[]; readonly littleEndian?: boolean },
): Uint8Array {
  const body = Buffer.concat(parts);
  const padding = new Uint8Array((4 - (body.length % 4)) % 4);
  const length = 12 + body.length + padding.length;
  const u32 = (value: number) => words([value], littleEndian);
  return Buffer.concat([u32(type), u32(length), body, padding, u32(length)]);
}

function words(values: readonly number[], littleEndian: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  for (const [index, value] of values.entries()) view.setUint32(index * 4, value, littleEndian);
  return new Uint8Array(view.buffer);
}

function halves(values: readonly number[], littleEndian: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 2));
  for (const [index, value] of values.entries()) view.setUint16(index * 2, value, littleEndian);
  return new Uint8Array(view.buffer);
}
