import { describe, expect } from "vitest";
import { HuaweiPair } from "./cloud-huaweicloud.ts";
import { labTestNeeding } from "./lab-test.ts";

const labTest = labTestNeeding("built");

describe("two agents on Huawei Cloud", () => {
  labTest("let gratuitous ARP move the virtual IP, whether the API answers or not", async ({ lab }) => {
    const pair = await HuaweiPair.prepare(lab);
    await pair.start();
    const { a, b, observer, emulator } = pair;
    await b.waitForEvent("cloud-ready");

    emulator.faults.inject({ kind: "hang" });
    await a.agent.kill();
    const announced = () => observer.capture.announcements.some(({ mac }) => mac === b.host.mac);
    await observer.waitFor(announced, { what: "b to announce the address" });
    expect(b.events("cloud-verified")).toEqual([]);
    emulator.faults.clear();
    await b.waitForEvent("cloud-verified");

    expect(pair.bindings()).toEqual([a.host.address, b.host.address]);
    expect(pair.bindingsWritten()).toBe(0);
  });

  labTest(
    "tell that the virtual IP is not bound to one of them, and bind it on becoming MASTER",
    async ({ lab }) => {
      const pair = await HuaweiPair.prepare(lab);
      const { a, b } = pair;
      pair.bindTo([a.host.address]);
      await pair.start();

      const { msg } = await b.waitForEvent("cloud-not-ready");
      expect(msg).toContain(`the virtual IP ${pair.vip} is not bound to ${b.host.address}`);
      await a.agent.kill();
      await b.waitForEvent("cloud-repair");
      await b.waitForEvent("cloud-verified");

      expect(pair.bindings()).toEqual([a.host.address, b.host.address]);
      expect(pair.bindingsWritten()).toBe(1);
    },
  );

  labTest("fence, if they are told to: the virtual IP is bound to the MASTER alone", async ({ lab }) => {
    const pair = await HuaweiPair.prepare(lab, { exclusive: true });
    const { a, b } = pair;
    await pair.start();
    expect(pair.bindings()).toEqual([a.host.address]);

    await a.agent.kill();
    await b.waitForEvent("cloud-verified");

    expect(pair.bindings()).toEqual([b.host.address]);
  });
});
