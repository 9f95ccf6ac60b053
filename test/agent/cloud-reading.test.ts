import { describe, expect, it } from "vitest";
import { type Acquaintance, hearingSince, readingOf } from "../../src/agent/cloud-reading.ts";
import type { IpAddress } from "../../src/base/ip.ts";
import { millis } from "../../src/base/units.ts";
import type { Owner } from "../../src/provider/contract.ts";

const [PEER, OTHER_PEER, STRANGER] = ["10.0.0.2", "10.0.0.3", "10.0.0.9"] as IpAddress[] as [
  ...[IpAddress, IpAddress, IpAddress],
];
const VIPS = ["10.0.0.100", "10.0.0.101", "10.0.0.102"] as IpAddress[];

const mine: Owner = { kind: "mine", source: "api" };
const nobody: Owner = { kind: "nobody", source: "api" };
const unknown: Owner = { kind: "unknown", why: "HTTP 500" };

function at(...addresses: readonly IpAddress[]): Owner {
  return { kind: "other", source: "api", holder: "i-other", addresses, stopped: false };
}

/** MASTER since 100 s, and now it is 200 s; the peer was heard at this time. */
function acquaintance(heardAt?: number): Acquaintance {
  return {
    peers: [PEER, OTHER_PEER],
    heardAt: (peer) => (peer === PEER && heardAt !== undefined ? millis(heardAt) : undefined),
    since: millis(100_000),
    now: millis(200_000),
  };
}

function read(owners: readonly Owner[], heardAt?: number) {
  const ownerships = owners.map((owner, index) => ({ vip: VIPS[index] as IpAddress, owner }));
  return readingOf(ownerships, acquaintance(heardAt));
}

describe("the owners of several addresses", () => {
  it.each([
    ["all of them are here", [mine, mine, mine], "mine"],
    ["one is nobody's", [mine, nobody, mine], "nobody"],
    ["one is not known", [mine, unknown, nobody], "unknown"],
    ["one is not known, after one that is nobody's", [nobody, unknown, mine], "unknown"],
    ["a part of a batch is elsewhere", [mine, unknown, at(PEER)], "other"],
  ] as const)("are one: %s", (_, owners, kind) => {
    expect(read(owners).kind).toBe(kind);
  });
});

describe("another holder", () => {
  it("is the peer that has one of its addresses", () => {
    expect(read([at("10.9.9.9" as IpAddress, OTHER_PEER)])).toMatchObject({ peer: { address: OTHER_PEER } });
  });

  it("is a stranger when none of our peers has its addresses", () => {
    expect(read([at(STRANGER)])).toMatchObject({ holder: "i-other", peer: undefined });
  });

  it.each([
    ["never", undefined, false],
    ["before this node became what it is", 99_999, false],
    ["since", 150_000, true],
    ["since, but more than a minute ago", 140_000, false],
  ])("counts as heard when an advert of it came %s: %s", (_, heardAt, heard) => {
    expect(read([at(PEER)], heardAt)).toMatchObject({ peer: { address: PEER, heard } });
  });
});

describe("from when on an advert proves that a peer can be heard", () => {
  const now = millis(5_000);

  it.each(["master-silent", "nobody-heard"] as const)("is the takeover, where the cause is %s", (cause) => {
    expect(hearingSince({ kind: "took-over", cause }, now)).toBe(now);
  });

  it.each(["master-left", "master-lower"] as const)("is any time, where the cause is %s", (cause) => {
    expect(hearingSince({ kind: "took-over", cause }, now)).toBe(0);
  });

  it("is the transition in any other case", () => {
    expect(hearingSince({ kind: "gave-up", holder: "i-other" }, now)).toBe(now);
  });
});
