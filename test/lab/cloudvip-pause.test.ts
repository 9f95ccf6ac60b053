import { describe, expect } from "vitest";
import type { Daemon } from "./daemon.ts";
import { falseTakeovers } from "./false-takeovers.ts";
import { Freezer } from "./freezer.ts";
import { startPair } from "./group.ts";
import type { Lab } from "./lab.ts";
import { labTestNeeding } from "./lab-test.ts";
import { pause, waitFor } from "./wait-for.ts";

const VIP = "10.77.1.1";
const SETTINGS = { advertInt: 0.1, vips: [VIP] };
/** Many times the 300 ms after which the BACKUP takes over. */
const ADVERTS_IN_PAUSE = 30;
/** `STALLS=1000` for the long run. */
const STALLS = Number(process.env["STALLS"] ?? 100);
/** As long as a stall of a busy host, or of a garbage collection. */
const STALL_MS = { least: 5, most: 50 };

interface Pausing {
  stop(): void;
  go(): void;
}

type MakePausing = (lab: Lab, daemon: Daemon) => Pausing;

const bySignal: MakePausing = (_, daemon) => ({ stop: () => daemon.freeze(), go: () => daemon.thaw() });

const byFreezer: MakePausing = (lab, daemon) => {
  const freezer = new Freezer(daemon.host.name);
  freezer.take(daemon.pid);
  lab.beforeClose(async () => {
    freezer.thaw();
    await daemon.kill();
    await freezer.remove();
  });
  return { stop: () => freezer.freeze(), go: () => freezer.thaw() };
};

const WAYS = [
  { way: "SIGSTOP", pausing: bySignal, labTest: labTestNeeding("built") },
  { way: "the freezer of a control group", pausing: byFreezer, labTest: labTestNeeding("built", "freezer") },
] as const;

describe.each(WAYS)("a BACKUP that does not run for a while, by $way,", ({ pausing, labTest }) => {
  labTest("hears what was said meanwhile before it acts on the silence", async ({ lab }) => {
    const { a, b, observer } = await startPair(lab, SETTINGS);
    const ofB = pausing(lab, b.daemon);

    ofB.stop();
    const sent = observer.advertsOf(a.host).length;
    await observer.waitFor(() => observer.advertsOf(a.host).length >= sent + ADVERTS_IN_PAUSE, {
      what: "adverts during the pause",
    });
    const { advertsSent } = await a.cloudvip.counters();
    ofB.go();
    await waitFor(async () => (await b.cloudvip.counters()).advertsReceived >= advertsSent + 5, {
      what: "b to hear them all, and new ones",
    });

    expect(falseTakeovers(observer, { master: a.host, backup: b.host, advertMs: 100 })).toEqual([]);
  });
});

describe.each(WAYS)("a MASTER that does not run for a while, by $way,", ({ pausing, labTest }) => {
  labTest("is replaced, and takes its place again when it outranks the other", async ({ lab }) => {
    const { a, b, observer } = await startPair(lab, SETTINGS);
    const ofA = pausing(lab, a.daemon);

    ofA.stop();
    await observer.waitFor(() => observer.holders(VIP).includes("b"), { what: "b to take over" });
    ofA.go();

    await observer.waitForHolder(VIP, a.host);
    await waitFor(async () => (await b.cloudvip.instance()).state === "BACKUP", { what: "b to yield" });
  });

  labTest("yields without a word when the other outranks it by now", async ({ lab }) => {
    const { a, b, observer } = await startPair(lab, {
      ...SETTINGS,
      // By default it would speak once more, when it has heard the other: not to be told from speaking up unheard.
      extra: ["higher_prio_send_advert off"],
    });
    const ofA = pausing(lab, a.daemon);

    ofA.stop();
    b.daemon.reload(b.conf({ priority: 200 }));
    await observer.waitFor(() => observer.advertsOf(b.host).some(({ priority }) => priority === 200), {
      what: "b to advertise with its new priority",
    });
    const lastWords = observer.advertsOf(a.host).length;
    ofA.go();

    await observer.waitForHolder(VIP, b.host);
    expect(observer.advertsOf(a.host)).toHaveLength(lastWords);
  });
});

describe("many short stalls", () => {
  const labTest = labTestNeeding("built");

  labTest.for(["BACKUP", "MASTER"] as const)(
    "of a %s with 30 ms adverts cause no takeover",
    async (role, { lab }) => {
      const { a, b, observer } = await startPair(lab, { ...SETTINGS, advertInt: 0.03 });
      await stall(role === "MASTER" ? a.daemon : b.daemon, STALLS);
      await observer.waitForHolder(VIP, a.host);
      // Not their number: a busy machine, and this test's own timers, may make a stall longer than a BACKUP may wait.
      expect(falseTakeovers(observer, { master: a.host, backup: b.host, advertMs: 30 })).toEqual([]);
    },
  );
});

/** Stops the program again and again, for a time that differs, with as much time between. */
async function stall(daemon: Daemon, times: number): Promise<void> {
  const { least, most } = STALL_MS;
  for (let count = 0; count < times; count++) {
    const ms = least + ((count * 7) % (most - least + 1));
    daemon.freeze();
    await pause(ms);
    daemon.thaw();
    await pause(most - ms + least);
  }
}
