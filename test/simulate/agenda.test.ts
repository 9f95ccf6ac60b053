import { expect, test } from "vitest";
import { millis } from "../../src/base/units.ts";
import { Agenda } from "../../src/simulate/agenda.ts";
import { Random } from "../../src/simulate/random.ts";

test("an agenda gives by time, and what has the same time in the order of its entry", () => {
  const agenda = new Agenda();
  const done: string[] = [];
  for (const [at, name] of [
    [20, "late"],
    [10, "first"],
    [10, "second"],
    [5, "early"],
    [30, "not yet"],
  ] as const) {
    agenda.enter(millis(at), () => done.push(name));
  }
  for (let entry = agenda.takeDue(millis(20)); entry; entry = agenda.takeDue(millis(20))) entry.happen();
  expect(done).toEqual(["early", "first", "second", "late"]);
});

test("chance stays within its bounds and is spread over them", () => {
  const random = new Random(7);
  const numbers = Array.from({ length: 1000 }, () => random.between(2, 4));
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(2);
  expect(Math.max(...numbers)).toBeLessThan(4);
  expect(numbers.reduce((sum, number) => sum + number, 0) / 1000).toBeCloseTo(3, 1);
});
