import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { millis } from "../../../src/base/units.ts";
import { rhythmOf } from "../../../src/doctor/wire/rhythm.ts";

const INTERVAL = millis(100);

function rhythm(arrivals: readonly number[], identifications: readonly number[]) {
  return rhythmOf({ arrivals, identifications }, INTERVAL);
}

describe("the rhythm of adverts", () => {
  test.each([
    { what: "steady", arrivals: [0, 100, 200], ids: [7, 8, 9], lost: 0, late: 0 },
    { what: "one late", arrivals: [0, 130, 230], ids: [7, 8, 9], lost: 0, late: 30 },
    { what: "one early after a late one", arrivals: [0, 130, 200], ids: [7, 8, 9], lost: 0, late: 30 },
    { what: "one lost", arrivals: [0, 200, 300], ids: [7, 9, 10], lost: 1, late: 0 },
    { what: "one lost and the next late", arrivals: [0, 240, 340], ids: [7, 9, 10], lost: 1, late: 40 },
    {
      what: "late by two intervals, and none lost",
      arrivals: [0, 300, 400],
      ids: [7, 8, 9],
      lost: 0,
      late: 200,
    },
    { what: "a sender that counts by two", arrivals: [0, 100, 300], ids: [2, 4, 8], lost: 1, late: 0 },
    { what: "a sender that does not count", arrivals: [0, 100, 300], ids: [0, 0, 0], lost: 1, late: 0 },
    {
      what: "a sender that counts by chance",
      arrivals: [0, 100, 220],
      ids: [9000, 12, 700],
      lost: 0,
      late: 20,
    },
    {
      what: "a counter that begins anew",
      arrivals: [0, 100, 200],
      ids: [0xfffe, 0xffff, 0],
      lost: 0,
      late: 0,
    },
  ])("is told of $what", ({ arrivals, ids, lost, late }) => {
    expect(rhythm(arrivals, ids)).toEqual({ gaps: 2, lost, worstLateMs: late });
  });

  test("is not told of a single advert", () => {
    expect(rhythm([0], [1])).toBeUndefined();
    expect(rhythm([], [])).toBeUndefined();
  });

  test("counts each lost advert of a sender that counts, however late the others come", () => {
    const adverts = fc.array(
      fc.record({ passes: fc.boolean(), late: fc.double({ min: 0, max: 400, noNaN: true }) }),
      {
        minLength: 2,
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(adverts, fc.nat(0xffff), (sent, first) => {
        // The first two pass, so that the sender is seen to count by one.
        const passing = sent.map(({ passes }, index) => passes || index < 2 || index === sent.length - 1);
        const heard = sent.flatMap(({ late }, index) =>
          passing[index] ? [{ arrival: index * INTERVAL + late, id: (first + index) & 0xffff }] : [],
        );
        const ordered = heard.map(({ arrival }, index) =>
          Math.max(arrival, ...heard.slice(0, index).map((e) => e.arrival)),
        );
        const seen = rhythm(
          ordered,
          heard.map(({ id }) => id),
        );
        expect(seen?.lost).toBe(sent.length - heard.length);
      }),
    );
  });
});
