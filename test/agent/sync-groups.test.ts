import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Agent } from "../../src/agent/agent.ts";
import { controlCommands } from "../../src/agent/control-commands.ts";
import type { GroupEvent } from "../../src/agent/events.ts";
import { millis } from "../../src/base/units.ts";
import type { Config, InstanceConfig } from "../../src/config/config.ts";
import { influenceOf, type TrackerState } from "../../src/track/influence.ts";
import { config, FakeHost, instanceConfig, PEER, virtualAddress } from "./fake-host.ts";

const MASTER_DOWN_MS = 400;
const router = instanceConfig().router;

let host: FakeHost;
let agent: Agent;
let states: Record<string, TrackerState>;
/** What instances and groups told, in order: `V1 MASTER`, `group VG1 MASTER`. */
let told: string[];
let groupEvents: GroupEvent[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setImmediate", "performance"] });
  host = new FakeHost();
  states = {};
  told = [];
  groupEvents = [];
  agent = new Agent({
    openSocket: host.openSocket,
    network: host,
    arp: host.arp,
    now: () => millis(performance.now()),
    report: (instance, event) => {
      if (event.kind === "transition") told.push(`${instance.config.name} ${event.to}`);
      if (["flapping", "settled", "hold-over"].includes(event.kind)) told.push(event.kind);
    },
    reportGroup: (group, event) => {
      groupEvents.push(event);
      told.push(`group ${group.name} ${event.kind === "group-transition" ? event.to : event.kind}`);
    },
    influence: ({ track }) => influenceOf(track, (name) => states[name] ?? { kind: "up" }),
    softwareVersion: "1.2.3",
    reportStray: () => {},
    reportLate: () => {},
    openCloud: () => undefined,
    onFatal: (error) => {
      throw error;
    },
  });
});

afterEach(() => {
  vi.useRealTimers();
});

function member(name: string, virtualRouterId: number, track: InstanceConfig["track"] = []): InstanceConfig {
  const synced = virtualRouterId === 51 ? ("first" as const) : ("other" as const);
  return instanceConfig({
    ...{ name, syncGroup: "VG1", track },
    router: { ...router, virtualRouterId, synced },
    virtualAddresses: [virtualAddress(`192.0.2.${100 + virtualRouterId}`)],
  });
}

function pair(track: InstanceConfig["track"] = [], hold = 0): Config {
  const whole = config(member("V1", 51, track), member("V2", 52));
  return { ...whole, flapping: { ...whole.flapping, hold: millis(hold) } };
}

function becomes(name: string, kind: "up" | "down"): void {
  states = { ...states, [name]: { kind } };
  for (const instance of agent.tracking(name)) instance.trackersChanged();
}

async function becomeMaster(whole = pair()): Promise<void> {
  agent.start(whole);
  await vi.advanceTimersByTimeAsync(MASTER_DOWN_MS);
  expect(statesNow()).toEqual(["MASTER", "MASTER"]);
  told.length = 0;
  host.done.length = 0;
}

const statesNow = () => agent.instances.map((instance) => instance.router.state.kind);
const heard = (virtualRouterId: number, priority = 200) => {
  host.queueAdvert({ virtualRouterId, priority });
  host.deliver();
};
const chk = { name: "chk", weight: 0, reverse: false };

