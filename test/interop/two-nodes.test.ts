/**
 * A group of two in which cloudvip waits without Skew_Time (`skew: auto`) and keepalived with it: the two wait differently, and
 * still there is one MASTER.
 */
import { describe, expect } from "vitest";
import { falseTakeovers } from "../lab/false-takeovers.ts";
import { startPair, waitForLog } from "../lab/group.ts";
import { labTestNeeding } from "../lab/lab-test.ts";

const labTest = labTestNeeding("built", "keepalived");
const VIP = "10.77.1.1";
const ADVERT_MS = 30;
const ADVERTS = 150;
const SETTINGS = { version: 3, advertInt: ADVERT_MS / 1000, vips: [VIP] } as const;

describe("a cloudvip BACKUP that waits no Skew_Time", () => {
  labTest("leaves a living keepalived its mastership", async ({ lab }) => {
    const { a, b, observer } = await startPair(lab, { ...SETTINGS, programs: ["keepalived", "cloudvip"] });
    await observer.waitFor(() => observer.advertsOf(a.host).length >= ADVERTS, { what: "many adverts" });
    expect(falseTakeovers(observer, { master: a.host, backup: b.host, advertMs: ADVERT_MS })).toEqual([]);
  });

  labTest("gives back when keepalived speaks again, and takes over when it says goodbye", async ({ lab }) => {
    const { a, b, observer } = await startPair(lab, { ...SETTINGS, programs: ["keepalived", "cloudvip"] });
    await lab.cut(a.host);
    await observer.waitFor(() => observer.holders(VIP).includes("b"), { what: "b to take over" });
    await lab.heal();
    await observer.waitForHolder(VIP, a.host);

    await a.daemon.stop();
    await observer.waitForHolder(VIP, b.host);
    await waitForLog(b, '"cause":"master-left"');
  });
});

describe("a keepalived BACKUP that waits its Skew_Time", () => {
  labTest("gives way to cloudvip when both have begun at once", async ({ lab }) => {
    const { a, b, observer } = await startPair(lab, { ...SETTINGS, programs: ["cloudvip", "keepalived"] });
    await Promise.all([a.daemon.kill(), b.daemon.kill()]);
    const said = observer.advertsOf(a.host).length;
    b.start();
    a.start();
    await observer.waitFor(() => observer.advertsOf(a.host).length > said + 5, { what: "a to be MASTER" });
    await observer.waitForHolder(VIP, a.host);
    await b.daemon.waitForState("BACKUP");
  });
});
