import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { millis } from "../../src/base/units.ts";
import { type PacketReport, reportPacket, type Sighting } from "../../src/observe/packet-report.ts";
import { type Advertisement, encodeAdvertisement } from "../../src/vrrp/advertisement.ts";
import { encodeIpv4Packet } from "../../src/vrrp/ipv4-header.ts";
import { encodeProbe } from "../../src/vrrp/probe.ts";
import { anyBytes } from "../vrrp/arbitraries.ts";
import { hex, patched } from "../vrrp/bytes.ts";
import { ip } from "../vrrp/fixtures.ts";
import { ENDPOINTS, ipv4, ipv6, V2_MESSAGE, V3_MESSAGE } from "./capture-files.ts";

const SEEN: Sighting = {
  timeMicros: 1_795_176_000_123_456,
  interfaceName: "eth0",
  direction: "in",
  cut: false,
};

describe("a proper advert", () => {
  test("of VRRPv3 is reported with all that it says", () => {
    expect(reportPacket(ipv4(V3_MESSAGE), SEEN)).toEqual({
      time: "2026-11-20T12:00:00.123456Z",
      interfaceName: "eth0",
      direction: "in",
      source: "10.9.0.1",
      destination: "10.9.0.2",
      ttl: 255,
      version: 3,
      virtualRouterId: 52,
      priority: 150,
      advertIntervalMs: 100,
      addresses: ["10.9.0.110"],
      authentication: null,
      checksumForm: "rfc5798",
      valid: true,
      reason: null,
      remarks: [],
    });
  });

  test("of VRRPv2 is reported with its kind of authentication, and without its password", () => {
    const seen = report(ipv4(V2_MESSAGE));
    expect(seen).toMatchObject({ version: 2, authentication: "pass", checksumForm: null, valid: true });
    expect(seen.addresses).toEqual(["10.9.0.100", "10.9.0.101"]);
    expect(JSON.stringify(seen)).not.toContain("abc");
  });

  test("without pseudo-header in its checksum is reported as of that form", () => {
    const message = encodeAdvertisement(ADVERT, { ...ENDPOINTS, checksumForm: "rfc9568" });
    expect(report(ipv4(message))).toMatchObject({ valid: true, checksumForm: "rfc9568" });
  });

  test("over IPv6 is reported with its hop limit", () => {
    const endpoints = { source: ip("fe80::10"), destination: ip("fe80::20") };
    const advertisement = { ...ADVERT, addresses: [ip("fe80::100")] };
    const message = encodeAdvertisement(advertisement, { ...endpoints, checksumForm: "rfc5798" });
    expect(report(ipv6(message, endpoints, 64))).toMatchObject({
      ...endpoints,
      ttl: 64,
      addresses: ["fe80::100"],
      checksumForm: null,
      valid: true,
      remarks: [{ code: "ttl-not-255" }],
    });
  });
});

describe("a packet that is no proper advert", () => {
  test.each([
    ["truncated", ipv4(V3_MESSAGE.subarray(0, 5))],
    ["truncated", ipv4(patched(V3_MESSAGE, { 3: 2 }))],
    ["truncated", ipv4(V3_MESSAGE).subarray(0, 25)],
    ["truncated", ipv4(V3_MESSAGE).subarray(0, 12)],
    ["truncated", ipv6(V3_MESSAGE, endpoints6()).subarray(0, 44)],
    ["truncated", ipv6(V3_MESSAGE, endpoints6()).subarray(0, 30)],
    ["fragment", patched(ipv4(V3_MESSAGE), { 6: 0x20 })],
    ["version", ipv4(patched(V3_MESSAGE, { 0: 0x41 }))],
    ["type", ipv4(patched(V3_MESSAGE, { 0: 0x32 }))],
    ["length", ipv4(hex("31349600 000a19b8 0a09006e"))],
    ["checksum", ipv4(patched(V3_MESSAGE, { 2: 151 }))],
    ["interval-zero", ipv4(withInterval(0))],
  ])("is refused as %s, in a sentence", (code, bytes) => {
    const seen = report(bytes);
    expect(seen).toMatchObject({ valid: false, reason: { code } });
    expect(seen.reason?.sentence).toMatch(/^(its?|the) /);
  });

  test("still shows who it says that it is", () => {
    expect(report(ipv4(patched(V3_MESSAGE, { 2: 151 })))).toMatchObject({
      source: "10.9.0.1",
      version: 3,
      virtualRouterId: 52,
      priority: 151,
      advertIntervalMs: null,
      addresses: [],
    });
  });
});

