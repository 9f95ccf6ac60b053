import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { IpAddress } from "../../src/base/ip.ts";
import { millis } from "../../src/base/units.ts";
import { type AdmissionPolicy, admit, virtualRouterIdOf } from "../../src/vrrp/admission.ts";
import { type Advertisement, encodeAdvertisement } from "../../src/vrrp/advertisement.ts";
import type { ChecksumForm } from "../../src/vrrp/checksum.ts";
import type { Ipv4Packet } from "../../src/vrrp/ipv4-header.ts";
import type { Refusal } from "../../src/vrrp/refusal.ts";
import { address, anyBytes } from "./arbitraries.ts";
import { hex, patched } from "./bytes.ts";
import { HIGHER, ip, LOCAL, LOWER } from "./fixtures.ts";

const VIP = ip("10.0.0.100");
const OTHER_VIP = ip("10.0.0.101");
const PASSWORD = hex("6162630000000000");

/** Hears 10.0.0.3 on the same subnet, and 10.0.0.1 from 3 to 10 routers away. */
const V3: AdmissionPolicy = {
  version: 3,
  virtualRouterId: 51,
  advertInterval: millis(1000),
  addresses: [VIP],
  peers: new Map([
    [HIGHER, { min: 255, max: 255 }],
    [LOWER, { min: 245, max: 252 }],
  ]),
  checkSource: true,
  acceptChecksum: "either",
  password: undefined,
};
const V2: AdmissionPolicy = { ...V3, version: 2 };
const V2_PASS: AdmissionPolicy = { ...V2, password: PASSWORD };

interface Changes extends Partial<Advertisement> {
  readonly source?: IpAddress;
  readonly ttl?: number;
  readonly checksumForm?: ChecksumForm;
}

/** A packet that `V3` admits, with what a test changes. */
function v3(changes: Changes = {}): Ipv4Packet {
  const { source = HIGHER, ttl = 255, checksumForm = "rfc5798", ...advertisement } = changes;
  const message: Advertisement = {
    version: 3,
    virtualRouterId: 51,
    priority: 100,
    advertInterval: millis(1000),
    addresses: [VIP],
    authentication: undefined,
    ...advertisement,
  };
  const payload = encodeAdvertisement(message, { source, destination: LOCAL, checksumForm });
  return { source, destination: LOCAL, ttl, payload };
}

/** A packet that `V2` admits, with what a test changes. */
function v2(changes: Changes = {}): Ipv4Packet {
  return v3({ version: 2, ...changes });
}

function damaged(packet: Ipv4Packet, change: (payload: Uint8Array) => Uint8Array): Ipv4Packet {
  return { ...packet, payload: change(packet.payload) };
}

function refusalOf(packet: Ipv4Packet, policy: AdmissionPolicy): Refusal | undefined {
  const admission = admit(packet, policy);
  return admission.ok ? undefined : admission.reason;
}

/** What the IPv4 header shows, and what the agent sees before it knows the instance, has its tests there. */
type SeenElsewhere = "not-vrrp" | "fragment" | "multicast" | "probed-too-often";

/** In the order in which they are checked. A new reason does not compile until it has a case here. */
const REFUSED: Readonly<Record<Exclude<Refusal, SeenElsewhere>, readonly [Ipv4Packet, AdmissionPolicy]>> = {
  "own-address": [v3({ source: LOCAL }), V3],
  "bad-source": [v3({ source: ip("224.0.0.18") }), V3],
  "not-a-peer": [v3({ source: ip("10.0.0.4") }), V3],
  ttl: [v3({ ttl: 254 }), V3],
  truncated: [damaged(v3(), (payload) => payload.subarray(0, 11)), V3],
  type: [damaged(v3(), (payload) => patched(payload, { 0: 0x32 })), V3],
  length: [damaged(v3(), (payload) => Uint8Array.from([...payload, 0])), V3],
  checksum: [damaged(v3(), (payload) => patched(payload, { 2: 101 })), V3],
  "interval-zero": [v3({ advertInterval: millis(0) }), V3],
  version: [v2(), V3],
  "unknown-vrid": [v3({ virtualRouterId: 52 }), V3],
  "no-addresses": [v3({ addresses: [] }), V3],
  "auth-type": [v2(), V2_PASS],
  "auth-pass": [v2({ authentication: { type: 1, data: hex("6162640000000000") } }), V2_PASS],
  "interval-mismatch": [v2({ advertInterval: millis(2000) }), V2],
  "checksum-form": [v3({ checksumForm: "rfc9568" }), { ...V3, acceptChecksum: "rfc5798" }],
};

