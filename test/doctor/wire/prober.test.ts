import { beforeEach, describe, expect, test } from "vitest";
import { Prober } from "../../../src/doctor/wire/prober.ts";
import { decodeIpv4Packet, encodeIpv4Packet, type Ipv4Packet } from "../../../src/vrrp/ipv4-header.ts";
import { decodeProbe, encodeProbe, type ProbeAnswer } from "../../../src/vrrp/probe.ts";
import { ip } from "../../vrrp/fixtures.ts";

const SELF = ip("10.0.0.4");
const PEER = ip("10.0.0.5");
const OTHER = ip("10.0.0.6");
const PATHS = [PEER, OTHER].map((peer) => ({ source: SELF, peer, virtualRouterId: 51, ttl: 254 }));

let prober: Prober;
let sent: Ipv4Packet[];
let now: number;

beforeEach(() => {
  now = 1_000;
  sent = [];
  prober = new Prober(PATHS, { now: () => now });
});

describe("a doctor that asks", () => {
  test("sends each peer a question, as its adverts travel, and takes down the answer", () => {
    ask();
    expect(sent).toMatchObject(PATHS.map(({ peer }) => ({ source: SELF, destination: peer, ttl: 254 })));
    now += 3;
    answer(0, { softwareVersion: "1.2.3", receivedTtl: 253 });
    expect(prober.outcomes).toMatchObject([
      { asked: 1, answer: { softwareVersion: "1.2.3", receivedTtl: 253, ttl: 255, roundTripMs: 3 } },
      { asked: 1, answer: undefined },
    ]);
  });

  test("asks again only who has not answered, and at the end only who has", () => {
    ask();
    answer(0);
    ask();
    expect(sent.map(({ destination }) => destination)).toEqual([PEER, OTHER, OTHER]);
    ask("answered");
    expect(sent.at(-1)?.destination).toBe(PEER);
    answer(0, { softwareVersion: "2.0.0" });
    expect(prober.outcomes[0]?.answer?.softwareVersion).toBe("2.0.0");
  });

  test("believes no answer that was not asked for", () => {
    ask();
    answer(0, {}, { source: OTHER });
    answer(0, { nonce: new Uint8Array(8) });
    answer(0, { virtualRouterId: 52 });
    prober.receive(encodeIpv4Packet(sent[0] as Ipv4Packet, 1));
    prober.receive(new Uint8Array(3));
    prober.receive(encodeIpv4Packet({ ...reply(0), payload: encodeProbe(questionOf(0)).subarray(0, 30) }, 1));
    expect(prober.outcomes.map((outcome) => outcome.answer)).toEqual([undefined, undefined]);
  });

  test("pauses between many questions", () => {
    const many = Array.from({ length: 200 }, (_, index) => ({
      source: SELF,
      peer: PEER,
      virtualRouterId: 1 + index,
      ttl: 255,
    }));
    const busy = new Prober(many, { now: () => now });
    let questions = 0;
    const counts: number[] = [];
    for (const _ of busy.ask("silent", () => questions++)) counts.push(questions);
    expect(counts).toEqual([64, 128, 192]);
    expect(questions).toBe(200);
  });

  test("remembers what ICMP and the kernel say, of that peer only", () => {
    prober.hearOf({ from: OTHER, destination: PEER, code: 2 });
    prober.sendFailed(OTHER, "EPERM");
    expect(prober.outcomes).toMatchObject([
      { undelivered: { from: OTHER, code: 2 }, sendError: undefined },
      { undelivered: undefined, sendError: "EPERM" },
    ]);
  });
});

function ask(whom: "silent" | "answered" = "silent"): void {
  const keep = (bytes: Uint8Array) => {
    const packet = decodeIpv4Packet(bytes);
    if (packet.ok) sent.push(packet);
  };
  for (const _ of prober.ask(whom, keep));
}

function questionOf(index: number) {
  const decoded = decodeProbe(sent[index]?.payload ?? new Uint8Array());
  if (!decoded.ok || decoded.probe.kind !== "question") throw new Error("nothing was asked");
  return decoded.probe;
}

function reply(index: number): Omit<Ipv4Packet, "payload"> {
  return { source: PATHS[index]?.peer ?? PEER, destination: SELF, ttl: 255 };
}

function answer(index: number, change: Partial<ProbeAnswer> = {}, travel: Partial<Ipv4Packet> = {}): void {
  const about = { receivedTtl: 254, softwareVersion: "0.1.0", router: undefined } as const;
  const payload = encodeProbe({ ...about, ...questionOf(index), kind: "answer", ...change });
  prober.receive(encodeIpv4Packet({ ...reply(index), payload, ...travel }, 1));
}
