/** Doctor on a pair between which packets get lost, are rewritten, or are nobody's: each case is broken, found, mended. */
import { describe, expect } from "vitest";
import { parseIp } from "../../src/base/ip.ts";
import { millis } from "../../src/base/units.ts";
import { encodeAdvertisement } from "../../src/vrrp/advertisement.ts";
import { CLI } from "./cloudvip.ts";
import { examine, waitForFinding } from "./doctor.ts";
import { type GroupOptions, type Node, type Pair, startPair } from "./group.ts";
import type { Host } from "./host.ts";
import type { Lab } from "./lab.ts";
import { labTestNeeding } from "./lab-test.ts";
import { RawSender } from "./raw-sender.ts";
import { pause } from "./wait-for.ts";

const labTest = labTestNeeding("built");
const VIP = "10.77.1.1/16";
const SETTINGS: GroupOptions = { advertInt: 0.1, vips: [VIP], peerOptions: "min_ttl 255" };
/** What an advert begins with, and a question of doctor does not. */
const ADVERT = "ip protocol 112 @th,0,8 0x31";

interface Trouble {
  readonly code: string;
  readonly what: string;
  /** The node whose packet filter gets the rules. */
  readonly on: "a" | "b";
  readonly hook: "input" | "output";
  /** Where doctor looks. */
  readonly from?: "a";
  readonly rule: string;
  readonly says: string;
  /** Of the evidence. */
  readonly seen: RegExp;
}

/** a is MASTER, and doctor runs on b unless something else is said. */
const FILTERED: readonly Trouble[] = [
  {
    code: "wire/peer-rejects-vrrp",
    what: "a filter that rejects",
    on: "a",
    hook: "input",
    rule: "ip protocol 112 reject with icmp type admin-prohibited",
    says: "V1: a packet filter on 10.77.0.1 rejects protocol 112 to 10.77.0.1",
    seen: /ICMP from 10\.77\.0\.1: destination unreachable, code 13/,
  },
  {
    code: "wire/probe-unanswered",
    what: "a filter that drops what comes from here",
    on: "a",
    hook: "input",
    rule: "ip protocol 112 drop",
    says: "V1: 10.77.0.1 is heard, but whether it hears this node is not known",
    seen: /3 questions to 10\.77\.0\.1, no answer/,
  },
  {
    code: "wire/no-adverts-from-peer",
    what: "a MASTER whose adverts do not leave it",
    on: "a",
    hook: "output",
    rule: `${ADVERT} drop`,
    says: "V1: 10.77.0.1 says that it is MASTER, and no advert of it arrives",
    seen: /MASTER, priority 150/,
  },
  {
    code: "wire/host-drops-adverts",
    what: "a filter of this host",
    on: "b",
    hook: "input",
    rule: `${ADVERT} drop`,
    says: "V1: adverts of 10.77.0.1 reach eth0 and are dropped by this host",
    seen: /on the wire, sent to 10\.77\.0\.2, and none at a raw socket/,
  },
  {
    code: "wire/two-masters",
    what: "one that does not hear the other",
    on: "b",
    hook: "input",
    rule: `${ADVERT} drop`,
    says: "V1: this node and 10.77.0.1 are MASTER at once",
    seen: /10\.77\.0\.2: \d+ adverts in/,
  },
  {
    code: "wire/not-heard-by-peer",
    what: "a peer that does not let adverts in",
    on: "b",
    hook: "input",
    from: "a",
    rule: `${ADVERT} drop`,
    says: "V1: 10.77.0.2 does not hear this node, though it answers its questions",
    seen: /accepted the last one: \d+\.\d s ago; it is MASTER/,
  },
  {
    code: "wire/adverts-malformed",
    what: "something that rewrites packets",
    on: "a",
    hook: "output",
    rule: `${ADVERT} @th,16,8 set 77`,
    says: "V1: 10.77.0.1 sends what is no proper advert",
    seen: /× checksum: its checksum is wrong/,
  },
];

