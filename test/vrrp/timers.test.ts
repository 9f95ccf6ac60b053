import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { millis } from "../../src/base/units.ts";
import type { VrrpVersion } from "../../src/vrrp/settings.ts";
import { masterDownInterval, masterInterval, skewTime } from "../../src/vrrp/timers.ts";
import { settingsWith } from "./fixtures.ts";

/** RFC 9568 §6.1 and RFC 3768 §6.1, worked out by hand; milliseconds. */
const ORACLE: readonly {
  version: VrrpVersion;
  interval: number;
  priority: number;
  skew: number;
  down: number;
}[] = [
  { version: 3, interval: 1000, priority: 100, skew: 609.375, down: 3609.375 },
  { version: 3, interval: 1000, priority: 200, skew: 218.75, down: 3218.75 },
  { version: 3, interval: 1000, priority: 254, skew: 7.8125, down: 3007.8125 },
  { version: 3, interval: 1000, priority: 255, skew: 3.90625, down: 3003.90625 },
  { version: 3, interval: 1000, priority: 1, skew: 996.09375, down: 3996.09375 },
  { version: 3, interval: 100, priority: 100, skew: 60.9375, down: 360.9375 },
  { version: 3, interval: 10, priority: 100, skew: 6.09375, down: 36.09375 },
  { version: 3, interval: 10, priority: 254, skew: 0.078125, down: 30.078125 },
  { version: 3, interval: 3000, priority: 100, skew: 1828.125, down: 10_828.125 },
  { version: 3, interval: 40_950, priority: 100, skew: 24_953.90625, down: 147_803.90625 },
  { version: 2, interval: 1000, priority: 100, skew: 609.375, down: 3609.375 },
  { version: 2, interval: 5000, priority: 100, skew: 609.375, down: 15_609.375 },
  { version: 2, interval: 1000, priority: 150, skew: 414.0625, down: 3414.0625 },
];

describe("the timers", () => {
  it.each(ORACLE)(
    "of VRRPv$version at $interval ms and priority $priority: skew $skew ms, master down $down ms",
    ({ version, interval, priority, skew, down }) => {
      expect(skewTime(version, priority, millis(interval))).toBe(skew);
      const about = { version, downTimerAdverts: 3 };
      expect(masterDownInterval(about, priority, millis(interval))).toBe(down);
    },
  );

  it("wait as many adverts as down_timer_adverts says", () => {
    const about = { version: 3, downTimerAdverts: 5 } as const;
    expect(masterDownInterval(about, 100, millis(1000))).toBe(5609.375);
  });

  it("let the higher of two priorities wait the shorter, even at 10 ms", () => {
    fc.assert(
      fc.property(
        fc.constantFrom<VrrpVersion>(2, 3),
        fc.integer({ min: 1, max: 4095 }),
        fc.integer({ min: 1, max: 254 }),
        (version, centiseconds, priority) => {
          const about = { version, downTimerAdverts: 3 };
          const interval = millis(centiseconds * 10);
          const lower = masterDownInterval(about, priority, interval);
          expect(masterDownInterval(about, priority + 1, interval)).toBeLessThan(lower);
        },
      ),
    );
  });
});

describe("the interval that a BACKUP counts with", () => {
  it("is its own in VRRPv2", () => {
    expect(masterInterval(settingsWith({ version: 2, advertInterval: 2000 }), millis(5000))).toBe(2000);
  });

  it("is the MASTER's in VRRPv3, shorter or longer", () => {
    const settings = settingsWith({ advertInterval: 1000, maxLearnedInterval: 10_000 });
    expect(masterInterval(settings, millis(200))).toBe(200);
    expect(masterInterval(settings, millis(3000))).toBe(3000);
    expect(masterInterval(settings, millis(10_000))).toBe(10_000);
  });

  it("is never longer than what is allowed to be learned", () => {
    const settings = settingsWith({ advertInterval: 1000, maxLearnedInterval: 10_000 });
    expect(masterInterval(settings, millis(40_950))).toBe(10_000);
  });
});
