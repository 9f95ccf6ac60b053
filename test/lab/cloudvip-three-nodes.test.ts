import { describe, expect } from "vitest";
import { type Group, startGroup } from "./group.ts";
import { labTestNeeding } from "./lab-test.ts";
import { waitFor } from "./wait-for.ts";

const labTest = labTestNeeding("built");
const VIP = "10.77.1.1";
/** The skew times of the two BACKUPs are 220 ms apart, which a busy machine does not turn round. */
const SETTINGS = { advertInt: 0.3, vips: [VIP], priorities: [250, 200, 10] };

describe("three nodes", () => {
  labTest(
    "fall in the order of their priorities, and the first is MASTER again when all are back",
    async ({ lab }) => {
      const { a, b, c, observer } = trio(await startGroup(lab, SETTINGS));

      await lab.cut(a.host);
      await observer.waitFor(() => observer.holders(VIP).join() === "a,b", { what: "b to take over" });
      await observer.waitFor(() => observer.advertsOf(b.host).length >= 5, { what: "b to be heard" });
      expect(observer.advertsOf(c.host)).toEqual([]);

      await lab.cut(b.host);
      await observer.waitFor(() => observer.holders(VIP).join() === "a,b,c", { what: "c to take over" });

      await lab.heal();
      await observer.waitForHolder(VIP, a.host);
      // c may have heard b before a.
      for (const node of [b, c])
        await waitFor(async () => (await node.cloudvip.instance()).master?.address === a.host.address, {
          what: `${node.host.name} to follow a`,
        });
    },
  );

  labTest("hand over to the next when one after the other is stopped", async ({ lab }) => {
    const { a, b, c, observer } = trio(await startGroup(lab, SETTINGS));

    await a.daemon.stop();
    await observer.waitForHolder(VIP, b.host);
    await b.daemon.stop();
    await observer.waitForHolder(VIP, c.host);
    b.start();
    await observer.waitForHolder(VIP, b.host);
    a.start();
    await observer.waitForHolder(VIP, a.host);

    expect((await c.cloudvip.counters()).becameMaster).toBe(1);
  });
});

function trio({ nodes, observer }: Group) {
  const [a, b, c] = nodes;
  if (!a || !b || !c) throw new Error("three nodes were asked for");
  return { a, b, c, observer };
}
