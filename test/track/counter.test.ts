import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countResult, type ResultCounter, startCounter } from "../../src/track/counter.ts";

/** Feeds `+` as success and `-` as failure; writes down `result` and health after each. */
function trace(counter: ResultCounter, results: string): string[] {
  let current = counter;
  return [...results].map((result) => {
    current = countResult(current, result === "+");
    return `${current.result} ${current.health}`;
  });
}

describe("the result counter of keepalived", () => {
  const settings = { rise: 3, fall: 2 };

  it.each([
    ["a first success makes it up", undefined, "+", ["4 up"]],
    ["a first failure makes it down", undefined, "-", ["0 down"]],
    ["rise successes in a row bring it up", "down", "+++", ["1 down", "2 down", "4 up"]],
    ["a failure on the way up starts over", "down", "++-+", ["1 down", "2 down", "0 down", "1 down"]],
    ["fall failures in a row take it down", "up", "--", ["3 up", "0 down"]],
    ["a success on the way down starts over", "up", "-+--", ["3 up", "4 up", "3 up", "0 down"]],
  ] as const)("%s", (_what, health, results, expected) => {
    expect(trace(startCounter(settings, health), results)).toEqual(expected);
  });

  it("with init_fail needs rise successes before it is up at all", () => {
    const counter = startCounter({ rise: 5, fall: 1 }, "down");
    expect(counter.health).toBe("down");
    expect(trace(counter, "+++++").at(-2)).toBe("4 down");
    expect(trace(counter, "+++++").at(-1)).toBe("5 up");
  });

  it("with rise 1 and fall 1 follows every result", () => {
    expect(trace(startCounter({ rise: 1, fall: 1 }), "+-+-")).toEqual(["1 up", "0 down", "1 up", "0 down"]);
  });
});

const settings = fc.record({ rise: fc.integer({ min: 1, max: 6 }), fall: fc.integer({ min: 1, max: 6 }) });
const results = fc.array(fc.boolean(), { minLength: 1, maxLength: 60 });
const healths = fc.constantFrom("up", "down", undefined);

describe("whatever the results", () => {
  it("the counter stays within 0 and rise + fall - 1, and is up exactly from rise on", () => {
    fc.assert(
      fc.property(settings, healths, results, (given, health, successes) => {
        let counter = startCounter(given, health);
        for (const success of successes) {
          counter = countResult(counter, success);
          expect(counter.result).toBeGreaterThanOrEqual(0);
          expect(counter.result).toBeLessThan(given.rise + given.fall);
          expect(counter.health).toBe(counter.result >= given.rise ? "up" : "down");
        }
      }),
    );
  });

  it("it is up after rise successes in a row, down after fall failures, and unchanged by fewer", () => {
    fc.assert(
      fc.property(settings, healths, results, (given, health, successes) => {
        let counter = startCounter(given, health);
        let run = { success: true, length: 0 };
        for (const success of successes) {
          const before = counter.health;
          run = run.success === success ? { success, length: run.length + 1 } : { success, length: 1 };
          counter = countResult(counter, success);
          if (run.length >= (success ? given.rise : given.fall)) {
            expect(counter.health).toBe(success ? "up" : "down");
          } else if (before !== undefined) {
            expect(counter.health).toBe(before);
          }
        }
      }),
    );
  });
});
