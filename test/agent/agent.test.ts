import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Agent } from "../../src/agent/agent.ts";
import { millis } from "../../src/base/units.ts";
import { config, FakeHost, instanceConfig, ip, LOCAL, PEER, VIP, virtualAddress } from "./fake-host.ts";

const router = instanceConfig().router;

/** Three adverts of 100 ms and the skew of priority 100. */
const MASTER_DOWN_MS = 361;
/** How long a MASTER that leaves waits for a successor. */
const HANDOVER_PATIENCE_MS = 800;

describe("the agent", () => {
  let host: FakeHost;
  let agent: Agent;
  let late: { late: number; advertInterval: number }[] = [];
  /** Beyond what the timers show: the process did not run for so long. */
  let slept = 0;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setImmediate", "performance"] });
    slept = 0;
    late = [];
    host = new FakeHost();
    agent = new Agent({
      openSocket: host.openSocket,
      network: host,
      arp: host.arp,
      now: () => millis(performance.now() + slept),
      reportGroup: () => {},
      influence: () => ({ shift: 0, faults: [], pending: [] }),
      report: (_instance, event) => host.events.push(event),
      reportStray: () => {},
      reportLate: (lateness) => late.push(lateness),
      openCloud: () => undefined,
      softwareVersion: "1.2.3",
      onFatal: (error) => {
        throw error;
      },
    });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  async function becomeMaster(): Promise<void> {
    agent.start(config(instanceConfig()));
    await vi.advanceTimersByTimeAsync(MASTER_DOWN_MS + 1);
    expect(stateOf(agent)).toBe("MASTER");
    host.done.length = 0;
  }

  /** Time passes until nobody would wait for a successor any longer. */
  async function patiently(work: Promise<void>): Promise<void> {
    await vi.advanceTimersByTimeAsync(HANDOVER_PATIENCE_MS);
    await work;
  }

  it("takes over after silence: advert first, then the address, then five gratuitous ARPs", async () => {
    agent.start(config(instanceConfig()));
    await vi.advanceTimersByTimeAsync(MASTER_DOWN_MS - 2);
    expect(host.done).toEqual([]);
    await vi.advanceTimersByTimeAsync(3);
    expect(host.done).toEqual([`advert ${PEER} 100`, `add ${VIP}/32`, ...new Array(5).fill(`garp ${VIP}`)]);
  });

  it("sends the adverts of hundreds in time while the kernel answers none of their binds", async () => {
    vi.spyOn(host, "addAddresses").mockImplementation((entries) => {
      host.done.push(...entries.map(({ address }) => `add ${address}`));
      return new Promise(() => {});
    });
    const many = Array.from({ length: 200 }, (_, index) =>
      instanceConfig({
        name: `V${index + 1}`,
        router: { ...router, virtualRouterId: index + 1 },
        virtualAddresses: [virtualAddress(`192.0.3.${index + 1}`)],
      }),
    );
    agent.start(config(...many));
    await vi.advanceTimersByTimeAsync(MASTER_DOWN_MS + 1);
    expect(host.done.filter((line) => line.startsWith("add"))).toHaveLength(200);
    host.done.length = 0;
    await vi.advanceTimersByTimeAsync(10 * 100);
    expect(host.done).toEqual(new Array(10 * 200).fill(`advert ${PEER} 100`));
  });

  it("tells when its timer fired too late for the fastest adverts", async () => {
    agent.start(config(instanceConfig()));
    await vi.advanceTimersByTimeAsync(MASTER_DOWN_MS + 1);
    expect(late).toEqual([]);
    slept = 60;
    await vi.advanceTimersByTimeAsync(101);
    expect(late[0]).toMatchObject({ advertInterval: 100 });
    expect(agent.lateness.maxMs).toBeGreaterThan(50);
  });

  it("stays BACKUP after a pause when adverts were queued meanwhile", async () => {
    agent.start(config(instanceConfig()));
    await vi.advanceTimersByTimeAsync(100);
    slept = 2_000;
    for (let count = 0; count < 20; count++) host.queueAdvert();
    await vi.advanceTimersByTimeAsync(MASTER_DOWN_MS);
    expect(stateOf(agent)).toBe("BACKUP");
    expect(agent.instances[0]?.counters.snapshot()).toMatchObject({ advertsReceived: 20, becameMaster: 0 });
  });

  it("listens again after a pause when nothing was queued, and takes over if it hears nobody", async () => {
    agent.start(config(instanceConfig()));
    await vi.advanceTimersByTimeAsync(100);
    slept = 2_000;
    await vi.advanceTimersByTimeAsync(MASTER_DOWN_MS);
    expect(stateOf(agent)).toBe("BACKUP");
    await vi.advanceTimersByTimeAsync(MASTER_DOWN_MS);
    expect(stateOf(agent)).toBe("MASTER");
  });

  it("says nothing as MASTER after a long pause before it has listened for an interval", async () => {
    await becomeMaster();
    host.done.length = 0;
    slept += 5_000;
    await vi.advanceTimersByTimeAsync(100);
    expect(host.done).toEqual([]);
    await vi.advanceTimersByTimeAsync(2 * 100);
    expect(host.done).toContain(`advert ${PEER} 100`);
  });

  it("answers no words as MASTER that were said during a long pause", async () => {
    await becomeMaster();
    slept += 5_000;
    host.queueAdvert({ priority: 50 });
    host.queueAdvert({ priority: 200 });
    await vi.advanceTimersByTimeAsync(100);
    expect(stateOf(agent)).toBe("BACKUP");
    // The lower one was right in its time, and the higher one is right now.
    expect(host.done.filter((done) => done.startsWith("advert"))).toEqual([]);
  });

  it("gives up to a higher priority and removes every prefix length of the address", async () => {
    await becomeMaster();
    host.entries.push({ interfaceIndex: 2, address: VIP, prefixLength: 24 });
    host.queueAdvert({ priority: 200 });
    host.deliver();
    expect(host.done).toEqual([`remove ${VIP}/32`, `remove ${VIP}/24`]);
    expect(host.entries.map(({ address }) => address)).toEqual([LOCAL]);
    expect(stateOf(agent)).toBe("BACKUP");
  });

  it("says priority 0 before it removes the address when it is stopped, and then closes", async () => {
    await becomeMaster();
    await patiently(agent.stop());
    expect(host.done).toEqual([`advert ${PEER} 0`, `remove ${VIP}/32`, "socket closed"]);
  });

  it("serves on until the successor is heard and had a moment to bind", async () => {
    await becomeMaster();
    const stopped = agent.stop();
    await vi.advanceTimersByTimeAsync(200);
    expect(host.done).toEqual([`advert ${PEER} 0`]);
    host.queueAdvert({ priority: 90 });
    host.deliver();
    await vi.advanceTimersByTimeAsync(49);
    expect(host.done).toEqual([`advert ${PEER} 0`]);
    await vi.advanceTimersByTimeAsync(2);
    await stopped;
    expect(host.done).toEqual([`advert ${PEER} 0`, `remove ${VIP}/32`, "socket closed"]);
  });

  it("hands over when asked, and leaves its successor in peace although it ranks higher", async () => {
    await becomeMaster();
    const handed = agent.instances[0]?.handOver("BACKUP");
    host.queueAdvert({ priority: 90 });
    host.deliver();
    await vi.advanceTimersByTimeAsync(60);
    expect(await handed).toBe(true);
    for (let count = 0; count < 20; count++) {
      host.queueAdvert({ priority: 90 });
      host.deliver();
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(stateOf(agent)).toBe("BACKUP");
    await vi.advanceTimersByTimeAsync(MASTER_DOWN_MS + 1);
    expect(stateOf(agent)).toBe("MASTER");
  });

  it("goes on when it is asked to hand over and nobody is there", async () => {
    await becomeMaster();
    const handed = agent.instances[0]?.handOver("BACKUP");
    await vi.advanceTimersByTimeAsync(HANDOVER_PATIENCE_MS + 1);
    expect(await handed).toBe(false);
    expect(stateOf(agent)).toBe("MASTER");
    expect(host.entries.some(({ address }) => address === VIP)).toBe(true);
  });

  it("waits in FAULT during maintenance, whatever else happens, and comes back afterwards", async () => {
    await becomeMaster();
    const away = agent.instances[0]?.handOver("FAULT");
    await vi.advanceTimersByTimeAsync(HANDOVER_PATIENCE_MS + 1);
    expect(await away).toBe(true);
    host.setLink(false);
    host.setLink(true);
    expect(stateOf(agent)).toBe("FAULT");
    agent.instances[0]?.endMaintenance();
    expect(stateOf(agent)).toBe("BACKUP");
  });

  it("puts back an address that somebody removed, announces it, and stays MASTER", async () => {
    await becomeMaster();
    host.removeBehindItsBack(VIP);
    await vi.advanceTimersByTimeAsync(1);
    expect(host.done).toEqual([`add ${VIP}/32`, ...new Array(5).fill(`garp ${VIP}`)]);
    expect(host.events).toContainEqual({
      kind: "address-put-back",
      address: `${VIP}/32`,
      interfaceName: "eth0",
    });
    expect(stateOf(agent)).toBe("MASTER");
  });

  it("blames nobody for its own removal of an address that it wants back by the time the kernel tells of it", async () => {
    await becomeMaster();
    let answer = () => {};
    const asked = new Promise<void>((resolve) => {
      answer = resolve;
    });
    vi.spyOn(host, "removeAddresses").mockImplementation(async (entries) => {
      await asked;
      for (const { address } of entries) host.removeBehindItsBack(address);
      return entries.map((entry) => ({ entry, error: undefined }));
    });
    host.queueAdvert({ priority: 200 });
    host.queueAdvert({ priority: 0 });
    host.deliver();
    await vi.advanceTimersByTimeAsync(MASTER_DOWN_MS);
    expect(stateOf(agent)).toBe("MASTER");
    answer();
    await vi.advanceTimersByTimeAsync(1);
    expect(host.events.map(({ kind }) => kind)).not.toContain("address-put-back");
  });

  it("leaves alone an address with no_track that somebody removed", async () => {
    const free = { ...virtualAddress("192.0.2.100"), noTrack: true };
    agent.start(config(instanceConfig({ virtualAddresses: [free] })));
    await vi.advanceTimersByTimeAsync(MASTER_DOWN_MS + 1);
    host.done.length = 0;
    host.removeBehindItsBack(VIP);
    await vi.advanceTimersByTimeAsync(50);
    expect(host.done).toEqual([]);
  });

  it("does not fight for ever: after 20 removals in a row it puts back once a second", async () => {
    await becomeMaster();
    for (let count = 0; count < 100; count++) {
      host.removeBehindItsBack(VIP);
      await vi.advanceTimersByTimeAsync(0);
    }
    expect(host.done.filter((line) => line.startsWith("add")).length).toBe(20);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(host.entries.some(({ address }) => address === VIP)).toBe(true);
  });

  it("tries again when an address cannot be bound, and says why", async () => {
    host.addError = "ENOBUFS";
    agent.start(config(instanceConfig()));
    await vi.advanceTimersByTimeAsync(MASTER_DOWN_MS + 1);
    expect(host.events).toContainEqual(
      expect.objectContaining({ kind: "address-failed", doing: "bind", error: "ENOBUFS" }),
    );
    host.addError = undefined;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(host.entries.some(({ address }) => address === VIP)).toBe(true);
  });

  it("goes to FAULT while its interface is down, and listens again afterwards", async () => {
    await becomeMaster();
    host.setLink(false);
    expect(stateOf(agent)).toBe("FAULT");
    expect(host.done).toEqual([`advert ${PEER} 0`, `remove ${VIP}/32`]);
    host.setLink(true);
    expect(stateOf(agent)).toBe("BACKUP");
  });

  it("goes to FAULT while its source address is missing: it would be deaf", async () => {
    await becomeMaster();
    host.removeBehindItsBack(LOCAL);
    expect(stateOf(agent)).toBe("FAULT");
    host.addBehindItsBack({ interfaceIndex: 2, address: LOCAL, prefixLength: 24 });
    expect(stateOf(agent)).toBe("BACKUP");
  });

  it("follows the interface's primary address where no source address is configured", async () => {
    agent.start(config(instanceConfig({ sourceAddress: undefined })));
    expect(agent.instances[0]?.router.localAddress).toBe(LOCAL);
    host.removeBehindItsBack(LOCAL);
    expect(stateOf(agent)).toBe("FAULT");
    host.addBehindItsBack({ interfaceIndex: 2, address: ip("192.0.2.7"), prefixLength: 24 });
    expect(agent.instances[0]?.router.localAddress).toBe("192.0.2.7");
    expect(stateOf(agent)).toBe("BACKUP");
  });

  it("counts what it refuses and lets nothing of it reach the election", async () => {
    agent.start(config(instanceConfig()));
    await vi.advanceTimersByTimeAsync(300);
    host.queueAdvert({}, ip("192.0.2.66"));
    host.queueAdvert({ version: 2, advertInterval: millis(1_000) });
    host.queueAdvert({ virtualRouterId: 52 });
    host.deliver();
    await vi.advanceTimersByTimeAsync(MASTER_DOWN_MS - 299);
    expect(stateOf(agent)).toBe("MASTER");
    expect(agent.instances[0]?.counters.snapshot().refused).toEqual({ "not-a-peer": 1, version: 1 });
    expect(agent.refused).toEqual({ "unknown-vrid": 1 });
  });

  it("asks a routed peer for no TTL, and a neighbour for 255", async () => {
    const routed = ip("198.51.100.9");
    const peers = [PEER, routed].map((address) => ({ address, minTtl: undefined, maxTtl: undefined }));
    agent.start(config(instanceConfig({ peers })));
    host.queueAdvert({}, routed);
    const [packet] = host.queued;
    packet!.set([60], 8);
    host.queueAdvert({});
    host.queued[1]!.set([254], 8);
    host.deliver();
    expect(agent.instances[0]?.counters.snapshot()).toMatchObject({
      advertsReceived: 1,
      refused: { ttl: 1 },
    });
  });

  it("reloads priority and addresses as MASTER without leaving it", async () => {
    await becomeMaster();
    const changed = instanceConfig({
      router: { ...router, priority: 120 },
      virtualAddresses: [virtualAddress("192.0.2.101")],
    });
    await patiently(agent.reload(config(changed)));
    expect(host.done).toContain(`remove ${VIP}/32`);
    expect(host.done).toContain(`add 192.0.2.101/32`);
    expect(host.done).toContain(`advert ${PEER} 120`);
    expect(host.events.filter(({ kind }) => kind === "transition")).toHaveLength(2);
    expect(stateOf(agent)).toBe("MASTER");
  });

  it("does nothing at all on a reload that changes nothing", async () => {
    await becomeMaster();
    await agent.reload(config(instanceConfig()));
    expect(host.done).toEqual([]);
  });

  it("stops an instance that a reload leaves out, and starts one that it brings", async () => {
    await becomeMaster();
    const other = instanceConfig({
      name: "V2",
      router: { ...router, virtualRouterId: 52 },
      virtualAddresses: [virtualAddress("192.0.2.102")],
    });
    await patiently(agent.reload(config(other)));
    expect(host.done).toEqual([`advert ${PEER} 0`, `remove ${VIP}/32`]);
    expect(agent.instances.map(({ config: { name } }) => name)).toEqual(["V2"]);
    await vi.advanceTimersByTimeAsync(MASTER_DOWN_MS + 1);
    expect(stateOf(agent)).toBe("MASTER");
  });

  it.each([
    ["the instance that had it stays", [router.virtualRouterId, 52]],
    ["the instance that had it comes second", [52, router.virtualRouterId]],
    ["the instance that had it is left out", [52]],
  ])("hands an address over to another MASTER without touching it when %s", async (_, vrids) => {
    const withAddresses = (virtualRouterId: number, ...addresses: string[]) =>
      instanceConfig({
        name: `V${virtualRouterId}`,
        router: { ...router, virtualRouterId },
        virtualAddresses: addresses.map(virtualAddress),
      });
    agent.start(config(withAddresses(51, "192.0.2.100"), withAddresses(52, "192.0.2.102")));
    await vi.advanceTimersByTimeAsync(MASTER_DOWN_MS + 1);
    host.done.length = 0;
    const after = new Map([
      [51, withAddresses(51, "192.0.2.101")],
      [52, withAddresses(52, "192.0.2.100", "192.0.2.102")],
    ]);
    await patiently(agent.reload(config(...vrids.flatMap((vrid) => after.get(vrid) ?? []))));
    expect(host.done).not.toContain(`remove ${VIP}/32`);
    expect(host.entries.map(({ address }) => address)).toContain(VIP);
    host.done.length = 0;
    await patiently(agent.reload(config(withAddresses(52, "192.0.2.102"))));
    expect(host.done).toContain(`remove ${VIP}/32`);
  });

  it("removes an address that goes to an instance which is no MASTER", async () => {
    await becomeMaster();
    const second = { name: "V2", router: { ...router, virtualRouterId: 52 } };
    const idle = instanceConfig({ ...second, virtualAddresses: [virtualAddress("192.0.2.102")] });
    await agent.reload(config(instanceConfig(), idle));
    const without = instanceConfig({ virtualAddresses: [virtualAddress("192.0.2.101")] });
    await agent.reload(config(without, instanceConfig(second)));
    expect(host.done).toContain(`remove ${VIP}/32`);
    expect(host.done).not.toContain(`add ${VIP}/32`);
  });

  it("lets two instances share a VRID on one address when their peers differ", async () => {
    const other = ip("192.0.2.3");
    const second = instanceConfig({
      name: "V2",
      peers: [{ address: other, minTtl: undefined, maxTtl: undefined }],
    });
    agent.start(config(instanceConfig(), second));
    host.queueAdvert({}, other);
    host.deliver();
    expect(agent.instances.map(({ counters }) => counters.snapshot().advertsReceived)).toEqual([0, 1]);
  });
});

function stateOf(agent: Agent): string | undefined {
  return agent.instances[0]?.router.state.kind;
}
