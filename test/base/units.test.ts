import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { after, millis, seconds, toSeconds } from "../../src/base/units.ts";

describe("a duration", () => {
  it("keeps fractions of a millisecond", () => {
    expect(millis(0.0390625)).toBe(0.0390625);
    expect(after(millis(1000), millis(0.25))).toBe(1000.25);
  });

  it("is the same whether it came as seconds of a file or as centiseconds of a packet", () => {
    for (let centiseconds = 1; centiseconds <= 4095; centiseconds++) {
      const written = (centiseconds / 100).toFixed(2);
      expect(seconds(Number(written)), written).toBe(centiseconds * 10);
    }
  });

  it("gives back the seconds that it was made of", () => {
    fc.assert(
      fc.property(fc.nat(86_400_000_000), (microseconds) => {
        const value = microseconds / 1_000_000;
        expect(toSeconds(seconds(value))).toBeCloseTo(value, 9);
      }),
    );
  });
});
