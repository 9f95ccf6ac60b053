import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { millis } from "../../src/base/units.ts";
import {
  type Advertisement,
  decodeAdvertisement,
  encodeAdvertisement,
  passwordBytes,
} from "../../src/vrrp/advertisement.ts";
import type { ChecksumForm, Endpoints } from "../../src/vrrp/checksum.ts";
import type { Refusal } from "../../src/vrrp/refusal.ts";
import { anyBytes, endpoints, sent } from "./arbitraries.ts";
import { flipped, hex, patched } from "./bytes.ts";
import { ip } from "./fixtures.ts";

interface Golden {
  readonly name: string;
  readonly bytes: string;
  readonly endpoints: Endpoints;
  readonly checksumForm: ChecksumForm;
  readonly advertisement: Advertisement;
}

const KEEPALIVED: Endpoints = { source: ip("10.9.0.1"), destination: ip("10.9.0.2") };

const PLAIN = {
  version: 3,
  virtualRouterId: 52,
  priority: 150,
  advertInterval: millis(100),
  addresses: [ip("10.9.0.110")],
  authentication: undefined,
} as const;

/** The first two were captured from keepalived 2.4.3; the checksums of all were worked out apart from this code. */
const GOLDEN: readonly Golden[] = [
  {
    name: "a VRRPv2 advert of keepalived with the password abc and two addresses",
    bytes: "21339602 01016e8b 0a090064 0a090065 61626300 00000000",
    endpoints: KEEPALIVED,
    checksumForm: "rfc9568",
    advertisement: {
      version: 2,
      virtualRouterId: 51,
      priority: 150,
      advertInterval: millis(1000),
      addresses: [ip("10.9.0.100"), ip("10.9.0.101")],
      authentication: { type: 1, data: hex("6162630000000000") },
    },
  },
  {
    name: "a VRRPv3 advert of keepalived at 100 ms, its checksum over the pseudo-header too",
    bytes: "31349601 000a19b8 0a09006e",
    endpoints: KEEPALIVED,
    checksumForm: "rfc5798",
    advertisement: PLAIN,
  },
  {
    name: "the same VRRPv3 advert with the checksum of RFC 9568, over the message alone",
    bytes: "31349601 000a2e49 0a09006e",
    endpoints: KEEPALIVED,
    checksumForm: "rfc9568",
    advertisement: PLAIN,
  },
  {
    name: "the VRRPv3 advert of keepalived's authentication vectors, over the message alone",
    bytes: "3133c801 00644402 c0000264",
    endpoints: { source: ip("198.51.100.10"), destination: ip("198.51.100.20") },
    checksumForm: "rfc9568",
    advertisement: {
      ...PLAIN,
      virtualRouterId: 51,
      priority: 200,
      advertInterval: millis(1000),
      addresses: [ip("192.0.2.100")],
    },
  },
  {
    name: "a VRRPv3 advert over IPv6",
    bytes: "3133c801 0064092c fe800000 00000000 00000000 00000100",
    endpoints: { source: ip("fe80::10"), destination: ip("fe80::20") },
    checksumForm: "rfc5798",
    advertisement: {
      ...PLAIN,
      virtualRouterId: 51,
      priority: 200,
      advertInterval: millis(1000),
      addresses: [ip("fe80::100")],
    },
  },
  {
    name: "a VRRPv2 advert without authentication and without addresses",
    bytes: "21336400 00017acb 00000000 00000000",
    endpoints: KEEPALIVED,
    checksumForm: "rfc9568",
    advertisement: {
      version: 2,
      virtualRouterId: 51,
      priority: 100,
      advertInterval: millis(1000),
      addresses: [],
      authentication: { type: 0, data: new Uint8Array(8) },
    },
  },
];

const V2 = hex(GOLDEN[0]?.bytes ?? "");
const V3 = hex(GOLDEN[1]?.bytes ?? "");

