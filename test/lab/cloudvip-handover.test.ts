import { describe, expect } from "vitest";
import { askAgent } from "../../src/status/client.ts";
import { AwsPair } from "./cloud-aws.ts";
import { CLI, type Cloudvip } from "./cloudvip.ts";
import { type Node, startGroup, startPair } from "./group.ts";
import type { Host } from "./host.ts";
import { labTestNeeding } from "./lab-test.ts";
import type { Observer } from "./observer.ts";
import { waitFor } from "./wait-for.ts";

const VIP = "10.77.1.1";
const SETTINGS = { advertInt: 0.1, vips: [VIP] };

describe.each(["cloudvip", "keepalived"] as const)("with %s as successor", (program) => {
  const labTest = labTestNeeding("built", ...(program === "keepalived" ? (["keepalived"] as const) : []));

  labTest(
    "a MASTER serves until it is heard: handover, maintenance, and a reload without the instance",
    async ({ lab }) => {
      const { a, b, observer } = await startPair(lab, { ...SETTINGS, programs: ["cloudvip", program] });

      await expectMakeBeforeBreak({ observer, a, b }, () => ask(a.host, a.cloudvip, "handover"));
      // It may not take right back what it has handed over, so the other has to go.
      await b.daemon.stop();
      await observer.waitForHolder(VIP, a.host);
      b.start();
      await b.daemon.waitForState("BACKUP");

      await expectMakeBeforeBreak({ observer, a, b }, () => ask(a.host, a.cloudvip, "maintenance", "on"));
      await a.cloudvip.waitForState("FAULT");
      await ask(a.host, a.cloudvip, "maintenance", "off");
      await observer.waitForHolder(VIP, a.host);

      await expectMakeBeforeBreak({ observer, a, b }, async () =>
        a.daemon.reload(a.conf({ vrid: 52, vips: ["10.77.1.2"] })),
      );
    },
  );
});

describe("a MASTER without a peer", () => {
  const labTest = labTestNeeding("built");

  labTest("says so when it is asked to hand over, and goes on", async ({ lab }) => {
    const { nodes, observer } = await startGroup(lab, { ...SETTINGS, priorities: [150, 100] });
    const [a, b] = nodes;
    if (!a || !b) throw new Error("a pair has two nodes");
    await b.daemon.kill();

    await askAgent("handover", { path: a.cloudvip.socket });
    await waitFor(() => a.daemon.log().includes('"event":"handover-failed"'), { what: "a to say so" });
    await a.cloudvip.waitForState("MASTER");
    expect(await a.host.hasBound(VIP)).toBe(true);

    expect(await a.daemon.stop()).toEqual({ code: 0, signal: null });
    expect(a.daemon.log()).toContain('"kind":"nobody-took-over"');
    expect(observer.holders(VIP)).not.toContain("a");
  });
});

describe("where a cloud moves the address", () => {
  const labTest = labTestNeeding("built");

  labTest("the MASTER serves until the cloud shows it at its successor", async ({ lab }) => {
    const pair = await AwsPair.start(lab);

    await ask(pair.a.host, pair.a.agent, "handover");
    await pair.waitForOwner(pair.b);
    await pair.a.agent.waitForState("BACKUP");

    const [claimed] = pair.b.events("cloud-claimed");
    const left = pair.a.events("transition").find(({ from }) => from === "MASTER");
    expect(Date.parse(String(left?.["time"]))).toBeGreaterThanOrEqual(Date.parse(String(claimed?.["time"])));
    expect(pair.observer.holders(pair.vip)).toEqual(["b"]);
  });
});

/** Carries `order` out, and expects that `a` unbinds the address only after `b` has advertised. */
async function expectMakeBeforeBreak(
  { observer, a, b }: { readonly observer: Observer; readonly a: Node; readonly b: Node },
  order: () => Promise<unknown>,
): Promise<void> {
  const said = observer.advertsOf(b.host).length;
  const unbound = () =>
    observer
      .timeline()
      .filter((seen) => seen.kind === "unbound" && seen.host === a.host.name && seen.address === VIP);
  const before = unbound().length;
  await order();
  await observer.waitForHolder(VIP, b.host);
  const [heard, gone] = [observer.advertsOf(b.host)[said]?.atMs, unbound()[before]?.atMs];
  expect(gone).toBeGreaterThan(heard ?? Number.NaN);
}

function ask(host: Host, { socket }: Cloudvip, ...command: readonly string[]): Promise<string> {
  return host.exec(process.execPath, CLI, ...command, "--socket", socket);
}
