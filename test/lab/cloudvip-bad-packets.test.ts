import { describe, expect, onTestFinished } from "vitest";
import { type IpAddress, parseIp } from "../../src/base/ip.ts";
import { millis } from "../../src/base/units.ts";
import { type Advertisement, encodeAdvertisement } from "../../src/vrrp/advertisement.ts";
import type { Ipv4Packet } from "../../src/vrrp/ipv4-header.ts";
import type { Refusal } from "../../src/vrrp/refusal.ts";
import { type Node, type Pair, startPair } from "./group.ts";
import type { Host } from "./host.ts";
import type { Lab } from "./lab.ts";
import { labTestNeeding } from "./lab-test.ts";
import { RawSender } from "./raw-sender.ts";
import { pause, waitFor } from "./wait-for.ts";

const labTest = labTestNeeding("built");
const VIP = "10.77.1.1";
const MULTICAST_GROUP = "224.0.0.18";
/** A keepalived.conf that says nothing accepts any TTL, as keepalived does. */
const NEIGHBOURS_ONLY = { peerOptions: "min_ttl 255" };
const FLOOD_PACKETS = 20_000;
/** 20,000 a second: what a small server sends without effort, and many times what an agent of this kind hears in its life. */
const FLOOD_BURST = 200;

describe("bad packets", () => {
  labTest(
    "change nothing, neither at the MASTER nor at the BACKUP, and are counted by reason",
    async ({ lab }) => {
      const pair = await startPair(lab, { advertInt: 0.5, vips: [VIP], ...NEIGHBOURS_ONLY });
      const { a, b } = pair;
      const { stranger, sender } = await openStranger(lab);
      for (const { host } of [a, b]) {
        await host.ip("address", "add", `${MULTICAST_GROUP}/32`, "dev", "eth0", "autojoin");
      }

      sender.send(packetOf(stranger.address, MULTICAST_GROUP));
      for (const node of [a, b]) {
        const bad = badPackets({ to: node.host, peer: (node === a ? b : a).host, stranger });
        for (const { packet } of bad) sender.send(packet);
        const expected = countsOf([...bad.map(({ reason }) => reason), "multicast"]);
        await waitFor(async () => sum(await refusedBy(node)) >= sum(expected), {
          what: `${node.host.name} to refuse`,
        });
        expect(await refusedBy(node)).toEqual(expected);
      }

      const heard = (await b.cloudvip.counters()).advertsReceived;
      await waitFor(async () => (await b.cloudvip.counters()).advertsReceived >= heard + 3, {
        what: "b to go on",
      });
      await expectOneReign(pair);
      expect(await b.cloudvip.instance()).toMatchObject({
        master: { address: a.host.address, priority: 150 },
        counters: { priorityZeroReceived: 0 },
      });
    },
  );

  labTest("do not disturb an election of 100 ms, even 20,000 of them", async ({ lab }) => {
    const pair = await startPair(lab, { advertInt: 0.1, vips: [VIP], ...NEIGHBOURS_ONLY });
    const { a, b } = pair;
    const { stranger, sender } = await openStranger(lab);
    const packets = [a, b].flatMap((node) =>
      badPackets({ to: node.host, peer: (node === a ? b : a).host, stranger }).map(({ packet }) => packet),
    );

    for (let sent = 0; sent < FLOOD_PACKETS; sent += FLOOD_BURST) {
      for (let index = sent; index < sent + FLOOD_BURST; index++)
        sender.send(packets[index % packets.length]!);
      await pause(10);
    }

    const heard = (await b.cloudvip.counters()).advertsReceived;
    await waitFor(async () => (await b.cloudvip.counters()).advertsReceived >= heard + 5, {
      what: "b to go on",
    });
    await expectOneReign(pair);
    for (const node of [a, b]) expect(sum(await refusedBy(node))).toBeGreaterThan(1_000);
  });
});

interface Target {
  readonly to: Host;
  readonly peer: Host;
  readonly stranger: Host;
}

