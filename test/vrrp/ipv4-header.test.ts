import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeIpv4Packet, encodeIpv4Packet } from "../../src/vrrp/ipv4-header.ts";
import type { Refusal } from "../../src/vrrp/refusal.ts";
import { address, anyBytes } from "./arbitraries.ts";
import { hex, patched } from "./bytes.ts";
import { ip } from "./fixtures.ts";

const PACKET = {
  source: ip("10.9.0.1"),
  destination: ip("10.9.0.2"),
  ttl: 255,
  payload: hex("31349601 000a19b8 0a09006e"),
};

/** As keepalived sends it: TOS 0xC0, no fragmentation flags, protocol 112; the kernel fills in the header checksum. */
const BYTES = hex("45c00020 00070000 ff700000 0a090001 0a090002 31349601 000a19b8 0a09006e");

describe("an IPv4 packet", () => {
  it("is written as keepalived writes it", () => {
    expect(encodeIpv4Packet(PACKET, 7)).toEqual(BYTES);
  });

  it("is read with its source, destination, TTL and payload", () => {
    expect(decodeIpv4Packet(BYTES)).toEqual({ ok: true, ...PACKET });
  });

  it("carries the TTL that it is given", () => {
    expect(encodeIpv4Packet({ ...PACKET, ttl: 64 }, 7)[8]).toBe(64);
  });

  it("carries 16 bits of identification, which wrap", () => {
    expect([...encodeIpv4Packet(PACKET, 0x1fffe).subarray(4, 6)]).toEqual([0xff, 0xfe]);
  });

  it("is read past its options", () => {
    const withOptions = Uint8Array.from([
      ...patched(BYTES, { 0: 0x46, 3: 36 }).subarray(0, 20),
      1,
      1,
      1,
      0,
      ...PACKET.payload,
    ]);
    expect(decodeIpv4Packet(withOptions)).toEqual({ ok: true, ...PACKET });
  });

  it("is read without the padding of a short Ethernet frame", () => {
    expect(decodeIpv4Packet(Uint8Array.from([...BYTES, 0, 0, 0, 0]))).toEqual({ ok: true, ...PACKET });
  });

  it("may carry DF, which concerns routers alone", () => {
    expect(decodeIpv4Packet(patched(BYTES, { 6: 0x40 }))).toMatchObject({ ok: true });
  });

  it.each<[string, Uint8Array, Refusal]>([
    ["without a byte", hex(""), "truncated"],
    ["of 19 bytes", BYTES.subarray(0, 19), "truncated"],
    ["of IP version 6", patched(BYTES, { 0: 0x65 }), "truncated"],
    ["with a header of 16 bytes", patched(BYTES, { 0: 0x44 }), "truncated"],
    ["whose total length is that of half a header", patched(BYTES, { 3: 10 }), "truncated"],
    ["whose header is longer than its total length", patched(BYTES, { 0: 0x4f }), "truncated"],
    ["that ends before its total length", BYTES.subarray(0, 31), "truncated"],
    ["of protocol 1", patched(BYTES, { 9: 1 }), "not-vrrp"],
    ["with more fragments to come", patched(BYTES, { 6: 0x20 }), "fragment"],
    ["with a fragment offset", patched(BYTES, { 7: 1 }), "fragment"],
    ["with a large fragment offset", patched(BYTES, { 6: 0x10 }), "fragment"],
  ])("%s is refused", (_, bytes, reason) => {
    expect(decodeIpv4Packet(bytes)).toEqual({ ok: false, reason });
  });

  it("that was encoded is decoded to the same", () => {
    const packet = fc.record({
      source: address(4),
      destination: address(4),
      ttl: fc.nat(255),
      payload: fc.uint8Array({ maxLength: 1100 }),
    });
    fc.assert(
      fc.property(packet, fc.nat(), (sent, identification) => {
        expect(decodeIpv4Packet(encodeIpv4Packet(sent, identification))).toEqual({ ok: true, ...sent });
      }),
    );
  });

  it("made of arbitrary bytes never crashes the decoder, nor shows bytes past its end", () => {
    const header = fc.uint8Array({ minLength: 20, maxLength: 24 });
    const packet = fc.tuple(header, anyBytes).map(([start, rest]) => Uint8Array.from([...start, ...rest]));
    const likely = packet.map((bytes) => patched(bytes, { 0: 0x45, 2: 0, 9: 112 }));
    fc.assert(
      fc.property(fc.oneof(anyBytes, packet, likely), (bytes) => {
        const decoded = decodeIpv4Packet(bytes);
        expect(decoded.ok ? decoded.payload.length : 0).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 1000 },
    );
  });
});
