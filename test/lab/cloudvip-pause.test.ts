import { describe, expect } from "vitest";
import { startPair } from "./group.ts";
import { labTestNeeding } from "./lab-test.ts";
import { waitFor } from "./wait-for.ts";

const labTest = labTestNeeding("built");
const VIP = "10.77.1.1";
const SETTINGS = { advertInt: 0.1, vips: [VIP] };
/** Many times the 361 ms after which a BACKUP of priority 100 takes over. */
const ADVERTS_IN_PAUSE = 30;

describe("a BACKUP that does not run for a while", () => {
  labTest("hears what was said meanwhile before it acts on the silence", async ({ lab }) => {
    const { a, b, observer } = await startPair(lab, SETTINGS);

    b.daemon.freeze();
    const sent = observer.advertsOf(a.host).length;
    await observer.waitFor(() => observer.advertsOf(a.host).length >= sent + ADVERTS_IN_PAUSE, {
      what: "adverts during the pause",
    });
    const { advertsSent } = await a.cloudvip.counters();
    b.daemon.thaw();
    await waitFor(async () => (await b.cloudvip.counters()).advertsReceived >= advertsSent + 5, {
      what: "b to hear them all, and new ones",
    });

    expect(await b.cloudvip.counters()).toMatchObject({ becameMaster: 0 });
    expect(observer.advertsOf(b.host)).toEqual([]);
  });
});

describe("a MASTER that does not run for a while", () => {
  labTest("is replaced, and takes its place again when it outranks the other", async ({ lab }) => {
    const { a, b, observer } = await startPair(lab, SETTINGS);

    a.daemon.freeze();
    await observer.waitFor(() => observer.holders(VIP).includes("b"), { what: "b to take over" });
    a.daemon.thaw();

    await observer.waitForHolder(VIP, a.host);
    await waitFor(async () => (await b.cloudvip.instance()).state === "BACKUP", { what: "b to yield" });
  });

  labTest("yields without a word when the other outranks it by now", async ({ lab }) => {
    const { a, b, observer } = await startPair(lab, {
      ...SETTINGS,
      // By default it would speak once more, when it has heard the other: not to be told from speaking up unheard.
      extra: ["higher_prio_send_advert off"],
    });

    a.daemon.freeze();
    b.daemon.reload(b.conf({ priority: 200 }));
    await observer.waitFor(() => observer.advertsOf(b.host).some(({ priority }) => priority === 200), {
      what: "b to advertise with its new priority",
    });
    const lastWords = observer.advertsOf(a.host).length;
    a.daemon.thaw();

    await observer.waitForHolder(VIP, b.host);
    expect(observer.advertsOf(a.host)).toHaveLength(lastWords);
  });
});
