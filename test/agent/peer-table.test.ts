import { describe, expect, it } from "vitest";
import { PeerTable } from "../../src/agent/peer-table.ts";
import { millis } from "../../src/base/units.ts";
import { PEER } from "./fake-host.ts";

const ADVERT = { priority: 200, checksumForm: "rfc5798", advertInterval: millis(100) } as const;

describe("what is remembered of a peer", () => {
  it("is its last advert, and how late its adverts came", () => {
    const peers = new PeerTable();
    for (const at of [0, 100, 230, 300]) peers.heard(PEER, { ...ADVERT, at: millis(at) });
    peers.heard(PEER, { ...ADVERT, priority: 90, at: millis(400) });
    expect(peers.snapshot([PEER], millis(450))).toEqual([
      {
        address: PEER,
        lastAdvertAgoMs: 50,
        lastPriority: 90,
        checksumForm: "rfc5798",
        advertLateness: { samples: 4, maxMs: 30, p999Ms: 30 },
      },
    ]);
  });

  it("is no lateness when it was silent for as long as no MASTER is", () => {
    const peers = new PeerTable();
    for (const at of [0, 299, 599]) peers.heard(PEER, { ...ADVERT, at: millis(at) });
    expect(peers.latenessOf(PEER)).toEqual({ samples: 1, maxMs: 199, p999Ms: 199 });
  });

  it("is nothing before it was heard", () => {
    const peers = new PeerTable();
    expect(peers.latenessOf(PEER)).toBeUndefined();
    expect(peers.snapshot([PEER], millis(0))).toMatchObject([
      { lastAdvertAgoMs: null, advertLateness: null },
    ]);
  });
});