describe("a packet is refused", () => {
  it.each(Object.entries(REFUSED))("for the reason %s", (reason, [packet, policy]) => {
    expect(admit(packet, policy)).toEqual({ ok: false, reason });
  });

  it.each<[string, Ipv4Packet, AdmissionPolicy, Refusal]>([
    ["a source of 0.0.0.0", v3({ source: ip("0.0.0.0") }), V3, "bad-source"],
    ["a loopback source", v3({ source: ip("127.0.0.1") }), V3, "bad-source"],
    ["a broadcast source", v3({ source: ip("255.255.255.255") }), V3, "bad-source"],
    ["one router too few on the way", v3({ source: LOWER, ttl: 253 }), V3, "ttl"],
    ["one router too many on the way", v3({ source: LOWER, ttl: 244 }), V3, "ttl"],
    [
      "a stranger who is no neighbour",
      v3({ source: ip("10.0.0.4"), ttl: 254 }),
      { ...V3, checkSource: false },
      "ttl",
    ],
    ["VRRPv3 for a VRRPv2 instance", v3(), V2, "version"],
    ["version 4", damaged(v3(), (payload) => patched(payload, { 0: 0x41 })), V3, "version"],
    ["nothing inside", damaged(v3(), () => hex("")), V3, "truncated"],
    [
      "a v2 password where none is expected",
      v2({ authentication: { type: 1, data: PASSWORD } }),
      V2,
      "auth-type",
    ],
    [
      "AH, which nobody configured",
      v2({ authentication: { type: 2, data: PASSWORD } }),
      V2_PASS,
      "auth-type",
    ],
    ["an empty password", v2({ authentication: { type: 1, data: new Uint8Array(8) } }), V2_PASS, "auth-pass"],
    [
      "a strict RFC 9568 receiver",
      v3({ checksumForm: "rfc5798" }),
      { ...V3, acceptChecksum: "rfc9568" },
      "checksum-form",
    ],
    ["a v2 interval shorter than ours", v2(), { ...V2, advertInterval: millis(2000) }, "interval-mismatch"],
    ["a v2 list without addresses", v2({ addresses: [] }), V2, "no-addresses"],
  ])("with %s", (_, packet, policy, reason) => {
    expect(admit(packet, policy)).toEqual({ ok: false, reason });
  });

  it("for what the source shows before anything of the message counts", () => {
    const nonsense = hex("ffffffff ffffffff ff");
    const packet = (source: IpAddress, ttl: number) => ({
      source,
      destination: LOCAL,
      ttl,
      payload: nonsense,
    });
    expect(refusalOf(packet(LOCAL, 1), V3)).toBe("own-address");
    expect(refusalOf(packet(ip("224.0.0.18"), 1), V3)).toBe("bad-source");
    expect(refusalOf(packet(ip("10.0.0.4"), 1), V3)).toBe("not-a-peer");
    expect(refusalOf(packet(HIGHER, 1), V3)).toBe("ttl");
    expect(refusalOf(packet(HIGHER, 255), V3)).toBe("version");
  });

  it("for its VRID before its authentication, and for that before its interval", () => {
    const wrong = { authentication: undefined, advertInterval: millis(2000) };
    expect(refusalOf(v2({ ...wrong, virtualRouterId: 9 }), V2_PASS)).toBe("unknown-vrid");
    expect(refusalOf(v2(wrong), V2_PASS)).toBe("auth-type");
    expect(refusalOf(v2({ ...wrong, authentication: { type: 1, data: PASSWORD } }), V2_PASS)).toBe(
      "interval-mismatch",
    );
  });
});

