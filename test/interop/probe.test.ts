/** What other programs make of doctor's questions: nothing. */
import { describe, expect } from "vitest";
import { type IpAddress, parseIp } from "../../src/base/ip.ts";
import type { Ipv4Packet } from "../../src/vrrp/ipv4-header.ts";
import { encodeProbe, type Probe } from "../../src/vrrp/probe.ts";
import { examine } from "../lab/doctor.ts";
import { startFrr } from "../lab/frr.ts";
import { startPair } from "../lab/group.ts";
import type { Host } from "../lab/host.ts";
import { labTestNeeding } from "../lab/lab-test.ts";
import { RawSender } from "../lab/raw-sender.ts";
import { pause, waitFor } from "../lab/wait-for.ts";

const VIP = "10.77.1.1/16";
/** Many times what doctor sends in its life. */
const PROBES = 1_000;

describe.concurrent("a probe", () => {
  for (const version of [2, 3] as const) {
    labTestNeeding("built", "keepalived")(
      `is passed over by keepalived with VRRPv${version}, MASTER or BACKUP, without a word in its log`,
      async ({ lab }) => {
        const programs = ["keepalived", "keepalived"] as const;
        const settings = { version, advertInt: 1, vips: [VIP], programs };
        const { a, b, observer } = await startPair(lab, settings);
        // The last that a start prints, of which the pipe may hold a part back.
        for (const { daemon } of [a, b])
          await waitFor(() => daemon.log().includes("VRRP sockpool"), { what: "keepalived to have started" });
        const before = [a, b].map(({ daemon }) => daemon.log());
        await sendProbes(a.host, b.host);
        await sendProbes(b.host, a.host);
        // Whatever they made of it would show in the next adverts and log lines.
        const sent = observer.advertsOf(a.host).length;
        await observer.waitFor(() => observer.advertsOf(a.host).length >= sent + 2, {
          what: "two more adverts",
        });
        const added = [a, b].map(({ daemon }, index) => daemon.log().slice(before[index]?.length));
        // keepalived repeats its gratuitous ARPs 5 s after a start; that is all it may have to say.
        expect(
          added
            .join("")
            .split("\n")
            .filter((line) => line !== "" && !line.includes("gratuitous ARP")),
        ).toEqual([]);
        expect([await a.daemon.state(), await b.daemon.state()]).toEqual(["MASTER", "BACKUP"]);
        expect(observer.holders("10.77.1.1")).toEqual(["a"]);
      },
    );
  }

  labTestNeeding("frr")("is passed over by FRR without a word in its log", async ({ lab }) => {
    const host = await lab.host("frr");
    const asker = await lab.host("asker");
    const observer = await lab.observe();
    const vrrpd = await startFrr(lab, host, {
      vrid: 5,
      version: 3,
      priority: 200,
      advertMs: 500,
      vip: lab.vip(),
    });
    await observer.waitFor(() => observer.advertsOf(host).length > 1, { what: "adverts of FRR" });
    const before = vrrpd.stdout().length;
    expect(before).toBeGreaterThan(0);
    await sendProbes(asker, host);
    const sent = observer.advertsOf(host).length;
    await observer.waitFor(() => observer.advertsOf(host).length >= sent + 2, { what: "two more adverts" });
    expect(vrrpd.stdout().slice(before)).toBe("");
    expect(vrrpd.exit).toBeUndefined();
  });

  labTestNeeding("built", "keepalived")(
    "leaves doctor on a pair with keepalived with one warning: that it cannot know what is heard there",
    async ({ lab }) => {
      const programs = ["keepalived", "cloudvip"] as const;
      const { b } = await startPair(lab, { advertInt: 1, vips: [VIP], programs });
      const { findings } = await examine(lab, b);
      expect(findings.filter(({ code }) => code.startsWith("wire/"))).toMatchObject([
        {
          code: "wire/probe-unanswered",
          severity: "warning",
          message: "V1: 10.77.0.1 is heard, but whether it hears this node is not known",
        },
      ]);
    },
  );
});

async function sendProbes(from: Host, to: Host): Promise<void> {
  const sender = new RawSender(from);
  const packet = { source: address(from.address), destination: address(to.address), ttl: 255 };
  for (let sent = 0; sent < PROBES; sent += 20) {
    for (let index = 0; index < 20; index++)
      sender.send({ ...packet, payload: payloadOf(index) } satisfies Ipv4Packet);
    await pause(5);
  }
  sender.close();
}

/** Questions and answers by turns. */
function payloadOf(index: number): Uint8Array {
  const about = { virtualRouterId: 51, nonce: new Uint8Array(8).fill(index) };
  const answer = {
    kind: "answer",
    receivedTtl: 255,
    softwareVersion: "0.1.0",
    router: undefined,
    ...about,
  } as const;
  const probe: Probe = index % 2 === 0 ? { kind: "question", ...about } : answer;
  return encodeProbe(probe);
}

function address(text: string): IpAddress {
  const parsed = parseIp(text);
  if (!parsed) throw new Error(`${text} is no address`);
  return parsed;
}
