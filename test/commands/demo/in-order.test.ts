import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { millis } from "../../../src/base/units.ts";
import { HEARD_WITHIN, InOrder } from "../../../src/commands/demo/in-order.ts";

let told: number[];
let facts: InOrder;

beforeEach(() => {
  vi.useFakeTimers();
  told = [];
  facts = new InOrder({ now: () => performance.now(), tell: ({ at }) => told.push(at) });
});
afterEach(() => {
  facts.close();
  vi.useRealTimers();
});

test("facts are told in the order in which they happened, not in that of their arrival", () => {
  const start = performance.now();
  for (const at of [3, 1, 2]) add(start + at);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(HEARD_WITHIN + 50);
  expect(told).toEqual([start + 1, start + 2, start + 3]);
});

test("a fact waits until what happened before it can have arrived", () => {
  const start = performance.now();
  add(start);
  vi.advanceTimersByTime(HEARD_WITHIN - 30);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(60);
  expect(told).toEqual([start]);
});

test("after the end nothing is told", () => {
  add(performance.now());
  facts.close();
  vi.advanceTimersByTime(1000);
  expect(told).toEqual([]);
});

function add(at: number): void {
  facts.add({ kind: "answered", sequence: 1, at: millis(at) });
}