describe("a packet is admitted", () => {
  it.each<[string, Ipv4Packet, AdmissionPolicy]>([
    ["from a neighbour", v3(), V3],
    ["from the nearest that a routed peer may be", v3({ source: LOWER, ttl: 252 }), V3],
    ["from the farthest that a routed peer may be", v3({ source: LOWER, ttl: 245 }), V3],
    [
      "from a strange neighbour where sources are not checked",
      v3({ source: ip("10.0.0.4") }),
      { ...V3, checkSource: false },
    ],
    [
      "from a routed peer where sources are not checked",
      v3({ source: LOWER, ttl: 250 }),
      { ...V3, checkSource: false },
    ],
    ["with priority 0", v3({ priority: 0 }), V3],
    ["with priority 255", v3({ priority: 255 }), V3],
    ["in VRRPv2 without authentication", v2(), V2],
    ["in VRRPv2 with the right password", v2({ authentication: { type: 1, data: PASSWORD } }), V2_PASS],
    [
      "in VRRPv2 with data that authentication type 0 does not use",
      v2({ authentication: { type: 0, data: PASSWORD } }),
      V2,
    ],
    ["in VRRPv2 whatever VRRPv3 checksum is wanted", v2(), { ...V2, acceptChecksum: "rfc5798" }],
    ["without addresses, where we have none either", v3({ addresses: [] }), { ...V3, addresses: [] }],
  ])("%s", (_, packet, policy) => {
    expect(admit(packet, policy)).toMatchObject({ ok: true, remarks: [] });
  });

  it.each<ChecksumForm>(["rfc5798", "rfc9568"])(
    "with the checksum form %s where that or either is wanted",
    (checksumForm) => {
      const packet = v3({ checksumForm });
      expect(admit(packet, V3)).toMatchObject({ ok: true, checksumForm });
      expect(admit(packet, { ...V3, acceptChecksum: checksumForm })).toMatchObject({
        ok: true,
        checksumForm,
      });
    },
  );

  it("in VRRPv3 with another interval, which is worth a remark", () => {
    const packet = v3({ advertInterval: millis(3000) });
    expect(admit(packet, V3)).toMatchObject({
      ok: true,
      advertisement: { advertInterval: 3000 },
      remarks: ["interval-differs"],
    });
  });

  it.each<[string, readonly IpAddress[], readonly IpAddress[]]>([
    ["another address", [OTHER_VIP], [VIP]],
    ["an address more", [VIP, OTHER_VIP], [VIP]],
    ["an address fewer", [VIP], [VIP, OTHER_VIP]],
    ["one address twice in place of another", [VIP, VIP], [VIP, OTHER_VIP]],
    ["an address where we have none", [VIP], []],
  ])("with %s, which is worth a remark", (_, theirs, ours) => {
    const policy = { ...V3, addresses: ours };
    expect(admit(v3({ addresses: theirs }), policy)).toMatchObject({
      ok: true,
      remarks: ["addresses-differ"],
    });
  });

  it("with the same addresses in another order, without a remark", () => {
    const packet = v3({ addresses: [OTHER_VIP, VIP] });
    expect(admit(packet, { ...V3, addresses: [VIP, OTHER_VIP] })).toMatchObject({ ok: true, remarks: [] });
  });
});

describe("admission", () => {
  it("finds the VRID of a packet before it is checked", () => {
    expect(virtualRouterIdOf(v3({ virtualRouterId: 77 }))).toBe(77);
    expect(virtualRouterIdOf({ ...v3(), payload: hex("31") })).toBeUndefined();
  });

  it("never crashes, and admits from strangers nothing", () => {
    const policy = fc.constantFrom(V3, V2, V2_PASS);
    fc.assert(
      fc.property(anyBytes, address(4), fc.nat(255), policy, (payload, source, ttl, wanted) => {
        fc.pre(!wanted.peers.has(source));
        expect(admit({ source, destination: LOCAL, ttl, payload }, wanted).ok).toBe(false);
        admit({ source: HIGHER, destination: LOCAL, ttl: 255, payload }, wanted);
      }),
      { numRuns: 1000 },
    );
  });
});
