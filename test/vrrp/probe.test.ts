import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Millis, millis } from "../../src/base/units.ts";
import { admit, virtualRouterIdOf } from "../../src/vrrp/admission.ts";
import { decodeAdvertisement, encodeAdvertisement } from "../../src/vrrp/advertisement.ts";
import { internetChecksum } from "../../src/vrrp/checksum.ts";
import {
  addressDigest,
  decodeProbe,
  encodeProbe,
  isProbe,
  PROBE_LENGTH,
  type Probe,
  type ProbeAnswer,
  type ProbedRouter,
} from "../../src/vrrp/probe.ts";
import { address, anyBytes, sent } from "./arbitraries.ts";
import { flipped, hex, patched } from "./bytes.ts";
import { HIGHER, ip, LOCAL } from "./fixtures.ts";

const NONCE = hex("0102030405060708");

const QUESTION: Probe = { kind: "question", virtualRouterId: 51, nonce: NONCE };

const ANSWER: ProbeAnswer = {
  kind: "answer",
  virtualRouterId: 51,
  nonce: NONCE,
  receivedTtl: 255,
  softwareVersion: "0.1.0",
  router: {
    state: "MASTER",
    basePriority: 150,
    priority: 130,
    version: 3,
    advertInterval: millis(1000),
    checksumForm: "rfc9568",
    authType: 0,
    unicastTtl: 255,
    addressCount: 2,
    addressDigest: 0x89abcdef,
    heardAgo: millis(0x1234),
    advertLateness: millis(5),
  },
};

const ZEROS = "00000000";
/** The checksums were worked out apart from this code. */
const GOLDEN: readonly { readonly name: string; readonly bytes: string; readonly probe: Probe }[] = [
  {
    name: "a question",
    bytes: `f1000133 0000fdb7 01020304 05060708 ${ZEROS.repeat(12)}`,
    probe: QUESTION,
  },
  {
    name: "an answer of a MASTER",
    bytes: `f2000133 ff026615 01020304 05060708 96820000 12340000 03e889ab cdef0203 0100ff00 0005302e 312e3000 ${ZEROS.repeat(5)}`,
    probe: ANSWER,
  },
  {
    name: "an answer that knows of no such router",
    bytes: `f2000109 40ff2a86 01020304 05060708 ${ZEROS.repeat(5)} 0000302e 312e3000 ${ZEROS.repeat(5)}`,
    probe: { ...ANSWER, virtualRouterId: 9, receivedTtl: 64, router: undefined },
  },
];

describe("golden probes", () => {
  it.each(GOLDEN)("writes $name", ({ bytes, probe }) => {
    expect(Buffer.from(encodeProbe(probe)).toString("hex")).toEqual(Buffer.from(hex(bytes)).toString("hex"));
  });

  it.each(GOLDEN)("reads $name", ({ bytes, probe }) => {
    expect(isProbe(hex(bytes))).toBe(true);
    expect(decodeProbe(hex(bytes))).toEqual({ ok: true, probe });
  });
});

describe("a probe", () => {
  it("comes back as it was written", () => {
    fc.assert(
      fc.property(anyProbe, (probe) => {
        expect(decodeProbe(encodeProbe(probe))).toEqual({ ok: true, probe });
      }),
    );
  });

  it("has one length, so that an answer is no larger than its question", () => {
    fc.assert(
      fc.property(anyProbe, (probe) => {
        expect(encodeProbe(probe)).toHaveLength(PROBE_LENGTH);
      }),
    );
  });

  it("is no advert, and names no virtual router that anybody can configure", () => {
    fc.assert(
      fc.property(anyProbe, (probe) => {
        const payload = encodeProbe(probe);
        const packet = { source: HIGHER, destination: LOCAL, ttl: 255, payload };
        expect(virtualRouterIdOf(packet)).toBe(0);
        expect(decodeAdvertisement(payload, packet)).toEqual({ ok: false, reason: "version" });
      }),
    );
  });

  it("is refused by the election without a look at its content", () => {
    const packet = { source: HIGHER, destination: LOCAL, ttl: 255, payload: encodeProbe(ANSWER) };
    const policy = {
      version: 3,
      virtualRouterId: 51,
      advertInterval: millis(1000),
      addresses: [],
      peers: new Map([[HIGHER, { min: 255, max: 255 }]]),
      checkSource: true,
      acceptChecksum: "either",
      password: undefined,
    } as const;
    expect(admit(packet, policy)).toEqual({ ok: false, reason: "version" });
  });

  it("shows no control characters of a version that it was told", () => {
    const bytes = withChecksum(patched(encodeProbe(ANSWER), { 38: 0x1b, 39: 0xff }));
    expect(decodeProbe(bytes)).toMatchObject({ probe: { softwareVersion: "??1.0" } });
  });

  it("caps a time that does not fit", () => {
    const router = {
      ...(ANSWER.router as ProbedRouter),
      heardAgo: millis(1e12),
      advertLateness: millis(1e6),
    };
    expect(decodeProbe(encodeProbe({ ...ANSWER, router }))).toMatchObject({
      probe: { router: { heardAgo: 0xffff_fffe, advertLateness: 0xfffe } },
    });
  });
});

