import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Agent } from "../../src/agent/agent.ts";
import { millis } from "../../src/base/units.ts";
import { config, FakeHost, instanceConfig, ip, LOCAL, PEER, VIP, virtualAddress } from "./fake-host.ts";

const OTHER_PEER = ip("192.0.2.3");
const STRANGER = ip("192.0.2.66");
const settings = instanceConfig().router;
/** An IPv4 packet's type of service: nothing that an agent looks at. */
const TYPE_OF_SERVICE_AT = 1;

type Happening = (host: FakeHost, agent: Agent) => void;

/** An advert that comes `times` over, in packets with different identifications and perhaps with one byte broken. */
const adverts = fc
  .record({
    from: fc.constantFrom(PEER, PEER, OTHER_PEER, STRANGER, LOCAL),
    priority: fc.constantFrom(0, 50, 100, 200),
    virtualRouterId: fc.constantFrom(51, 51, 52, 53),
    advertInterval: fc.constantFrom(millis(100), millis(200)),
    address: fc.constantFrom(VIP, VIP, ip("192.0.2.101")),
    times: fc.integer({ min: 1, max: 4 }),
    broken: fc.option(fc.nat({ max: 31 }), { freq: 4 }),
  })
  .map(({ from, address, times, broken, ...advert }): Happening => {
    return (host) => {
      for (let count = 0; count < times; count++) {
        host.queueAdvert({ ...advert, addresses: [address] }, from);
        const packet = host.queued.at(-1);
        if (packet) packet[5] = count;
        if (packet && broken !== null) packet[broken] = (packet[broken] ?? 0) ^ 0x11;
      }
    };
  });

const changes = fc.constantFrom<Happening>(
  (host) => host.removeBehindItsBack(LOCAL),
  (host) => host.addBehindItsBack({ interfaceIndex: 2, address: LOCAL, prefixLength: 24 }),
  (host) => host.setLink(false),
  (host) => host.setLink(true),
  (_, agent) => void agent.reload(configured(120)),
  (_, agent) => void agent.reload(configured(100)),
  (_, agent) => void agent.reload(configured(100, [PEER])),
);

interface Moment {
  readonly happening: Happening;
  /** What passes afterwards. */
  readonly waitMs: number;
}

const courses: fc.Arbitrary<readonly Moment[]> = fc.array(
  fc.record({
    happening: fc.oneof({ weight: 5, arbitrary: adverts }, { weight: 1, arbitrary: changes }),
    waitMs: fc.integer({ min: 0, max: 400 }),
  }),
  { minLength: 1, maxLength: 25 },
);

function configured(priority: number, heard = [PEER, OTHER_PEER]) {
  const peers = heard.map((address) => ({ address, minTtl: undefined, maxTtl: undefined }));
  return config(
    instanceConfig({ peers, router: { ...settings, priority } }),
    instanceConfig({
      ...{ name: "V2", peers, sourceAddress: undefined },
      router: { ...settings, virtualRouterId: 52, priority, preempt: false },
      virtualAddresses: [virtualAddress("192.0.2.101")],
    }),
  );
}

describe("an agent that recognises repeated adverts", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setImmediate", "performance"] });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  /** Everything that an agent did, said and remembers. With `anew`, no packet equals the one before, and each is decoded. */
  async function outcomeOf(course: readonly Moment[], anew: "anew" | "as-it-comes") {
    const host = new FakeHost();
    const strays: string[] = [];
    const startedAt = performance.now();
    const now = () => millis(performance.now() - startedAt);
    const agent = new Agent({
      ...{ openSocket: host.openSocket, network: host, arp: host.arp, now },
      influence: () => ({ shift: 0, faults: [], pending: [] }),
      report: (_instance, event) => host.events.push(event),
      reportGroup: () => {},
      reportStray: ({ reason }) => strays.push(reason),
      reportLate: () => {},
      openCloud: () => undefined,
      onFatal: (error) => {
        throw error;
      },
      softwareVersion: "0.0.0",
    });
    agent.start(configured(100));
    let packets = 0;
    for (const { happening, waitMs } of course) {
      happening(host, agent);
      if (anew === "anew") for (const packet of host.queued) packet[TYPE_OF_SERVICE_AT] = packets++ & 0xff;
      host.deliver();
      await vi.advanceTimersByTimeAsync(waitMs);
    }
    const instances = agent.instances.map(({ router, counters, peers }) => ({
      router,
      counters: counters.snapshot(),
      peers: peers.snapshot([PEER, OTHER_PEER, STRANGER], now()),
    }));
    const { done, events } = host;
    const outcome = {
      instances,
      refused: { ...agent.refused },
      strays,
      done: [...done],
      events: [...events],
    };
    const stopped = agent.stop();
    await vi.advanceTimersByTimeAsync(2_000);
    await stopped;
    return outcome;
  }

  it("does, says and remembers exactly what one does that decodes every packet", async () => {
    await fc.assert(
      fc.asyncProperty(courses, async (course) => {
        const decoded = await outcomeOf(course, "anew");
        const recognised = await outcomeOf(course, "as-it-comes");
        expect(recognised).toEqual(decoded);
      }),
      { numRuns: 150 },
    );
  });

  it("judges a repeated advert anew when its sender is a peer no longer", async () => {
    const advert = (host: FakeHost) => host.queueAdvert({ priority: 200 }, OTHER_PEER);
    const course: readonly Moment[] = [
      { happening: advert, waitMs: 100 },
      { happening: (_, agent) => void agent.reload(configured(100, [PEER])), waitMs: 100 },
      { happening: advert, waitMs: 0 },
    ];
    const { instances } = await outcomeOf(course, "as-it-comes");
    expect(instances[0]?.counters).toMatchObject({ advertsReceived: 1, refused: { "not-a-peer": 1 } });
  });
});
