import { describe, expect, it } from "vitest";
import { Lateness } from "../../src/agent/lateness.ts";
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
});