describe("what is no probe", () => {
  it.each([
    ["an advert of keepalived", "31349601 000a19b8 0a09006e"],
    ["version 15 with a VRID", "f1330133"],
    ["a single byte", "f1"],
    ["nothing", ""],
  ])("is told apart: %s", (_, bytes) => {
    expect(isProbe(hex(bytes))).toBe(false);
  });

  it("is every advert that can be sent", () => {
    fc.assert(
      fc.property(sent, ({ advertisement, endpoints, checksumForm }) => {
        expect(isProbe(encodeAdvertisement(advertisement, { ...endpoints, checksumForm }))).toBe(false);
      }),
    );
  });
});

describe("a damaged probe", () => {
  const bytes = encodeProbe(ANSWER);

  it.each<[string, Uint8Array, string]>([
    ["cut", bytes.subarray(0, 63), "truncated"],
    ["longer than a probe", Uint8Array.from([...bytes, 0]), "length"],
    ["of another format", withChecksum(patched(bytes, { 2: 2 })), "version"],
    ["of another type", withChecksum(patched(bytes, { 0: 0xf3 })), "version"],
    ["with a state that nobody knows", withChecksum(patched(bytes, { 5: 7 })), "version"],
    ["with a VRRP version that nobody knows", withChecksum(patched(bytes, { 31: 4 })), "version"],
    ["with a checksum form that nobody knows", withChecksum(patched(bytes, { 32: 9 })), "version"],
  ])("is refused: %s", (_, damaged, reason) => {
    expect(decodeProbe(damaged)).toEqual({ ok: false, reason });
  });

  it("is noticed by each of its bits", () => {
    for (let bit = 0; bit < PROBE_LENGTH * 8; bit++) {
      expect(decodeProbe(flipped(bytes, bit))).toEqual({ ok: false, reason: "checksum" });
    }
  });

  it("never crashes, whatever the bytes", () => {
    const starts = fc
      .uint8Array({ minLength: 58, maxLength: 66 })
      .map((rest) => Uint8Array.from([0xf2, 0, 1, 51, ...rest]));
    fc.assert(
      fc.property(fc.oneof(anyBytes, starts), (message) => {
        isProbe(message);
        decodeProbe(message);
        decodeProbe(withChecksum(message));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("the digest of an address list", () => {
  it("does not depend on order or repetition", () => {
    const [a, b] = [ip("10.0.0.10"), ip("10.0.0.11")];
    expect(addressDigest([b, a, b])).toBe(addressDigest([a, b]));
  });

  it("differs where the sets differ", () => {
    fc.assert(
      fc.property(fc.uniqueArray(address(4), { minLength: 1, maxLength: 20 }), (addresses) => {
        expect(addressDigest(addresses.slice(1))).not.toBe(addressDigest(addresses));
      }),
    );
  });
});

const byte = fc.nat(255);

const router: fc.Arbitrary<ProbedRouter> = fc.record({
  state: fc.constantFrom("INIT", "BACKUP", "MASTER", "FAULT"),
  basePriority: byte,
  priority: byte,
  version: fc.constantFrom(2, 3),
  advertInterval: fc.nat(255_000) as fc.Arbitrary<Millis>,
  checksumForm: fc.constantFrom("rfc5798", "rfc9568"),
  authType: byte,
  unicastTtl: byte,
  addressCount: byte,
  addressDigest: fc.nat(0xffff_ffff),
  heardAgo: fc.option(fc.nat(0xffff_fffe) as fc.Arbitrary<Millis>, { nil: undefined }),
  advertLateness: fc.option(fc.nat(0xfffe) as fc.Arbitrary<Millis>, { nil: undefined }),
});

const nonce = fc.uint8Array({ minLength: 8, maxLength: 8 });

const anyProbe: fc.Arbitrary<Probe> = fc.oneof(
  fc.record({ kind: fc.constant("question" as const), virtualRouterId: byte, nonce }),
  fc.record({
    kind: fc.constant("answer" as const),
    virtualRouterId: byte,
    nonce,
    receivedTtl: byte,
    softwareVersion: fc.stringMatching(/^[0-9a-z.+-]{0,26}$/),
    router: fc.option(router, { nil: undefined }),
  }),
);

function withChecksum(message: Uint8Array): Uint8Array {
  const blank = patched(message, { 6: 0, 7: 0 });
  const sum = internetChecksum(blank);
  return patched(blank, { 6: sum >> 8, 7: sum & 0xff });
}
