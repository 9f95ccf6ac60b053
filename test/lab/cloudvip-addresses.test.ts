import { describe, expect } from "vitest";
import { Cloudvip } from "./cloudvip.ts";
import { type Pair, startPair, waitForLog } from "./group.ts";
import { labTestNeeding } from "./lab-test.ts";
import { vrrpConf } from "./vrrp-conf.ts";
import { waitFor } from "./wait-for.ts";

const labTest = labTestNeeding("built");
const VIP = "10.77.1.1";
/** Slow enough that a busy machine makes no election where none should be. */
const CALM = { advertInt: 0.5, vips: [VIP] };
const FAST = { advertInt: 0.1, vips: [VIP] };

describe("the addresses of a MASTER", () => {
  labTest("that someone else deletes are put back and announced, without a transition", async ({ lab }) => {
    const pair = await startPair(lab, CALM);
    const { a, b, observer } = pair;
    const announcedBefore = announcementsOf(pair);

    await a.host.removeAddress(`${VIP}/32`);
    await observer.waitFor(() => bindingsOf(pair, "a").length === 2, { what: "a to bind it again" });
    await observer.waitFor(() => announcementsOf(pair) > announcedBefore, { what: "a to announce it" });

    await waitForLog(a, '"event":"address-put-back"');
    expect(await a.cloudvip.counters()).toMatchObject({ becameMaster: 1, releasedMaster: 0 });
    expect(await b.cloudvip.counters()).toMatchObject({ becameMaster: 0 });
    expect(observer.advertsOf(b.host)).toEqual([]);
  });

  labTest("all go when it yields, also what someone bound with another prefix length", async ({ lab }) => {
    const { a, b, observer } = await startPair(lab, FAST);
    await a.host.addAddress(`${VIP}/24`);

    a.daemon.reload(a.conf({ priority: 50 }));
    await observer.waitForHolder(VIP, b.host);

    expect(await a.host.boundAddresses()).toEqual([`${a.host.address}/16`]);
    expect((await a.cloudvip.instance()).state).toBe("BACKUP");
  });

  labTest("may be fifty: they move together, and each is announced", async ({ lab }) => {
    const vips = Array.from({ length: 50 }, (_, index) => lab.vip(index));
    const { a, b, observer } = await startPair(lab, { ...FAST, vips });
    expect(await a.host.boundAddresses()).toHaveLength(51);

    await a.daemon.stop();
    expect(await a.host.boundAddresses()).toEqual([`${a.host.address}/16`]);
    for (const vip of vips) await observer.waitForHolder(vip, b.host);

    const announced = () =>
      observer.capture.announcements.filter(({ mac }) => mac === b.host.mac).map(({ address }) => address);
    await observer.waitFor(() => vips.every((vip) => announced().includes(vip)), {
      what: "fifty announcements",
    });
    expect(observer.advertsOf(b.host)[0]?.packet).toHaveLength(20 + 8 + 50 * 4);
  });

  labTest("come back with an interface that is made anew, whichever carries them", async ({ lab }) => {
    const host = await lab.host("a");
    const second = ["link", "add", "eth1", "up", "type", "veth", "peer", "name", "eth1-peer"];
    await host.ip(...second);
    const instance = {
      vrid: 51,
      priority: 150,
      advertInt: 0.1,
      source: host.address,
      peers: ["10.77.0.200"],
    };
    const agent = Cloudvip.start(
      lab,
      host,
      vrrpConf([{ ...instance, vips: [VIP, "10.78.0.1/32 dev eth1"] }]),
    );
    const addressesOfSecond = () => host.ip("-4", "-o", "address", "show", "dev", "eth1");
    await waitFor(async () => (await addressesOfSecond()).includes("10.78.0.1"), { what: "the addresses" });

    await host.ip("link", "del", "eth1");
    await host.ip(...second);

    await waitFor(async () => (await addressesOfSecond()).includes("10.78.0.1"), {
      what: "the address on the new interface",
      seen: () => agent.log(),
    });
    expect(await agent.counters()).toMatchObject({ becameMaster: 1, releasedMaster: 0 });
  });
});

describe("a MASTER", () => {
  labTest(
    "whose interface goes down is in FAULT without addresses, and preempts when it is up again",
    async ({ lab }) => {
      const { a, b, observer } = await startPair(lab, FAST);

      await a.host.setLink("down");
      await a.daemon.waitForState("FAULT");
      await observer.waitForHolder(VIP, b.host);

      await a.host.setLink("up");
      await observer.waitForHolder(VIP, a.host);
    },
  );

  labTest(
    "whose cable is pulled leaves the addresses to its peer until it is plugged in again",
    async ({ lab }) => {
      const { a, b, observer } = await startPair(lab, FAST);

      await lab.unplug(a.host);
      await a.daemon.waitForState("FAULT");
      await observer.waitForHolder(VIP, b.host);

      await lab.plug(a.host);
      await observer.waitForHolder(VIP, a.host);
    },
  );

  labTest("that loses the source address of its adverts is in FAULT until it is back", async ({ lab }) => {
    const { a, b, observer } = await startPair(lab, FAST);

    await a.host.removeAddress(`${a.host.address}/16`);
    await a.daemon.waitForState("FAULT");
    await observer.waitForHolder(VIP, b.host);
    expect((await a.cloudvip.instance()).reason).toContain("source address");

    await a.host.addAddress(`${a.host.address}/16`);
    await observer.waitForHolder(VIP, a.host);
  });
});

describe("a BACKUP", () => {
  labTest("that loses the source address of its adverts does not make itself MASTER", async ({ lab }) => {
    const { b, observer } = await startPair(lab, FAST);

    await b.host.removeAddress(`${b.host.address}/16`);
    await b.daemon.waitForState("FAULT");
    await b.host.addAddress(`${b.host.address}/16`);
    await b.daemon.waitForState("BACKUP");
    const heard = (await b.cloudvip.counters()).advertsReceived;
    await waitFor(async () => (await b.cloudvip.counters()).advertsReceived > heard, { what: "b to hear a" });

    expect(observer.advertsOf(b.host)).toEqual([]);
    expect(observer.holders(VIP)).toEqual(["a"]);
  });
});

function bindingsOf({ observer }: Pair, host: string) {
  return observer
    .timeline()
    .filter((seen) => seen.kind === "bound" && seen.host === host && seen.address === VIP);
}

function announcementsOf({ a, observer }: Pair): number {
  return observer.capture.announcements.filter(({ address, mac }) => address === VIP && mac === a.host.mac)
    .length;
}