describe.concurrent("doctor on a pair", () => {
  labTest(
    "with packet filters in the way names each by what it does",
    { timeout: 240_000 },
    async ({ lab }) => {
      const pair = await startPair(lab, SETTINGS);
      for (const { code, on, hook, from = "b", rule, says, seen } of FILTERED) {
        const { host } = pair[on];
        await host.exec(
          "nft",
          `add table ip f; add chain ip f c { type filter hook ${hook} priority 0; }; add rule ip f c ${rule}`,
        );
        const finding = await waitForFinding(lab, pair[from], { code });
        expect(finding).toMatchObject({ code, message: says });
        expect(finding?.evidence.join("\n")).toMatch(seen);
        await host.exec("nft", "delete table ip f");
        await waitForFinding(lab, pair[from], { code, gone: true });
      }
    },
  );

  labTest(
    "of which one is off, has no agent, or is in maintenance says which",
    { timeout: 240_000 },
    async ({ lab }) => {
      const { a, b } = await startPair(lab, SETTINGS);

      await maintenance(a, "on");
      expect(await waitForFinding(lab, b, { code: "wire/peer-in-fault" })).toMatchObject({
        severity: "failure",
        message: "V1: 10.77.0.1 is in FAULT and would not take over",
      });
      await maintenance(a, "off");
      await waitForFinding(lab, b, { code: "wire/peer-in-fault", gone: true });

      await a.daemon.stop();
      expect(await waitForFinding(lab, b, { code: "wire/peer-without-agent" })).toMatchObject({
        message: "V1: no VRRP program runs on 10.77.0.1",
        evidence: ["ICMP from 10.77.0.1: protocol 112 unreachable"],
      });
      a.start();
      await waitForFinding(lab, b, { code: "wire/peer-without-agent", gone: true });

      await lab.cut(a.host);
      await b.host.ip("neigh", "flush", "dev", "eth0");
      expect(await waitForFinding(lab, b, { code: "wire/peer-unreachable" })).toMatchObject({
        message: "V1: nobody is at 10.77.0.1",
        evidence: ["ICMP from this host: nobody answers ARP for it"],
      });
      await lab.heal();
      await waitForFinding(lab, b, { code: "wire/peer-unreachable", gone: true });
    },
  );

  labTest("whose adverts get lost says how many", { timeout: 240_000 }, async ({ lab }) => {
    const { a, b } = await startPair(lab, SETTINGS);
    await lab.lose({ from: a.host.name, to: b.host.name, percent: 40, only: "vrrp" });
    const finding = await waitForFinding(lab, b, { code: "wire/adverts-lost" });
    expect(finding?.message).toMatch(/^V1: \d+ of \d+ adverts of 10\.77\.0\.1 did not arrive$/);
    await lab.heal();
    await waitForFinding(lab, b, { code: "wire/adverts-lost", gone: true });
  });

  labTest(
    "whose advert_int is too short names the smallest that is safe",
    { timeout: 240_000 },
    async ({ lab }) => {
      const { b } = await startPair(lab, SETTINGS);
      const code = "wire/interval-too-short";
      const finding = await waitForFinding(lab, b, { code, conf: b.conf({ advertInt: 0.01 }) });
      expect(finding?.message).toMatch(
        /^V1: advert_int is 10 ms, and \d+ ms is the smallest that is safe here$/,
      );
      await waitForFinding(lab, b, { code, gone: true, conf: b.conf({ advertInt: 1 }) });
    },
  );

  labTest(
    "that hears a router it does not know, or an irregular one, says so",
    { timeout: 240_000 },
    async ({ lab }) => {
      const pair = await startPair(lab, SETTINGS);
      const stranger = await lab.host("stranger");
      await whileSending(lab, stranger, { to: pair.b, pausesMs: [100] }, async () => {
        expect(await waitForFinding(lab, pair.b, { code: "wire/unknown-router" })).toMatchObject({
          severity: "failure",
          message: "V1: 10.77.0.3, which is no peer, advertises virtual_router_id 51",
        });
      });
      await waitForFinding(lab, pair.b, { code: "wire/unknown-router", gone: true });

      await pair.a.daemon.stop();
      await whileSending(lab, pair.a.host, { to: pair.b, pausesMs: [90, 190, 20] }, async () => {
        const finding = await waitForFinding(lab, pair.b, { code: "wire/jitter" });
        expect(finding?.message).toMatch(
          /^V1: adverts of 10\.77\.0\.1 come up to \d+ ms late, and they are 100 ms apart$/,
        );
      });
      pair.a.start();
      await waitForFinding(lab, pair.b, { code: "wire/jitter", gone: true });
    },
  );

  labTest(
    "in a flood of garbage ends in time, with findings and not with a crash",
    { timeout: 240_000 },
    async ({ lab }) => {
      const pair = await startPair(lab, { ...SETTINGS, advertInt: 1 });
      const flooder = await lab.host("flooder");
      // What waits for ARP fills the socket's send buffer.
      const { address: to, mac } = pair.b.host;
      await flooder.ip("neigh", "replace", to, "lladdr", mac, "dev", "eth0");
      const sender = new RawSender(flooder);
      let flooding = true;
      const flood = (async () => {
        for (let round = 0; flooding; round++) {
          for (let index = 0; index < 100; index++) sender.send(garbage(pair, round * 100 + index));
          await pause(5);
        }
      })();
      try {
        const { findings, unseen } = await examine(lab, pair.b);
        expect(unseen.filter(({ code }) => code.startsWith("wire/"))).toEqual([]);
        expect(findings.filter(({ code }) => code === "wire/unknown-router").length).toBeLessThanOrEqual(32);
        expect(findings.map(({ code }) => code)).toContain("wire/unknown-router");
      } finally {
        flooding = false;
        await flood;
        sender.close();
      }
      expect(await pair.b.daemon.state()).toBe("BACKUP");
    },
  );
});

