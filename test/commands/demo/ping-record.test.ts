import { beforeEach, describe, expect, test } from "vitest";
import { millis } from "../../../src/base/units.ts";
import { PingRecord } from "../../../src/commands/demo/ping-record.ts";

let pings: PingRecord;
beforeEach(() => {
  pings = new PingRecord(millis(5));
});

describe("a record of pings", () => {
  test("counts nothing as lost before the first answer", () => {
    answer([7, 35]);
    expect(pings).toMatchObject({ answered: 1, lost: 0, lastAnswerAt: 35 });
    expect(pings.gapsSince(millis(0))).toEqual([]);
  });

  test("finds a gap where a number is missing, between the answers around it", () => {
    answer([1, 5], [2, 10]);
    expect(pings.answer(5, millis(26))).toEqual({ from: 10, to: 26, lost: 2 });
    expect(pings).toMatchObject({ answered: 3, lost: 2 });
  });

  test("takes a late answer for what it is", () => {
    answer([1, 5], [2, 400], [3, 401]);
    expect(pings.lost).toBe(0);
    expect(pings.gapsSince(millis(0))).toEqual([]);
  });

  test("lets an answer that was overtaken change nothing", () => {
    answer([1, 5], [3, 15], [2, 16]);
    expect(pings).toMatchObject({ answered: 2, lost: 1, lastAnswerAt: 15 });
  });

  test("tells apart the gaps of different times", () => {
    answer([1, 5], [3, 15], [4, 20], [9, 45]);
    expect(pings.gapsSince(millis(15)).map(({ lost }) => lost)).toEqual([4]);
  });

  test("knows for each moment whether the client was served", () => {
    expect(pings.between(millis(0), millis(5))).toBe("nothing");
    answer([1, 5], [2, 10], [12, 60]);
    expect(pings.between(millis(5), millis(10))).toBe("answers");
    expect(pings.between(millis(5), millis(15))).toBe("silence");
    expect(pings.between(millis(60), millis(75))).toBe("answers");
    expect(pings.between(millis(60), millis(90))).toBe("silence");
  });
});

function answer(...answers: readonly (readonly [sequence: number, at: number])[]): void {
  for (const [sequence, at] of answers) pings.answer(sequence, millis(at));
}
