import { describe, expect } from "vitest";
import { startPair } from "./group.ts";
import { labTestNeeding } from "./lab-test.ts";
import { waitFor } from "./wait-for.ts";

const labTest = labTestNeeding("built");
const VIP = "10.77.1.1";
const SETTINGS = { advertInt: 0.1, vips: [VIP] };

describe("a node of higher priority that comes back", () => {
  labTest("with nopreempt leaves the addresses where they are", async ({ lab }) => {
    const { a, b, observer } = await startPair(lab, { ...SETTINGS, nopreempt: true });
    await a.daemon.stop();
    await observer.waitForHolder(VIP, b.host);
    const ownAdverts = observer.advertsOf(a.host).length;

    a.start();
    await a.daemon.waitForState("BACKUP");
    // A node that preempts waits for about four.
    await waitFor(async () => (await a.cloudvip.counters()).advertsReceived > 20, {
      what: "a to hear b for a while",
    });

    expect(observer.holders(VIP)).toEqual(["b"]);
    expect(observer.advertsOf(a.host)).toHaveLength(ownAdverts);

    await b.daemon.stop();
    await observer.waitForHolder(VIP, a.host);
  });

  labTest("with preempt_delay waits so long before it takes them", async ({ lab }) => {
    const { a, b, observer } = await startPair(lab, { ...SETTINGS, extra: ["preempt_delay 1"] });
    await a.daemon.stop();
    await observer.waitForHolder(VIP, b.host);

    const before = Date.now();
    a.start();
    await observer.waitForHolder(VIP, a.host);

    // The delay, and then the master-down time.
    expect(Date.now() - before).toBeGreaterThan(1_300);
  });
});
