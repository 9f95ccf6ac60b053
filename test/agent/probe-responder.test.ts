import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Agent } from "../../src/agent/agent.ts";
import type { IpAddress } from "../../src/base/ip.ts";
import { millis } from "../../src/base/units.ts";
import { addressDigest, encodeProbe } from "../../src/vrrp/probe.ts";
import { config, FakeHost, instanceConfig, ip, LOCAL, PEER, VIP } from "./fake-host.ts";

const NONCE = Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1);
const STRANGER = ip("192.0.2.66");

let host: FakeHost;
let agent: Agent;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setImmediate", "performance"] });
  host = new FakeHost();
  agent = new Agent({
    openSocket: host.openSocket,
    network: host,
    arp: host.arp,
    now: () => millis(performance.now()),
    reportGroup: () => {},
    influence: () => ({ shift: 0, faults: [], pending: [] }),
    report: (_instance, event) => host.events.push(event),
    reportStray: () => {},
    reportLate: () => {},
    openCloud: () => undefined,
    softwareVersion: "1.2.3",
    onFatal: (error) => {
      throw error;
    },
  });
  agent.start(config(instanceConfig()));
});

afterEach(() => {
  vi.useRealTimers();
});

describe("an agent that is asked by a peer's doctor", () => {
  it("answers with what it received and how it sees their virtual router", async () => {
    host.queueAdvert();
    host.deliver();
    await vi.advanceTimersByTimeAsync(40);
    ask({ ttl: 254 });
    expect(host.probes).toEqual([
      {
        packet: expect.objectContaining({ source: LOCAL, destination: PEER, ttl: 255 }),
        probe: {
          kind: "answer",
          virtualRouterId: 51,
          nonce: NONCE,
          receivedTtl: 254,
          softwareVersion: "1.2.3",
          router: {
            state: "BACKUP",
            basePriority: 100,
            priority: 100,
            version: 3,
            advertInterval: 100,
            checksumForm: "rfc5798",
            authType: 0,
            unicastTtl: 255,
            addressCount: 1,
            addressDigest: addressDigest([VIP]),
            heardAgo: 40,
            advertLateness: undefined,
          },
        },
      },
    ]);
  });

  it("tells how late the adverts of the one who asks came, once it has heard a thousand", async () => {
    for (let count = 0; count < 1_001; count++) {
      host.queueAdvert();
      host.deliver();
      await vi.advanceTimersByTimeAsync(104);
    }
    ask();
    expect(host.probes).toMatchObject([{ probe: { router: { advertLateness: 4 } } }]);
    expect(agent.instances[0]?.peers.snapshot([PEER], millis(performance.now()))).toMatchObject([
      { advertLateness: { samples: 1_000, maxMs: 4, p999Ms: 4 } },
    ]);
  });

  it("says so when it has no such virtual router with that peer", () => {
    ask({ virtualRouterId: 52 });
    expect(host.probes.map(({ probe }) => probe)).toMatchObject([{ virtualRouterId: 52, router: undefined }]);
  });

  it("answers nobody who is no peer, and counts why", () => {
    ask({ source: STRANGER });
    ask({ destination: ip("224.0.0.18") });
    expect(host.probes).toEqual([]);
    expect(agent.refused).toEqual({ "not-a-peer": 2 });
  });

  it("counts a question that is damaged", () => {
    const packet = { source: PEER, destination: LOCAL, ttl: 255 };
    const question = encodeProbe({ kind: "question", virtualRouterId: 51, nonce: NONCE });
    host.queuePacket({ ...packet, payload: question.subarray(0, 40) });
    host.queuePacket({
      ...packet,
      payload: Uint8Array.from(question, (byte, at) => (at === 9 ? byte ^ 1 : byte)),
    });
    host.deliver();
    expect(host.probes).toEqual([]);
    expect(agent.refused).toEqual({ truncated: 1, checksum: 1 });
  });

  it("answers eight questions a second at most, for each peer and virtual router", async () => {
    for (let count = 0; count < 1000; count++) ask();
    expect(host.probes).toHaveLength(8);
    expect(agent.refused).toEqual({ "probed-too-often": 992 });
    ask({ virtualRouterId: 52 });
    expect(host.probes).toHaveLength(9);
    await vi.advanceTimersByTimeAsync(1_001);
    ask();
    expect(host.probes).toHaveLength(10);
  });

  it("lets an answer pass without a word: it is for the doctor that runs beside it", () => {
    const payload = encodeProbe({
      kind: "answer",
      virtualRouterId: 51,
      nonce: NONCE,
      receivedTtl: 255,
      softwareVersion: "1.2.3",
      router: undefined,
    });
    host.queuePacket({ source: PEER, destination: LOCAL, ttl: 255, payload });
    host.deliver();
    expect(host.probes).toEqual([]);
    expect(agent.refused).toEqual({});
  });

  it("goes on with the election as if nothing had been asked", async () => {
    await vi.advanceTimersByTimeAsync(300);
    ask();
    // Three adverts of 100 ms and the skew of priority 100: a question is no sign of life of a MASTER.
    await vi.advanceTimersByTimeAsync(62);
    expect(agent.instances[0]?.router.state.kind).toBe("MASTER");
    const adverts = host.done.length;
    ask();
    expect(host.done).toHaveLength(adverts);
    expect(agent.instances[0]?.counters.snapshot()).toMatchObject({ advertsReceived: 0, refused: {} });
  });
});

function ask({
  source = PEER,
  destination = LOCAL,
  virtualRouterId = 51,
  ttl = 255,
}: {
  source?: IpAddress;
  destination?: IpAddress;
  virtualRouterId?: number;
  ttl?: number;
} = {}): void {
  const payload = encodeProbe({ kind: "question", virtualRouterId, nonce: NONCE });
  host.queuePacket({ source, destination, ttl, payload });
  host.deliver();
}