test("a probe of doctor is reported as what it is", () => {
  const question = encodeProbe({ kind: "question", virtualRouterId: 51, nonce: new Uint8Array(8) });
  expect(report(ipv4(question))).toMatchObject({
    source: "10.9.0.1",
    ttl: 255,
    version: null,
    valid: false,
    reason: { code: "probe" },
  });
});

describe("remarks", () => {
  test("tell of a TTL that is not 255", () => {
    expect(codes(ipv4(V3_MESSAGE, 254))).toEqual(["ttl-not-255"]);
  });

  test("tell of a MASTER that leaves", () => {
    expect(codes(ipv4(encodeAdvertisement({ ...ADVERT, priority: 0 }, V3_ENCODING)))).toEqual([
      "priority-zero",
    ]);
  });

  test("tell of a multicast destination, of IPv4 and IPv6", () => {
    const group = { source: ip("10.9.0.1"), destination: ip("224.0.0.18") };
    const payload = encodeAdvertisement(ADVERT, { ...group, checksumForm: "rfc5798" });
    expect(codes(encodeIpv4Packet({ ...group, ttl: 255, payload }, 1))).toEqual(["multicast"]);
    expect(codes(ipv6(V3_MESSAGE, { source: ip("fe80::1"), destination: ip("ff02::12") }))).toEqual([
      "multicast",
    ]);
  });

  test("tell of a source that no host has", () => {
    const forged = { source: ip("255.255.255.255"), destination: ip("10.9.0.2") };
    const payload = encodeAdvertisement(ADVERT, { ...forged, checksumForm: "rfc5798" });
    expect(codes(encodeIpv4Packet({ ...forged, ttl: 255, payload }, 1))).toEqual(["bad-source"]);
  });

  test("tell of a packet that the capture cut", () => {
    const seen = reportPacket(ipv4(V3_MESSAGE).subarray(0, 25), { ...SEEN, cut: true });
    expect(seen?.remarks.map(({ code }) => code)).toEqual(["cut-by-capture"]);
  });
});

describe("a packet of another protocol", () => {
  test.each([
    ["TCP over IPv4", patched(ipv4(V3_MESSAGE), { 9: 6 })],
    ["TCP over IPv6", patched(ipv6(V3_MESSAGE, endpoints6()), { 6: 6 })],
    ["no IP version", patched(ipv4(V3_MESSAGE), { 0: 0x55 })],
    ["nothing", new Uint8Array(0)],
  ])("(%s) is not reported", (_, bytes) => {
    expect(reportPacket(bytes, SEEN)).toBeUndefined();
  });
});

test("a time beyond what a date can say is left out", () => {
  expect(report(ipv4(V3_MESSAGE), { ...SEEN, timeMicros: 1e25 }).time).toBeNull();
  expect(report(ipv4(V3_MESSAGE), { ...SEEN, timeMicros: null }).time).toBeNull();
});

test("a report is valid exactly when it has no reason, whatever the message", () => {
  fc.assert(
    fc.property(anyBytes, (message) => {
      const seen = report(ipv4(message));
      expect(seen.valid).toBe(seen.reason === null);
    }),
  );
});

const ADVERT: Advertisement = {
  version: 3,
  virtualRouterId: 52,
  priority: 150,
  advertInterval: millis(100),
  addresses: [ip("10.9.0.110")],
  authentication: undefined,
};
const V3_ENCODING = { ...ENDPOINTS, checksumForm: "rfc5798" } as const;

function endpoints6() {
  return { source: ip("fe80::10"), destination: ip("fe80::20") };
}

function withInterval(ms: number): Uint8Array {
  return encodeAdvertisement({ ...ADVERT, advertInterval: millis(ms) }, V3_ENCODING);
}

function report(bytes: Uint8Array, sighting: Sighting = SEEN): PacketReport {
  const seen = reportPacket(bytes, sighting);
  if (!seen) throw new Error("the packet is not reported");
  return seen;
}

function codes(bytes: Uint8Array): string[] {
  return report(bytes).remarks.map(({ code }) => code);
}
