import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { millis } from "../../src/base/units.ts";
import type { TrackerConfig } from "../../src/config/track-config.ts";
import type { Check, Finding } from "../../src/track/check.ts";
import type { TimeLimit } from "../../src/track/time-limit.ts";
import { Tracker, type TrackerReport } from "../../src/track/tracker.ts";

const CONFIG: TrackerConfig = {
  name: "chk",
  check: { kind: "tcp", host: "127.0.0.1", port: 80 },
  interval: millis(1000),
  timeout: millis(500),
  rise: 2,
  fall: 2,
  initFail: false,
};

let reports: TrackerReport[] = [];
let runs = 0;
let tracker: Tracker | undefined;

beforeEach(() => {
  vi.useFakeTimers();
  reports = [];
  runs = 0;
});

afterEach(() => {
  tracker?.close();
  vi.useRealTimers();
});

function start(
  look: (limit: TimeLimit) => Promise<Finding> | undefined,
  { config = {}, known }: { config?: Partial<TrackerConfig>; known?: "up" | "down" } = {},
): void {
  const check: Check = {
    run: (limit) => {
      runs += 1;
      return look(limit);
    },
  };
  const report = (one: TrackerReport) => reports.push(one);
  tracker = new Tracker({ ...CONFIG, ...config }, check, { report, known, delayMs: 0 });
}

const states = () => reports.map(({ state }) => state.kind);
const found = (ok: boolean, detail = "") => Promise.resolve({ ok, detail });

describe("a tracker", () => {
  it("reports its first result, and then only what changes", async () => {
    const results = [true, true, false, false, false, true, true, true];
    start(() => found(results.shift() ?? true));
    await vi.advanceTimersByTimeAsync(7_900);
    expect(runs).toBe(8);
    expect(states()).toEqual(["up", "down", "up"]);
  });

  it("with init_fail is down from the start, and up after rise successes", async () => {
    start(() => found(true), { config: { initFail: true, rise: 3 } });
    expect(states()).toEqual(["down"]);
    await vi.advanceTimersByTimeAsync(1_900);
    expect(states()).toEqual(["down"]);
    await vi.advanceTimersByTimeAsync(200);
    expect(states()).toEqual(["down", "up"]);
  });

  it("that an earlier process knew goes on from there, without a word", async () => {
    const results = [false, false];
    start(() => found(results.shift() ?? false), { known: "up", config: { initFail: true } });
    await vi.advanceTimersByTimeAsync(500);
    expect(states()).toEqual(["up"]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(states()).toEqual(["up", "down"]);
  });

  it("takes silence until the timeout for a failure, and tells the check", async () => {
    let aborted = false;
    start(
      (limit) =>
        new Promise(() => {
          limit.onEnd(() => {
            aborted = true;
          });
        }),
    );
    await vi.advanceTimersByTimeAsync(650);
    expect(aborted).toBe(true);
    expect(reports).toMatchObject([{ state: { kind: "down" }, detail: "no answer within 0.5 s" }]);
  });

  it("prefers what the check itself says at the timeout", async () => {
    start(
      (limit) =>
        new Promise((resolve) => {
          limit.onEnd(() => resolve({ ok: false, detail: "3 of 5 pings lost" }));
        }),
    );
    await vi.advanceTimersByTimeAsync(650);
    expect(reports).toMatchObject([{ detail: "3 of 5 pings lost" }]);
  });

  it("takes an exception for a failure", async () => {
    start(() => Promise.reject(new Error("no CAP_NET_RAW")));
    await vi.advanceTimersByTimeAsync(10);
    expect(reports).toMatchObject([{ state: { kind: "down" }, detail: "no CAP_NET_RAW" }]);
  });

  it("never looks twice at a time", async () => {
    start(() => new Promise(() => {}), { config: { timeout: millis(2_500) } });
    await vi.advanceTimersByTimeAsync(2_400);
    expect(runs).toBe(1);
    await vi.advanceTimersByTimeAsync(700);
    expect(runs).toBe(2);
  });

  it("counts nothing while the last look does not end", async () => {
    start(() => (runs === 1 ? found(true) : undefined));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(states()).toEqual(["up"]);
  });

  it("reports a number each time it is another one", async () => {
    const values = [0, 0, 7, 7, 8];
    start(() => {
      const value = values.shift() ?? 8;
      return Promise.resolve({ ok: value === 0, detail: `holds ${value}`, value });
    });
    await vi.advanceTimersByTimeAsync(6_000);
    expect(reports.map(({ state }) => (state.kind === "value" ? state.value : state.kind))).toEqual([
      0, 7, 8,
    ]);
  });

  it("reports a warning when it comes and when it goes", async () => {
    const warnings = [undefined, "expires soon", "expires soon", undefined];
    start(() => Promise.resolve({ ok: true, detail: "", warning: warnings.shift() }));
    await vi.advanceTimersByTimeAsync(3_500);
    expect(reports.map(({ warning }) => warning)).toEqual([undefined, "expires soon", undefined]);
  });

  it("that is down reports another reason, and stays silent about the same one", async () => {
    const details = ["refused", "refused", "refused", "no route", "no route"];
    start(() => found(false, details.shift() ?? "no route"), { config: { fall: 1 } });
    await vi.advanceTimersByTimeAsync(5_900);
    expect(reports.map(({ state, detail }) => `${state.kind} ${detail}`)).toEqual([
      "down refused",
      "down no route",
    ]);
  });

  it("that is closed says nothing more", async () => {
    start(() => found(true));
    tracker?.close();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(reports).toEqual([]);
  });
});
