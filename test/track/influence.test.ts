import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { influenceOf, type TrackerState } from "../../src/track/influence.ts";

const UP: TrackerState = { kind: "up" };
const DOWN: TrackerState = { kind: "down" };
const UNKNOWN: TrackerState = { kind: "unknown" };
const value = (number: number): TrackerState => ({ kind: "value", value: number });

function influence(weight: number, reverse: boolean, state: TrackerState): string {
  const { shift, faults, pending } = influenceOf([{ name: "chk", weight, reverse }], () => state);
  if (faults.length > 0) return "FAULT";
  return pending.length > 0 ? "pending" : String(shift);
}

describe("what a tracker does to an instance", () => {
  it.each([
    // weight, reverse, up, down, not known yet
    [0, false, "0", "FAULT", "pending"],
    [0, true, "FAULT", "0", "pending"],
    [20, false, "20", "0", "0"],
    [-20, false, "0", "-20", "0"],
    [20, true, "-20", "0", "0"],
    [-20, true, "0", "20", "0"],
  ] as const)("weight %i, reverse %s: up %s, down %s, unknown %s", (weight, reverse, up, down, unknown) => {
    const outcomes = [UP, DOWN, UNKNOWN].map((state) => influence(weight, reverse, state));
    expect(outcomes.map((outcome) => outcome.replace(/^-0$/, "0"))).toEqual([up, down, unknown]);
  });

  it.each([
    // weight, reverse, what the file holds, the outcome
    [1, false, 5, "5"],
    [1, false, -5, "-5"],
    [2, false, -20, "-40"],
    [-1, false, 5, "-5"],
    [1, true, 5, "-5"],
    [1, false, -253, "-253"],
    [1, false, -254, "FAULT"],
    [-254, false, 1, "FAULT"],
    [10, false, 100, "253"],
    [1, false, 1e9, "253"],
    [0, false, 0, "0"],
    [0, false, 7, "FAULT"],
    [0, true, 0, "FAULT"],
    [0, true, 7, "0"],
  ] as const)("a file with weight %i, reverse %s, and %d in it: %s", (weight, reverse, number, expected) => {
    expect(influence(weight, reverse, value(number))).toBe(expected);
  });

  it("adds up, and names every tracker at fault", () => {
    const states: Record<string, TrackerState> = { a: UP, b: DOWN, c: DOWN, d: DOWN, e: UNKNOWN };
    const tracked = [
      { name: "a", weight: 10, reverse: false },
      { name: "b", weight: -30, reverse: false },
      { name: "c", weight: 0, reverse: false },
      { name: "d", weight: 0, reverse: false },
      { name: "e", weight: 0, reverse: false },
    ];
    expect(influenceOf(tracked, (name) => states[name] ?? UNKNOWN)).toEqual({
      shift: -20,
      faults: ["c", "d"],
      pending: ["e"],
    });
  });
});

describe("whatever the weights", () => {
  const trackers = fc.array(
    fc.record({
      weight: fc.integer({ min: -253, max: 253 }).filter((weight) => weight !== 0),
      reverse: fc.boolean(),
      up: fc.boolean(),
    }),
    { maxLength: 8 },
  );

  it("going up or down moves the sum by exactly the weight, as keepalived's running total does", () => {
    fc.assert(
      fc.property(trackers, fc.nat(), (list, index) => {
        const tracked = list.map((tracker, at) => ({ ...tracker, name: String(at) }));
        const chosen = tracked[index % Math.max(1, tracked.length)];
        if (!chosen) return;
        const sum = (chosenUp: boolean) =>
          influenceOf(tracked, (name) => {
            const up = name === chosen.name ? chosenUp : list[Number(name)]?.up;
            return up ? UP : DOWN;
          }).shift;
        const direction = chosen.reverse ? -1 : 1;
        expect(sum(true) - sum(false)).toBe(Math.abs(chosen.weight) * direction);
      }),
    );
  });
});
