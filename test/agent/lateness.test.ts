import { describe, expect, it } from "vitest";
import { isTooLate, Lateness, smallestSafeInterval } from "../../src/agent/lateness.ts";
import { millis } from "../../src/base/units.ts";

describe("the lateness of the agent's timer", () => {
  it("is nothing before the first sample", () => {
    expect(new Lateness().snapshot()).toEqual({ samples: 0, maxMs: 0, p999Ms: 0 });
  });

  it("keeps the worst, and the bound below which 999 of 1000 lie", () => {
    const lateness = new Lateness();
    for (let count = 0; count < 999; count++) lateness.record(millis(0.4));
    lateness.record(millis(33));
    expect(lateness.snapshot()).toEqual({ samples: 1000, maxMs: 33, p999Ms: 1 });
    lateness.record(millis(34));
    expect(lateness.snapshot().p999Ms).toBe(34);
  });

  it("has a place for a machine that slept for an hour", () => {
    const lateness = new Lateness();
    lateness.record(millis(3_600_000));
    expect(lateness.snapshot()).toEqual({ samples: 1, maxMs: 3_600_000, p999Ms: 3_600_000 });
  });

  it.each([
    { late: 15, interval: 30, tooLate: false },
    { late: 15.1, interval: 30, tooLate: true },
    { late: 400, interval: 1_000, tooLate: false },
  ])("of $late ms with adverts of $interval ms is too much: $tooLate", ({ late, interval, tooLate }) => {
    expect(isTooLate(millis(late), millis(interval))).toBe(tooLate);
  });

  it.each([
    { late: 15, safe: 30 },
    { late: 15.1, safe: 40 },
    { late: 120, safe: 240 },
  ])("of $late ms is borne by adverts of $safe ms", ({ late, safe }) => {
    expect(smallestSafeInterval(millis(late))).toBe(safe);
  });
});