/** Each of them would matter if it were believed, most by its priority of 255. */
function badPackets({ to, peer, stranger }: Target): readonly { reason: Refusal; packet: Ipv4Packet }[] {
  const from = (host: Host, changed: Partial<Advertisement> = {}) =>
    packetOf(host.address, to.address, changed);
  const valid = from(peer);
  return [
    { reason: "not-a-peer", packet: from(stranger) },
    { reason: "not-a-peer", packet: from(stranger, { priority: 0 }) },
    { reason: "not-a-peer", packet: packetOf("10.77.0.99", to.address) },
    { reason: "ttl", packet: { ...valid, ttl: 42 } },
    { reason: "ttl", packet: { ...from(peer, { priority: 0 }), ttl: 254 } },
    { reason: "interval-zero", packet: from(peer, { advertInterval: millis(0) }) },
    { reason: "unknown-vrid", packet: from(peer, { virtualRouterId: 99 }) },
    { reason: "version", packet: from(peer, { version: 2, advertInterval: millis(1_000) }) },
    { reason: "no-addresses", packet: from(peer, { addresses: [] }) },
    { reason: "checksum", packet: withByte(valid, 7, (byte) => byte ^ 0x01) },
    { reason: "type", packet: withByte(valid, 0, () => 0x32) },
    { reason: "truncated", packet: withByte(valid, 3, () => 200) },
    { reason: "length", packet: withByte(valid, 3, () => 0) },
    { reason: "truncated", packet: { ...valid, payload: valid.payload.subarray(0, 4) } },
    { reason: "truncated", packet: { ...valid, payload: new Uint8Array() } },
    {
      reason: "version",
      packet: {
        ...valid,
        payload: Uint8Array.from({ length: 64 }, (_, index) => (index === 1 ? 51 : index)),
      },
    },
  ];
}

function countsOf(reasons: readonly Refusal[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const reason of reasons) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
}

function packetOf(source: string, destination: string, changed: Partial<Advertisement> = {}): Ipv4Packet {
  const endpoints = { source: address(source), destination: address(destination) };
  const advertisement: Advertisement = {
    version: 3,
    virtualRouterId: 51,
    priority: 255,
    advertInterval: millis(500),
    addresses: [address(VIP)],
    authentication: undefined,
    ...changed,
  };
  return {
    ...endpoints,
    ttl: 255,
    payload: encodeAdvertisement(advertisement, { ...endpoints, checksumForm: "rfc5798" }),
  };
}

function withByte(packet: Ipv4Packet, at: number, change: (byte: number) => number): Ipv4Packet {
  const payload = Uint8Array.from(packet.payload, (byte, index) => (index === at ? change(byte) : byte));
  return { ...packet, payload };
}

async function openStranger(lab: Lab): Promise<{ stranger: Host; sender: RawSender }> {
  const stranger = await lab.host("stranger");
  await stranger.ip("route", "add", "224.0.0.0/4", "dev", "eth0");
  const sender = new RawSender(stranger);
  onTestFinished(() => sender.close());
  return { stranger, sender };
}

/** What the agent refused in all, with or without an instance that it was for. */
async function refusedBy(node: Node): Promise<Readonly<Record<string, number>>> {
  const { refused, instances } = await node.cloudvip.status();
  const total: Record<string, number> = {};
  for (const counts of [refused, ...instances.map(({ counters }) => counters.refused)]) {
    for (const [reason, count] of Object.entries(counts)) total[reason] = (total[reason] ?? 0) + count;
  }
  return total;
}

/** `a` became MASTER once and stayed it, and `b` never spoke. */
async function expectOneReign({ a, b, observer }: Pair): Promise<void> {
  expect(await a.cloudvip.counters()).toMatchObject({ becameMaster: 1, priorityZeroSent: 0 });
  expect(await b.cloudvip.counters()).toMatchObject({ becameMaster: 0, advertsSent: 0 });
  expect(observer.holders(VIP)).toEqual(["a"]);
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

function address(text: string): IpAddress {
  const parsed = parseIp(text);
  if (!parsed) throw new Error(`${text} is no address`);
  return parsed;
}
