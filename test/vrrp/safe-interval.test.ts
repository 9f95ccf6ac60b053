import { describe, expect, it } from "vitest";
import { millis } from "../../src/base/units.ts";
import { isTooLate, smallestSafeInterval } from "../../src/vrrp/safe-interval.ts";

describe("lateness", () => {
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