describe("golden messages", () => {
  it.each(GOLDEN)("writes $name", ({ bytes, endpoints, checksumForm, advertisement }) => {
    expect(encodeAdvertisement(advertisement, { ...endpoints, checksumForm })).toEqual(hex(bytes));
  });

  it.each(GOLDEN)("reads $name", ({ bytes, endpoints, checksumForm, advertisement }) => {
    expect(decodeAdvertisement(hex(bytes), endpoints)).toEqual({ ok: true, advertisement, checksumForm });
  });

  it("writes the only checksum form that VRRPv2 and IPv6 have, whichever is asked for", () => {
    for (const { advertisement, endpoints, bytes } of GOLDEN) {
      if (advertisement.version === 3 && !endpoints.source.includes(":")) continue;
      for (const checksumForm of ["rfc5798", "rfc9568"] as const) {
        expect(encodeAdvertisement(advertisement, { ...endpoints, checksumForm })).toEqual(hex(bytes));
      }
    }
  });

  it.each(["0000", "ffff"])("reads a checksum of zero written as %s, which is the same number", (zero) => {
    const bytes = hex(`3133c801 0064${zero} c0004666`);
    expect(decodeAdvertisement(bytes, KEEPALIVED)).toMatchObject({ ok: true, checksumForm: "rfc9568" });
  });

  it("writes zeros as authentication data where there is none", () => {
    const advertisement: Advertisement = { ...PLAIN, version: 2, advertInterval: millis(1000) };
    const bytes = encodeAdvertisement(advertisement, { ...KEEPALIVED, checksumForm: "rfc9568" });
    expect([bytes[4], ...bytes.slice(-8)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it("writes the reserved bits as zero and ignores them on reading", () => {
    const longest: Advertisement = { ...PLAIN, advertInterval: millis(40_950) };
    const bytes = encodeAdvertisement(longest, { ...KEEPALIVED, checksumForm: "rfc9568" });
    expect([bytes[4], bytes[5]]).toEqual([0x0f, 0xff]);
    const reserved = patched(bytes, { 4: 0xff });
    const decoded = decodeAdvertisement(withChecksum(reserved), KEEPALIVED);
    expect(decoded).toMatchObject({ ok: true, advertisement: longest });
  });
});

describe("a password", () => {
  it.each([
    ["abc", "6162630000000000"],
    ["longer than that", "6c6f6e6765722074"],
    ["é", "e900000000000000"],
    ["", "0000000000000000"],
  ])("is eight bytes of Latin-1: %s", (password, bytes) => {
    expect(passwordBytes(password)).toEqual(hex(bytes));
  });
});

describe("a message that is refused", () => {
  const multicastForm = hex("31349601 000a43b0 0a09006e");

  it.each<[string, Uint8Array, Endpoints, Refusal]>([
    ["nothing", hex(""), KEEPALIVED, "truncated"],
    ["seven bytes", V3.subarray(0, 7), KEEPALIVED, "truncated"],
    ["version 1", patched(V3, { 0: 0x11 }), KEEPALIVED, "version"],
    ["version 4", patched(V3, { 0: 0x41 }), KEEPALIVED, "version"],
    ["VRRPv2 over IPv6", V2, { source: ip("fe80::10"), destination: ip("fe80::20") }, "version"],
    ["type 0", patched(V3, { 0: 0x30 }), KEEPALIVED, "type"],
    ["type 2", patched(V2, { 0: 0x22 }), KEEPALIVED, "type"],
    ["v3 that lists an address more than it has", patched(V3, { 3: 2 }), KEEPALIVED, "truncated"],
    ["v3 that lists an address fewer than it has", patched(V3, { 3: 0 }), KEEPALIVED, "length"],
    ["v3 with one byte too many", Uint8Array.from([...V3, 0]), KEEPALIVED, "length"],
    ["v2 without its authentication data", V2.subarray(0, 16), KEEPALIVED, "truncated"],
    ["v2 with one byte too many", Uint8Array.from([...V2, 0]), KEEPALIVED, "length"],
    ["v2 with another checksum", patched(V2, { 7: 0x8c }), KEEPALIVED, "checksum"],
    ["v3 with another checksum", patched(V3, { 7: 0xb9 }), KEEPALIVED, "checksum"],
    ["v3 whose checksum is 0", patched(V3, { 6: 0, 7: 0 }), KEEPALIVED, "checksum"],
    ["v3 whose source was translated", V3, { ...KEEPALIVED, source: ip("10.9.0.9") }, "checksum"],
    ["v3 with the checksum for 224.0.0.18", multicastForm, KEEPALIVED, "checksum"],
    ["v2 with interval 0", withChecksum(patched(V2, { 5: 0 })), KEEPALIVED, "interval-zero"],
    ["v3 with interval 0", withChecksum(patched(V3, { 5: 0 })), KEEPALIVED, "interval-zero"],
    [
      "v3 with interval 0 and reserved bits",
      withChecksum(patched(V3, { 4: 0xf0, 5: 0 })),
      KEEPALIVED,
      "interval-zero",
    ],
  ])("%s", (_, bytes, endpoints, reason) => {
    expect(decodeAdvertisement(bytes, endpoints)).toEqual({ ok: false, reason });
  });

  it("over IPv6 never passes with a checksum over the message alone", () => {
    const bytes = withChecksum(hex(GOLDEN[4]?.bytes ?? ""));
    const between = { source: ip("fe80::10"), destination: ip("fe80::20") };
    expect(decodeAdvertisement(bytes, between)).toEqual({ ok: false, reason: "checksum" });
  });

  it("names the first defect in the order of RFC 9568 §7.1", () => {
    const defects: readonly [Refusal, Uint8Array][] = [
      ["truncated", hex("42339602 000000")],
      ["version", hex("42339602 00000000 0a090064 00")],
      ["type", hex("32339602 00000000 0a090064 00")],
      ["truncated", hex("31339602 00000000 0a090064 00")],
      ["length", hex("31339601 00000000 0a090064 00")],
      ["checksum", hex("31339601 00000000 0a090064")],
      ["interval-zero", withChecksum(hex("31339601 00000000 0a090064"))],
    ];
    for (const [reason, bytes] of defects) {
      expect(decodeAdvertisement(bytes, KEEPALIVED)).toEqual({ ok: false, reason });
    }
  });
});

describe("every message", () => {
  it("that was encoded is decoded to the same", () => {
    fc.assert(
      fc.property(sent, ({ advertisement, endpoints, checksumForm }) => {
        const decoded = decodeAdvertisement(
          encodeAdvertisement(advertisement, { ...endpoints, checksumForm }),
          endpoints,
        );
        expect(decoded).toMatchObject({ ok: true, advertisement });
      }),
    );
  });

  it("with one bit flipped is refused, or passes as the other checksum form by accident", () => {
    fc.assert(
      fc.property(sent, ({ advertisement, endpoints, checksumForm }) => {
        const bytes = encodeAdvertisement(advertisement, { ...endpoints, checksumForm });
        const intact = decodeAdvertisement(bytes, endpoints);
        for (let bit = 0; bit < bytes.length * 8; bit++) {
          const decoded = decodeAdvertisement(flipped(bytes, bit), endpoints);
          // One form tells every flipped bit; that two forms are in use is the price of living with both.
          if (decoded.ok) expect(decoded.checksumForm).not.toBe(intact.ok && intact.checksumForm);
        }
      }),
    );
  });

  it("of the golden ones is refused whichever bit is flipped", () => {
    for (const { bytes, endpoints } of GOLDEN) {
      for (let bit = 0; bit < hex(bytes).length * 8; bit++) {
        expect(decodeAdvertisement(flipped(hex(bytes), bit), endpoints).ok, `${bytes}, bit ${bit}`).toBe(
          false,
        );
      }
    }
  });

  it("made of arbitrary bytes is decoded or refused, and never crashes the decoder", () => {
    fc.assert(
      fc.property(anyBytes, fc.oneof(endpoints(4), endpoints(6)), (bytes, between) => {
        const decoded = decodeAdvertisement(bytes, between);
        expect(decoded.ok ? decoded.advertisement.advertInterval : 1).toBeGreaterThan(0);
      }),
      { numRuns: 2000 },
    );
  });

  it("keeps what was read when the socket's buffer is used again", () => {
    const buffer = Buffer.from(V2);
    const decoded = decodeAdvertisement(buffer, KEEPALIVED);
    buffer.fill(0xee);
    expect(decoded).toEqual({ ok: true, advertisement: GOLDEN[0]?.advertisement, checksumForm: "rfc9568" });
  });
});

/** `bytes` with the checksum over the message alone, worked out here in the plainest way. */
function withChecksum(bytes: Uint8Array): Uint8Array {
  let sum = 0;
  for (const [offset, byte] of patched(bytes, { 6: 0, 7: 0 }).entries()) {
    sum += offset % 2 === 0 ? byte * 256 : byte;
  }
  const checksum = ~((sum % 0x10000) + Math.floor(sum / 0x10000)) & 0xffff;
  return patched(bytes, { 6: checksum >> 8, 7: checksum & 0xff });
}
