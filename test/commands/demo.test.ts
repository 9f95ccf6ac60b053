import { describe, expect, test } from "vitest";
import { type DemoOptions, demo } from "../../src/commands/demo.ts";
import { CapturedOutput } from "./captured-output.ts";

describe("demo --simulated", () => {
  test("shows the same to everybody", async () => {
    const { exit, out } = await simulated();
    expect(exit).toBe(0);
    await expect(out.text).toMatchFileSnapshot("demo-transcript.txt");
  });

  test("says in its first line that nothing is measured, and why", async () => {
    const { out } = await simulated();
    expect(out.lines.slice(0, 2)).toEqual([
      "SIMULATED: no packets, and computed times; only the election is the real one.",
      "Why: --simulated asks for it",
    ]);
  });

  test.each(["0.01", "0.03", "1"])(
    "fits a terminal of 80 columns with adverts every %s s",
    async (advertInt) => {
      const { exit, out } = await simulated({ advertInt });
      expect(exit).toBe(0);
      expect(out.lines.filter((line) => line.length > 80)).toEqual([]);
    },
  );

  test("waits longer for a silent MASTER with rarer adverts", async () => {
    const rows = await Promise.all(["0.03", "0.3"].map(async (advertInt) => await rowOf(advertInt)));
    const [often = Number.NaN, rarely = Number.NaN] = rows;
    expect(often).toBeLessThan(100);
    expect(rarely).toBeGreaterThan(500);
  });

  test("that is interrupted says so and fails", async () => {
    const { exit, out } = await simulated({ signal: AbortSignal.abort() });
    expect(exit).toBe(1);
    expect(out.lines.at(-1)).toBe("Interrupted; removing what the demo made.");
  });
});

test.each(["0", "0.005", "0.015", "1.01", "5", "", "fast", "100ms"])(
  "demo --advert-int %j is refused with what to write instead",
  async (advertInt) => {
    const out = new CapturedOutput();
    await expect(demo({ advertInt, simulated: true, out })).rejects.toMatchObject({
      code: "demo/bad-interval",
      hint: expect.stringContaining("from 0.01 to 1"),
    });
    expect(out.text).toBe("");
  },
);

async function simulated(changes: Partial<DemoOptions> = {}) {
  const out = new CapturedOutput();
  const { signal } = new AbortController();
  return { exit: await demo({ advertInt: "0.1", simulated: true, out, signal, ...changes }), out };
}

/** The longest gap of the first row, in ms. */
async function rowOf(advertInt: string): Promise<number> {
  const { out } = await simulated({ advertInt });
  const row = out.lines.find((line) => /^node-a vanishes +\d/.test(line));
  return Number(/\d+/.exec(row ?? "")?.[0]);
}
