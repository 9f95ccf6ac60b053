import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DeadlineQueue } from "../../src/agent/deadline-queue.ts";
import { type Millis, millis } from "../../src/base/units.ts";

interface Item {
  readonly name: string;
  at: Millis | undefined;
  deadline(): Millis | undefined;
}

function item(name: string, at: number | undefined): Item {
  return {
    name,
    at: at === undefined ? undefined : millis(at),
    deadline() {
      return this.at;
    },
  };
}

describe("the deadline queue", () => {
  it("hands out what is due, earliest first, and keeps the rest", () => {
    const queue = new DeadlineQueue<Item>();
    for (const one of [item("c", 30), item("a", 10), item("b", 20), item("d", 40)]) queue.schedule(one);
    expect(queue.next()).toBe(10);
    expect(queue.takeDue(millis(30)).map(({ name }) => name)).toEqual(["a", "b", "c"]);
    expect(queue.next()).toBe(40);
  });

  it("does not hand out an item whose deadline moved back, and asks again at its new one", () => {
    const queue = new DeadlineQueue<Item>();
    const backup = item("backup", 10);
    queue.schedule(backup);
    backup.at = millis(100);
    queue.schedule(backup);
    expect(queue.takeDue(millis(50))).toEqual([]);
    expect(queue.next()).toBe(100);
    expect(queue.takeDue(millis(100))).toEqual([backup]);
  });

  it("hands out an item once when its deadline moved forward", () => {
    const queue = new DeadlineQueue<Item>();
    const one = item("one", 100);
    queue.schedule(one);
    one.at = millis(10);
    queue.schedule(one);
    expect(queue.takeDue(millis(200))).toEqual([one]);
    expect(queue.takeDue(millis(300))).toEqual([]);
  });

  it("forgets an item that has no deadline any more", () => {
    const queue = new DeadlineQueue<Item>();
    const stopped = item("stopped", 10);
    queue.schedule(stopped);
    stopped.at = undefined;
    expect(queue.takeDue(millis(50))).toEqual([]);
    expect(queue.next()).toBeUndefined();
  });

  it("never misses a deadline and never hands out early, whatever moves", () => {
    const moves = fc.array(
      fc.record({ index: fc.nat(5), at: fc.option(fc.nat(1000), { nil: undefined }), now: fc.nat(1000) }),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(moves, (steps) => {
        const items = Array.from({ length: 6 }, (_, index) => item(`${index}`, undefined));
        const queue = new DeadlineQueue<Item>();
        for (const { index, at, now } of steps) {
          const moved = items[index]!;
          moved.at = at === undefined ? undefined : millis(at);
          queue.schedule(moved);
          const expected = items.filter((one) => one.at !== undefined && one.at <= now);
          const due = queue.takeDue(millis(now));
          expect(new Set(due)).toEqual(new Set(expected));
          for (const one of due) one.at = undefined;
        }
      }),
    );
  });
});
