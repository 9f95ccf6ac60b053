import { describe, expect, it } from "vitest";
import { millis } from "../../src/base/units.ts";
import { ChannelQueue, QUEUED_MAX, type Queued } from "../../src/notify/channel-queue.ts";

const DAY = 24 * 3_600_000;
const FAILED = { kind: "failed", why: "no answer" } as const;

function newQueue(settings: { perMinute?: number; gap?: number; batchMax?: number } = {}) {
  const { perMinute = 1_000, gap = 0, batchMax = 50 } = settings;
  return new ChannelQueue({ rate: { perMinute, gap: millis(gap) }, batchMax, random: () => 0 });
}

function item(id: number, now = 0): Queued {
  return { id, json: "{}", notBefore: millis(now), queuedAt: millis(now) };
}

const ids = (items: readonly Queued[]) => items.map(({ id }) => id);

describe("the queue of a channel", () => {
  it("gives out what waits, once, in order", () => {
    const queue = newQueue();
    for (const id of [1, 2, 3]) queue.push(item(id));
    expect(ids(queue.take(millis(0)))).toEqual([1, 2, 3]);
    expect(queue.take(millis(0))).toEqual([]);
    expect(ids(queue.settle({ kind: "delivered" }, millis(1)))).toEqual([1, 2, 3]);
    expect(queue.size).toBe(0);
  });

  it("has one message under way at a time", () => {
    const queue = newQueue();
    queue.push(item(1));
    queue.take(millis(0));
    queue.push(item(2));
    expect(queue.deadline()).toBeUndefined();
    queue.settle({ kind: "delivered" }, millis(9));
    expect(ids(queue.take(millis(9)))).toEqual([2]);
  });

  it("keeps the order when a message fails", () => {
    const queue = newQueue();
    queue.push(item(1));
    queue.take(millis(0));
    queue.push(item(2));
    expect(queue.settle(FAILED, millis(0))).toEqual([]);
    expect(queue.take(millis(499))).toEqual([]);
    expect(ids(queue.take(millis(500)))).toEqual([1, 2]);
  });

  it("waits twice as long after each failure, up to minutes", () => {
    const queue = newQueue();
    queue.push(item(1));
    const waits = Array.from({ length: 12 }, () => {
      const at = queue.deadline() ?? millis(0);
      queue.take(at);
      queue.settle(FAILED, at);
      return (queue.deadline() ?? 0) - at;
    });
    expect(waits.slice(0, 4)).toEqual([500, 1_000, 2_000, 4_000]);
    expect(waits.at(-1)).toBe(150_000);
  });

  it("waits as long as the receiver asked for", () => {
    const queue = newQueue();
    queue.push(item(1));
    queue.take(millis(0));
    queue.settle({ ...FAILED, retryAfter: millis(600_000) }, millis(10));
    expect(queue.deadline()).toBe(600_010);
  });

  it("asks a receiver that refuses now and then", () => {
    const queue = newQueue();
    queue.push(item(1));
    queue.take(millis(0));
    expect(queue.settle({ kind: "refused", why: "", hint: "" }, millis(0))).toEqual([]);
    expect(queue.deadline()).toBe(300_000);
  });

  it("lets go of a message that the receiver will never take", () => {
    const queue = newQueue();
    queue.push(item(1));
    queue.take(millis(0));
    expect(ids(queue.settle({ kind: "rejected", why: "" }, millis(0)))).toEqual([1]);
  });

  it("joins what a limit of the receiver's held back", () => {
    const queue = newQueue({ perMinute: 2 });
    const batches: number[][] = [];
    for (let now = 0; now <= 60_000; now += 1_000) {
      queue.push(item(now, now));
      const batch = queue.take(millis(now));
      if (batch.length === 0) continue;
      batches.push(ids(batch));
      queue.settle({ kind: "delivered" }, millis(now));
    }
    expect(batches.map(({ length }) => length)).toEqual([1, 1, 50]);
  });

  it("never sends more than the limit within any minute", () => {
    const queue = newQueue({ perMinute: 20, gap: 100, batchMax: 1 });
    for (let id = 0; id < 200; id++) queue.push(item(id));
    const sent: number[] = [];
    while (queue.size > 0) {
      const at = queue.deadline() ?? millis(0);
      queue.take(at);
      sent.push(at);
      queue.settle({ kind: "delivered" }, at);
    }
    for (const [index, at] of sent.entries()) {
      expect(sent.filter((other) => other >= at && other < at + 60_000).length).toBeLessThanOrEqual(20);
      if (index > 0) expect(at - (sent[index - 1] ?? 0)).toBeGreaterThanOrEqual(100);
    }
  });

  it("holds a message back until it may go", () => {
    const queue = newQueue();
    queue.push({ ...item(1), notBefore: millis(5) });
    expect(queue.take(millis(4))).toEqual([]);
    queue.push(item(2));
    expect(ids(queue.take(millis(5)))).toEqual([1, 2]);
  });

  it("drops the oldest beyond its limit", () => {
    const queue = newQueue();
    for (let id = 0; id < QUEUED_MAX; id++) expect(queue.push(item(id))).toEqual([]);
    expect(ids(queue.push(item(QUEUED_MAX)))).toEqual([0]);
    expect(queue.size).toBe(QUEUED_MAX);
  });

  it("drops what is a day old", () => {
    const queue = newQueue();
    queue.push(item(1, 0));
    queue.push(item(2, DAY - 1));
    expect(ids(queue.takeExpired(millis(DAY)))).toEqual([1]);
    expect(queue.takeExpired(millis(DAY))).toEqual([]);
  });
});
