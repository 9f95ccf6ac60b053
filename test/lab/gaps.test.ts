import { describe, expect, it } from "vitest";
import { FpingReader, findGaps } from "./gaps.ts";

/** Answers to probes sent every 2 ms, each arriving at once, except those with the sequences in `lost`. */
function answersExcept(sent: number, ...lost: readonly number[]) {
  const sequences = Array.from({ length: sent }, (_, index) => index + 1);
  return sequences
    .filter((sequence) => !lost.includes(sequence))
    .map((sequence) => ({ sequence, atMs: sequence * 2 }));
}

describe("gaps in a series of probes", () => {
  it("are none when every probe is answered", () => {
    const result = findGaps({ answers: answersExcept(10), sent: 10, endedAtMs: 21 });
    expect(result).toEqual({ sent: 10, answered: 10, lost: 0, gaps: [], longestGapMs: 0, longestStallMs: 2 });
  });

  it("reach from the last answer before the loss to the first after it", () => {
    const result = findGaps({ answers: answersExcept(10, 4, 5, 8), sent: 10, endedAtMs: 21 });
    expect(result.gaps).toEqual([
      { fromMs: 6, toMs: 12, ms: 6, lost: 2 },
      { fromMs: 14, toMs: 18, ms: 4, lost: 1 },
    ]);
    expect(result).toMatchObject({ lost: 3, longestGapMs: 6 });
  });

  it("include one that lasts to the end", () => {
    const result = findGaps({ answers: answersExcept(10, 8, 9, 10), sent: 10, endedAtMs: 100 });
    expect(result.gaps).toEqual([{ fromMs: 14, toMs: 100, ms: 86, lost: 3 }]);
  });

  it("do not count the prober's own lateness", () => {
    const answers = [1, 2, 3].map((sequence) => ({ sequence, atMs: sequence * 2 + (sequence > 2 ? 50 : 0) }));
    const result = findGaps({ answers, sent: 3, endedAtMs: 60 });
    expect(result).toMatchObject({ longestGapMs: 0, longestStallMs: 52 });
  });
});

describe("the reader of fping's output", () => {
  it("takes answers and the number sent, in whatever pieces they come", () => {
    const output = [
      "[1795176029.34649] 10.77.1.1 : [0], 64 bytes, 0.288 ms (0.288 avg, 0% loss)",
      "[1795176029.84749] 10.77.1.1 : [1], timed out (NaN avg, 100% loss)",
      "[1795176029.35035] 10.77.1.1 : [2], 64 bytes, 0.037 ms (0.162 avg, 0% loss)",
      "",
      "10.77.1.1 : xmt/rcv/%loss = 3/2/33%, min/avg/max = 0.037/0.162/0.288",
      "",
    ].join("\n");
    const reader = new FpingReader();
    for (const piece of output.match(/.{1,7}/gs) ?? []) reader.feed(piece);
    expect(reader.answers.map(({ sequence }) => sequence)).toEqual([1, 3]);
    expect(reader.answers[0]?.atMs).toBeCloseTo(1_795_176_029_346.49, 1);
    expect(reader.sent).toBe(3);
  });
});