/** From thousands of sources, some of them the peer's: adverts, cut ones, answers that nobody asked for, nonsense. */
function garbage({ a, b }: Pair, number: number) {
  const source = number % 7 === 0 ? a.host.address : `10.77.${100 + (number % 100)}.${1 + (number % 250)}`;
  const first = [0x31, 0xf2, 0xf1, 0x21, 0x00][number % 5] ?? 0;
  const payload = Uint8Array.from({ length: number % 80 }, (_, index) =>
    index === 0 ? first : index === 1 ? (first >= 0xf0 ? 0 : 51) : (number * 31 + index * 17) & 0xff,
  );
  return { source: address(source), destination: address(b.host.address), ttl: 255, payload };
}

/** Adverts from a host by a program of no good habits: the pauses follow each other in turn. */
async function whileSending(
  lab: Lab,
  from: Host,
  { to, pausesMs }: { readonly to: Node; readonly pausesMs: readonly number[] },
  work: () => Promise<void>,
): Promise<void> {
  const sender = new RawSender(from);
  lab.beforeClose(async () => sender.close());
  let sending = true;
  const endpoints = { source: address(from.address), destination: address(to.host.address) };
  const payload = encodeAdvertisement(
    {
      version: 3,
      virtualRouterId: 51,
      priority: 200,
      advertInterval: millis(100),
      addresses: [address("10.77.1.1")],
      authentication: undefined,
    },
    { ...endpoints, checksumForm: "rfc5798" },
  );
  const sent = (async () => {
    for (let count = 0; sending; count++) {
      sender.send({ ...endpoints, ttl: 255, payload });
      await pause(pausesMs[count % pausesMs.length] ?? 0);
    }
  })();
  try {
    await work();
  } finally {
    sending = false;
    await sent;
  }
}

function maintenance({ host, cloudvip }: Node, onOff: "on" | "off"): Promise<string> {
  return host.exec(process.execPath, CLI, "maintenance", onOff, "--socket", cloudvip.socket);
}

function address(text: string) {
  const parsed = parseIp(text);
  if (!parsed) throw new Error(`${text} is no address`);
  return parsed;
}
