import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Agent } from "../../src/agent/agent.ts";
import { HealthBoard } from "../../src/agent/health-board.ts";
import { millis } from "../../src/base/units.ts";
import type { InstanceConfig } from "../../src/config/config.ts";
import type { TrackerConfig } from "../../src/config/track-config.ts";
import { influenceOf, type TrackerState } from "../../src/track/influence.ts";
import { config, FakeHost, instanceConfig } from "./fake-host.ts";

const MASTER_DOWN_MS = 400;

let host: FakeHost;
let agent: Agent;
let states: Record<string, TrackerState>;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setImmediate", "performance"] });
  host = new FakeHost();
  states = {};
  agent = new Agent({
    openSocket: host.openSocket,
    network: host,
    arp: host.arp,
    now: () => millis(performance.now()),
    reportGroup: () => {},
    influence: ({ track }) => influenceOf(track, (name) => states[name] ?? { kind: "unknown" }),
    report: (_instance, event) => host.events.push(event),
    reportStray: () => {},
    reportLate: () => {},
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

function tracking(weight: number, overrides: Partial<InstanceConfig> = {}): InstanceConfig {
  return instanceConfig({ track: [{ name: "chk", weight, reverse: false }], ...overrides });
}

function becomes(kind: "up" | "down"): void {
  states = { chk: { kind } };
  for (const instance of agent.tracking("chk")) instance.trackersChanged();
}

const routerOf = () => agent.instances[0]?.router;
const stateOf = () => routerOf()?.state.kind;

describe("an instance with a tracker of weight 0", () => {
  it("does not take part before the tracker has reported", async () => {
    agent.start(config(tracking(0)));
    await vi.advanceTimersByTimeAsync(10 * MASTER_DOWN_MS);
    expect(stateOf()).toBe("INIT");
    expect(agent.instances[0]?.last.reason).toBe("waits for the first result of chk");
    becomes("up");
    expect(stateOf()).toBe("BACKUP");
    await vi.advanceTimersByTimeAsync(MASTER_DOWN_MS);
    expect(stateOf()).toBe("MASTER");
  });

  it("starts in FAULT when the first result is bad", () => {
    agent.start(config(tracking(0)));
    becomes("down");
    expect(host.events.filter(({ kind }) => kind === "transition")).toMatchObject([
      { from: "INIT", to: "FAULT", reason: { kind: "fault", faults: ["tracker:chk"] } },
    ]);
  });

  it("leaves MASTER for FAULT while it is down, and comes back", async () => {
    agent.start(config(tracking(0)));
    becomes("up");
    await vi.advanceTimersByTimeAsync(MASTER_DOWN_MS);
    becomes("down");
    await vi.advanceTimersByTimeAsync(0);
    expect(stateOf()).toBe("FAULT");
    expect(host.done.slice(-2)).toEqual(["advert 192.0.2.2 0", "remove 192.0.2.100/32"]);
    becomes("up");
    expect(stateOf()).toBe("BACKUP");
  });

  it("keeps that fault when the host's links change", async () => {
    agent.start(config(tracking(0)));
    becomes("down");
    host.setLink(false);
    host.setLink(true);
    expect(routerOf()?.faults).toEqual(["tracker:chk"]);
  });

  it("starts nothing any more when the agent has stopped it", async () => {
    agent.start(config(tracking(0)));
    const [instance] = agent.instances;
    await agent.stop();
    states = { chk: { kind: "up" } };
    instance?.trackersChanged();
    expect(stateOf()).toBe("INIT");
  });
});

describe("an instance with a weighted tracker", () => {
  it("takes part at once, and its priority follows", () => {
    agent.start(config(tracking(-30)));
    expect(stateOf()).toBe("BACKUP");
    expect(routerOf()?.priority).toBe(100);
    becomes("down");
    expect(routerOf()?.priority).toBe(70);
    becomes("up");
    expect(routerOf()?.priority).toBe(100);
    expect(host.events.filter(({ kind }) => kind === "priority-changed")).toEqual([
      { kind: "priority-changed", from: 100, to: 70 },
      { kind: "priority-changed", from: 70, to: 100 },
    ]);
  });

  it("never leaves 1 to 254, and finds its way back from there", () => {
    agent.start(config(tracking(-253)));
    becomes("down");
    expect(routerOf()?.priority).toBe(1);
    becomes("up");
    expect(routerOf()?.priority).toBe(100);
  });

  it("ignores the weight as owner of the addresses", () => {
    const { router } = instanceConfig();
    agent.start(config(tracking(-30, { router: { ...router, priority: 255 } })));
    becomes("down");
    expect(routerOf()?.priority).toBe(255);
  });

  it("has the right priority after a reload that changes base and weight while it is down", async () => {
    agent.start(config(tracking(-253)));
    becomes("down");
    const { router } = instanceConfig();
    await agent.reload(config(tracking(-20, { router: { ...router, priority: 200 } })));
    expect(routerOf()?.priority).toBe(180);
    await agent.reload(config(instanceConfig({ router: { ...router, priority: 200 } })));
    expect(routerOf()?.priority).toBe(200);
  });

  it("loses a fault when a reload tracks nothing any more", async () => {
    agent.start(config(tracking(0)));
    becomes("down");
    await agent.reload(config(instanceConfig()));
    expect(stateOf()).toBe("BACKUP");
  });
});

describe("the board of trackers", () => {
  const times = { interval: millis(1000), timeout: millis(1000), rise: 1, fall: 1, initFail: false };
  const eth0: TrackerConfig = { name: "link", check: { kind: "interface", interfaceName: "eth0" }, ...times };
  const file: TrackerConfig = { name: "file", check: { kind: "file", path: "/run/x" }, ...times };

  function board() {
    const changes: string[] = [];
    const warnings: string[] = [];
    const made = new HealthBoard({
      network: host,
      onChange: ({ name, state }) => changes.push(`${name} ${state.kind}`),
      onWarning: (name, warning) => warnings.push(`${name} ${warning}`),
    });
    return { made, changes, warnings };
  }

  it("knows links from the kernel", () => {
    const { made, changes } = board();
    made.configure([eth0]);
    host.setLink(false);
    host.setLink(false);
    host.setLink(true);
    expect(changes).toEqual(["link up", "link down", "link up"]);
    expect(made.snapshot()).toMatchObject([
      { name: "link", kind: "interface", state: "up", detail: "eth0 is up" },
    ]);
  });

  it("tells a change once, and keeps what it knows over a reload", () => {
    const { made, changes } = board();
    const report = {
      name: "file",
      state: { kind: "value", value: 3 },
      detail: "holds 3",
      warning: undefined,
    } as const;
    made.configure([file]);
    made.receive(report);
    made.receive(report);
    made.configure([file, eth0]);
    expect(changes).toEqual(["file value", "link up"]);
    expect(made.stateOf("file")).toEqual({ kind: "value", value: 3 });
  });

  it("knows the last reason why a tracker is down, without telling it as a change", () => {
    const { made, changes } = board();
    made.configure([file]);
    for (const detail of ["refused", "no route"]) {
      made.receive({ name: "file", state: { kind: "down" }, detail, warning: undefined });
    }
    expect(changes).toEqual(["file down"]);
    expect(made.detailOf("file")).toBe("no route");
  });

  it("keeps no secret of an address that a script printed", () => {
    const { made } = board();
    made.configure([file]);
    const detail = "exit code 1: curl https://user:pa55word@web.example/?token=t0k3n failed";
    made.receive({ name: "file", state: { kind: "down" }, detail, warning: undefined });
    expect(made.detailOf("file")).toBe("exit code 1: curl https://web.example/?*** failed");
  });

  it("forgets a tracker that became another one, and ignores reports of one that is gone", () => {
    const { made, changes } = board();
    made.configure([file]);
    made.receive({ name: "file", state: { kind: "value", value: 3 }, detail: "", warning: undefined });
    made.configure([{ ...file, check: { kind: "file", path: "/run/y" } }]);
    expect(made.stateOf("file")).toEqual({ kind: "unknown" });
    made.configure([]);
    made.receive({ name: "file", state: { kind: "value", value: 4 }, detail: "", warning: undefined });
    expect(changes).toEqual(["file value"]);
  });

  it("tells a warning once, and what a new side process should know", () => {
    const { made, warnings } = board();
    made.configure([{ ...file, name: "web", check: { kind: "tcp", host: "127.0.0.1", port: 80 } }]);
    for (const detail of ["a", "b"]) {
      made.receive({ name: "web", state: { kind: "up" }, detail, warning: "expires" });
    }
    expect(warnings).toEqual(["web expires"]);
    expect(made.known()).toEqual({ web: "up" });
  });
});
