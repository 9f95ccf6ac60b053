import { describe, expect, it } from "vitest";
import { describeTimeline, holdersOf, type Observation, overlapsOf } from "./timeline.ts";

const VIP = "10.77.1.1";

function binding(kind: "bound" | "unbound", atMs: number, host: string, prefixLength = 32): Observation {
  return { kind, atMs, host, address: VIP, prefixLength };
}

describe("a timeline", () => {
  it("counts a host as holder until its last entry of the address is gone", () => {
    const entries = [
      binding("bound", 0, "a", 32),
      binding("bound", 1, "a", 24),
      binding("unbound", 2, "a", 32),
    ];
    expect(holdersOf(entries, VIP)).toEqual(["a"]);
    expect(holdersOf([...entries, binding("unbound", 3, "a", 24)], VIP)).toEqual([]);
  });

  it("finds when two hosts had the address bound, also when that has not ended", () => {
    const history = [
      binding("bound", 0, "a"),
      binding("bound", 10, "b"),
      binding("unbound", 14, "a"),
      binding("bound", 20, "a"),
    ];
    expect(overlapsOf(history, VIP, 25)).toEqual([
      { fromMs: 10, toMs: 14, hosts: ["a", "b"] },
      { fromMs: 20, toMs: 25, hosts: ["b", "a"] },
    ]);
  });

  it("is told with equal adverts in one line", () => {
    const advert = (atMs: number): Observation => ({
      kind: "advertises",
      atMs,
      host: "a",
      vrid: 51,
      priority: 150,
    });
    expect(describeTimeline([advert(5), advert(15), advert(25), binding("bound", 26, "a")])).toBe(
      [
        "      0.0 ms  a advertises VRID 51 with priority 150 (3 times, until 20.0)",
        "     21.0 ms  a binds 10.77.1.1/32",
      ].join("\n"),
    );
  });
});