describe("the instances of a sync group", () => {
  it("become MASTER together, and the group after them", async () => {
    agent.start(pair());
    expect(told).toEqual(["V1 BACKUP", "V2 BACKUP", "group VG1 BACKUP"]);
    await vi.advanceTimersByTimeAsync(MASTER_DOWN_MS);
    expect(told.slice(3)).toEqual(["V1 MASTER", "V2 MASTER", "group VG1 MASTER"]);
  });

  it("stay BACKUP while one of them hears a MASTER", async () => {
    agent.start(pair());
    for (let count = 0; count < 20; count++) {
      heard(51);
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(statesNow()).toEqual(["BACKUP", "BACKUP"]);
    await vi.advanceTimersByTimeAsync(MASTER_DOWN_MS);
    expect(statesNow()).toEqual(["MASTER", "MASTER"]);
  });

  it("give up together, without priority 0 of those that follow", async () => {
    await becomeMaster();
    heard(52);
    expect(told).toEqual(["V2 BACKUP", "V1 BACKUP", "group VG1 BACKUP"]);
    expect(host.done.filter((what) => what.startsWith("advert"))).toEqual([]);
    expect(host.done.filter((what) => what.startsWith("remove"))).toHaveLength(2);
    expect(groupEvents.at(-1)).toMatchObject({ member: "V2", reason: { kind: "yielded" } });
  });

  it("go to FAULT together, each with priority 0, and come back together", async () => {
    await becomeMaster(pair([chk]));
    becomes("chk", "down");
    expect(told).toEqual(["V1 FAULT", "V2 FAULT", "group VG1 FAULT"]);
    expect(host.done.filter((what) => what === `advert ${PEER} 0`)).toHaveLength(2);
    expect(groupEvents.at(-1)).toMatchObject({ member: "V1", reason: { faults: ["tracker:chk"] } });
    expect(agent.instances[1]?.last.reason).toBe("V1 of the same sync group is in FAULT");

    told.length = 0;
    becomes("chk", "up");
    expect(told).toEqual(["V1 BACKUP", "V2 BACKUP", "group VG1 BACKUP"]);
  });

  it("announce all addresses again when one hears a lower priority", async () => {
    await becomeMaster();
    heard(51, 50);
    await vi.advanceTimersByTimeAsync(0);
    const announced = new Set(host.done.filter((what) => what.startsWith("garp")));
    expect([...announced].toSorted()).toEqual(["garp 192.0.2.151", "garp 192.0.2.152"]);
  });

  it("hand over together, whichever is named", async () => {
    await becomeMaster();
    const commands = controlCommands(() => agent);
    expect(commands["handover"]?.({ instance: "V2" })).toEqual(["V1", "V2"]);
    heard(51, 90);
    heard(52, 90);
    await vi.advanceTimersByTimeAsync(100);
    expect(statesNow()).toEqual(["BACKUP", "BACKUP"]);
  });

  it("stay MASTER together when one of them finds no successor", async () => {
    await becomeMaster();
    controlCommands(() => agent)["handover"]?.({ instance: "VG1" });
    heard(51, 90);
    await vi.advanceTimersByTimeAsync(900);
    expect(new Set(statesNow()).size).toBe(1);
  });

  it("end as one", async () => {
    await becomeMaster();
    const stopped = agent.stop();
    await vi.advanceTimersByTimeAsync(900);
    await stopped;
    expect(told).toEqual(["V1 INIT", "V2 INIT", "group VG1 INIT"]);
  });

  it("are let go by a reload that ends the group, with the fault that was another's", async () => {
    await becomeMaster(pair([chk]));
    becomes("chk", "down");
    const alone = instanceConfig({
      ...{ name: "V2", router: { ...router, virtualRouterId: 52 } },
      virtualAddresses: [virtualAddress("192.0.2.152")],
    });
    await agent.reload(config(member("V1", 51, [chk]), alone));
    expect(statesNow()).toEqual(["FAULT", "BACKUP"]);
    await vi.advanceTimersByTimeAsync(MASTER_DOWN_MS);
    expect(statesNow()).toEqual(["FAULT", "MASTER"]);
  });

  it("stay MASTER when a reload adds one to them, which follows", async () => {
    await becomeMaster();
    const three = config(member("V1", 51), member("V2", 52), member("V3", 53));
    await agent.reload(three);
    expect(statesNow()).toEqual(["MASTER", "MASTER", "BACKUP"]);
    await vi.advanceTimersByTimeAsync(MASTER_DOWN_MS);
    expect(statesNow()).toEqual(["MASTER", "MASTER", "MASTER"]);
    expect(told).toEqual(["V3 BACKUP", "V3 MASTER"]);
  });
});

describe("a group that flaps", () => {
  /** The check of the node itself fails and recovers, and nobody else is there. */
  async function flap(times: number): Promise<void> {
    for (let count = 0; count < times; count++) {
      becomes("chk", "down");
      becomes("chk", "up");
      await vi.advanceTimersByTimeAsync(MASTER_DOWN_MS);
    }
  }

  it("is told as that once, and when it has settled", async () => {
    await becomeMaster(pair([chk]));
    await flap(10);
    expect(told.filter((what) => what === "group VG1 flapping")).toHaveLength(1);
    expect(agent.flaps.of(agent.instances[0] as never)).toEqual({ isFlapping: true, heldBackFor: undefined });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(told.at(-1)).toBe("group VG1 settled");
  });

  it("does not preempt while it is held back, and takes over all the same where nobody else is MASTER", async () => {
    await becomeMaster(pair([chk], 300_000));
    await flap(3);
    expect(groupEvents.filter(({ kind }) => kind === "flapping")).toMatchObject([{ heldForMs: 300_000 }]);
    expect(statesNow()).toEqual(["MASTER", "MASTER"]);

    becomes("chk", "down");
    becomes("chk", "up");
    for (let count = 0; count < 20; count++) {
      for (const id of [51, 52]) heard(id, 50);
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(statesNow()).toEqual(["BACKUP", "BACKUP"]);
    await vi.advanceTimersByTimeAsync(MASTER_DOWN_MS);
    expect(statesNow()).toEqual(["MASTER", "MASTER"]);
  });

  it.each([
    ["when the time is over", () => vi.advanceTimersByTimeAsync(300_000)],
    [
      "when somebody asks for it",
      async () => {
        controlCommands(() => agent)["maintenance-off"]?.({});
      },
    ],
  ])("preempts again %s", async (_, passes) => {
    await becomeMaster(pair([chk], 300_000));
    await flap(5);
    await passes();
    expect(told).toContain("group VG1 hold-over");
    becomes("chk", "down");
    becomes("chk", "up");
    for (let count = 0; count < 20; count++) {
      for (const id of [51, 52]) heard(id, 50);
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(statesNow()).toEqual(["MASTER", "MASTER"]);
  });

  it("is held back by nobody where its peer is the cause", async () => {
    await becomeMaster(pair([], 300_000));
    for (let count = 0; count < 10; count++) {
      for (const id of [51, 52]) heard(id, 200);
      await vi.advanceTimersByTimeAsync(2 * MASTER_DOWN_MS);
    }
    expect(groupEvents.filter(({ kind }) => kind === "flapping")).toMatchObject([{ heldForMs: null }]);
    expect(agent.instances.map(({ router: { heldBack } }) => heldBack)).toEqual([undefined, undefined]);
  });
});
