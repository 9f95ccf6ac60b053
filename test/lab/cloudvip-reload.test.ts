import { describe, expect } from "vitest";
import { type Pair, startGroup, startPair, waitForLog } from "./group.ts";
import { labTestNeeding } from "./lab-test.ts";
import { vrrpConf } from "./vrrp-conf.ts";

const labTest = labTestNeeding("built");
const VIP = "10.77.1.1";
const SECOND = "10.77.1.2";
const THIRD = "10.77.1.3";
/** Slow enough that a busy machine makes no election where none should be. */
const CALM = { advertInt: 0.5, vips: [VIP] };

describe("SIGHUP", () => {
  labTest("changes priority and addresses, and nobody notices who needs neither", async ({ lab }) => {
    const client = await lab.client();
    const pair = await startPair(lab, { ...CALM, vips: [VIP, SECOND] });
    const { a, b, observer } = pair;
    const probe = await client.probe(VIP);

    a.daemon.reload(a.conf({ priority: 120, vips: [VIP, THIRD] }));
    await observer.waitForHolder(THIRD, a.host);
    await observer.waitFor(() => observer.holders(SECOND).length === 0, { what: `${SECOND} to be unbound` });
    await observer.waitFor(() => observer.advertsOf(a.host).at(-1)?.priority === 120, {
      what: "an advert with priority 120",
    });
    await observer.waitFor(() => announced(pair).has(THIRD), { what: `${THIRD} to be announced` });

    expect((await probe.stop()).lost).toBe(0);
    expect(changesOf(pair, VIP)).toEqual(["a binds"]);
    await expectOneReign(pair);
    expect((await b.cloudvip.instance()).master).toEqual({ address: a.host.address, priority: 120 });
  });

  labTest("adds an instance and removes it again, and leaves the other alone", async ({ lab }) => {
    const pair = await startPair(lab, CALM);
    const { a, observer } = pair;
    const both = a.conf() + vrrpConf([other(pair, [SECOND])]);

    a.daemon.reload(both);
    await observer.waitForHolder(SECOND, a.host);
    a.daemon.reload(a.conf());
    await observer.waitFor(() => observer.holders(SECOND).length === 0, { what: `${SECOND} to be unbound` });

    const lastWords = observer.advertsOf(a.host).filter(({ priority }) => priority === 0);
    expect(lastWords).toMatchObject([{ vrid: 52 }]);
    expect((await a.cloudvip.status()).instances).toHaveLength(1);
    expect(changesOf(pair, VIP)).toEqual(["a binds"]);
    await expectOneReign(pair);
  });

  labTest("moves an address from one instance to another in one go", async ({ lab }) => {
    const pair = await startPair(lab, { ...CALM, vips: [VIP, SECOND] });
    const { a, observer } = pair;
    a.daemon.reload(a.conf() + vrrpConf([other(pair, [THIRD])]));
    await observer.waitForHolder(THIRD, a.host);

    a.daemon.reload(a.conf({ vips: [VIP] }) + vrrpConf([other(pair, [SECOND, THIRD])]));
    await waitForLog(a, '"event":"reloaded"', { times: 2 });
    await observer.waitForHolder(SECOND, a.host);

    const { instances } = await a.cloudvip.status();
    expect(
      instances.map(({ virtualAddresses }) => virtualAddresses.map(({ address, bound }) => [address, bound])),
    ).toEqual([
      [[`${VIP}/32`, true]],
      [
        [`${SECOND}/32`, true],
        [`${THIRD}/32`, true],
      ],
    ]);
    expect(changesOf(pair, SECOND)).toEqual(["a binds"]);
    expect(a.daemon.log()).not.toContain("address-put-back");
    // It belongs to the second instance alone now: the end of the first does not touch it.
    a.daemon.reload(vrrpConf([other(pair, [SECOND, THIRD])]));
    await observer.waitForHolder(VIP, pair.b.host);
    expect(changesOf(pair, SECOND)).not.toContain("a unbinds");
  });

  labTest("refuses a file with mistakes and goes on with what it has", async ({ lab }) => {
    const pair = await startPair(lab, CALM);
    const { a } = pair;

    a.daemon.reload(a.conf({ vips: ["10.77.1.999"] }));
    await waitForLog(a, '"event":"reload-refused"');

    expect(a.daemon.log()).toContain("10.77.1.999");
    expect(changesOf(pair, VIP)).toEqual(["a binds"]);
    await expectOneReign(pair);

    a.daemon.reload(a.conf({ priority: 140 }));
    await waitForLog(a, '"event":"reloaded"');
    expect((await a.cloudvip.instance()).basePriority).toBe(140);
  });

  labTest("speaks to new peers, and no more to those that are gone", async ({ lab }) => {
    const { nodes, observer } = await startGroup(lab, { ...CALM, priorities: [150, 100, 50] });
    const [a, b, c] = nodes.map(({ host }) => host.address);
    const [first] = nodes;
    if (!first || !a || !b || !c) throw new Error("three nodes were asked for");

    first.daemon.reload(first.conf({ peers: [c] }));
    await waitForLog(first, '"event":"reloaded"');
    const from = observer.capture.adverts.length;
    const since = () => observer.capture.adverts.slice(from).filter(({ source }) => source === a);
    await observer.waitFor(() => since().filter(({ destination }) => destination === c).length >= 2, {
      what: "two adverts to the peer that is left",
    });
    expect(since().map(({ destination }) => destination)).not.toContain(b);

    first.daemon.reload(first.conf());
    await observer.waitFor(() => since().some(({ destination }) => destination === b), {
      what: "an advert to the peer that is back",
    });
  });
});

/** A second virtual router of the same two hosts. */
function other({ a, b }: Pair, vips: readonly string[]) {
  const { address: source } = a.host;
  return { name: "V2", vrid: 52, priority: 150, advertInt: 0.5, source, peers: [b.host.address], vips };
}

function announced({ observer }: Pair): ReadonlySet<string> {
  return new Set(observer.capture.announcements.map(({ address }) => address));
}

/** Who bound and unbound an address, in the order of time. */
function changesOf({ observer }: Pair, vip: string): readonly string[] {
  return observer
    .timeline()
    .flatMap((seen) =>
      seen.kind !== "advertises" && seen.address === vip
        ? [`${seen.host} ${seen.kind === "bound" ? "binds" : "unbinds"}`]
        : [],
    );
}

/** `a` became MASTER once and stayed it, and `b` never spoke. */
async function expectOneReign({ a, b, observer }: Pair): Promise<void> {
  expect(await a.cloudvip.counters()).toMatchObject({ becameMaster: 1, releasedMaster: 0 });
  expect(observer.advertsOf(b.host)).toEqual([]);
}
