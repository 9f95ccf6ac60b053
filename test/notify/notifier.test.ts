import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { millis } from "../../src/base/units.ts";
import type { NotifiedEvent } from "../../src/notify/notification.ts";
import { DELIVERED } from "../../src/notify/outcome.ts";
import { addressFailed, heapUsedMb } from "./heap.ts";
import { FAULT, httpChannel, occurrence, SERVING, STARTED, STOOD_BY, TOOK_OVER } from "./samples.ts";
import { World } from "./world.ts";

const FAILED = { kind: "failed", why: "no answer" } as const;
const putBack = (n: number): NotifiedEvent => ({
  kind: "address-put-back",
  address: `10.0.1.${n}/32`,
  interfaceName: "eth0",
});

let world: World;

beforeEach(() => {
  world = new World();
});

afterEach(() => world.close());

const tell = (event: NotifiedEvent, instance?: string) => world.notifier.accept(occurrence(event, instance));
const numbers = () =>
  world.titles().map((titles) => titles.map((title) => Number(/10\.0\.1\.(\d+)/.exec(title)?.[1])));

describe("the notifier", () => {
  it("tells a takeover and its phases in one message when they come together", async () => {
    world.configure();
    tell(TOOK_OVER);
    tell(SERVING);
    await world.pass(20);
    expect(world.titles()).toEqual([["node-b took over VI_1 (10.0.0.10/32)"]]);
    expect(world.sent[0]?.at).toBeLessThan(10);
    expect(world.sent[0]?.message.notifications).toHaveLength(2);
  });

  it("does not wait for phases that take long", async () => {
    world.configure();
    tell(TOOK_OVER);
    await world.pass(300);
    tell(SERVING);
    await world.pass(300);
    expect(world.titles()).toEqual([
      ["node-b took over VI_1 (10.0.0.10/32)"],
      ["node-b serves VI_1 (10.0.0.10/32)"],
    ]);
  });

  it("keeps the order in a channel whose receiver comes and goes", async () => {
    world.configure();
    let attempt = 0;
    world.answer = () => (++attempt % 3 === 0 ? DELIVERED : FAILED);
    for (let n = 1; n <= 40; n++) {
      tell(putBack(n));
      await world.pass(700);
    }
    world.answer = () => DELIVERED;
    await world.pass(600_000);
    const order = numbers().flat();
    const firstSeen = [...new Set(order)];
    expect(firstSeen).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
  });

  it("lets one channel's trouble delay no other", async () => {
    world.configure([httpChannel({ name: "broken" }), httpChannel({ name: "ops" })]);
    world.answer = (channel) => (channel === "broken" ? new Promise(() => {}) : DELIVERED);
    tell(FAULT);
    await world.pass(10);
    expect(world.titles("ops")).toHaveLength(1);
    expect(world.titles("broken")).toHaveLength(0);
  });

  it("joins what a receiver's limit held back into one message", async () => {
    world.rate = { perMinute: 2, gap: millis(0) };
    world.configure();
    for (let n = 1; n <= 30; n++) {
      tell(putBack(n));
      await world.pass(1_000);
    }
    await world.pass(60_000);
    expect(world.titles().map(({ length }) => length)).toEqual([1, 1, 28]);
  });

  it("says trouble once, and when it is over", async () => {
    world.configure();
    world.answer = () => FAILED;
    tell(FAULT);
    await world.pass(60_000);
    world.answer = () => DELIVERED;
    await world.pass(300_000);
    expect(world.logged.filter((line) => !line.startsWith("debug"))).toEqual([
      "warn ops: not delivered, to be tried again: no answer",
      "info ops: delivers again",
    ]);
  });

  it("tells a channel what it missed", async () => {
    world.configure();
    world.answer = () => ({ kind: "rejected", why: "HTTP 400" });
    tell(putBack(1));
    await world.pass(10);
    world.answer = () => DELIVERED;
    tell(putBack(2));
    await world.pass(10);
    tell(putBack(3));
    await world.pass(10);
    expect(world.sent.map(({ message }) => message.dropped)).toEqual([0, 1, 0]);
    expect(world.logged.join()).toContain("does not take this message, so it is dropped: HTTP 400");
  });

  it("counts for each channel what was delivered, merged, tried again and dropped, and what waits until when", async () => {
    world.rate = { perMinute: 1, gap: millis(0) };
    world.configure([httpChannel()]);
    tell(putBack(1));
    await world.pass(10);
    tell(putBack(2));
    tell(putBack(3));
    await world.pass(10);
    expect(world.notifier.snapshot()).toMatchObject([
      { name: "ops", type: "webhook", queued: 2, delivered: 1, blockedForMs: 60_000 - 20, trouble: null },
    ]);
    await world.pass(60_000);
    expect(world.notifier.snapshot()).toMatchObject([
      { queued: 0, delivered: 3, merged: 1, retried: 0, blockedForMs: null },
    ]);

    world.answer = () => FAILED;
    tell(putBack(4));
    await world.pass(60_000);
    const [waiting] = world.notifier.snapshot();
    expect(waiting).toMatchObject({ queued: 1, trouble: "not delivered, to be tried again: no answer" });
    expect(waiting?.retried).toBeGreaterThan(0);

    world.answer = () => ({ kind: "rejected", why: "HTTP 400" });
    await world.pass(600_000);
    expect(world.notifier.snapshot()).toMatchObject([
      { queued: 0, delivered: 3, dropped: { rejected: 1, "queue-full": 0, "too-old": 0 } },
    ]);
  });

  it("gives a channel what is severe enough for it, and the end of what it was told", async () => {
    world.configure([httpChannel({ name: "all" }), httpChannel({ name: "severe", minSeverity: "critical" })]);
    tell(STARTED);
    tell(putBack(1));
    tell(FAULT);
    tell({ ...STARTED, from: "FAULT", reason: { kind: "fault-over" } });
    await world.pass(10);
    expect(world.titles("all").flat()).toHaveLength(4);
    expect(world.titles("severe").flat()).toEqual([
      "FAULT on node-b: cannot serve VI_1 (10.0.0.10/32)",
      "node-b stands by for VI_1 (10.0.0.10/32)",
    ]);
  });

  it("tells those who heard of a takeover that it is through", async () => {
    world.configure([httpChannel({ minSeverity: "critical" })]);
    tell(SERVING);
    tell(TOOK_OVER);
    await world.pass(300);
    tell(SERVING);
    await world.pass(10);
    expect(world.titles().flat()).toEqual([
      "node-b took over VI_1 (10.0.0.10/32)",
      "node-b serves VI_1 (10.0.0.10/32)",
    ]);
  });

  it("gives a pager troubles and their ends alone", async () => {
    world.configure([httpChannel({ name: "pager", type: "pagerduty" })]);
    for (const event of [STARTED, putBack(1), FAULT, SERVING]) tell(event);
    await world.pass(10);
    const incidents = world.sent.flatMap(({ message }) =>
      message.notifications.map(({ incident }) => incident),
    );
    expect(incidents).toEqual(["close", "open"]);
  });

  it("tells flapping instead of every change", async () => {
    world.configure();
    for (let n = 0; n < 50; n++) {
      if (n === 6) tell({ kind: "flapping", transitions: 7, withinMs: 60_000, heldForMs: null });
      tell(n % 2 === 0 ? TOOK_OVER : STOOD_BY);
      await world.pass(500);
    }
    tell({ kind: "settled", transitions: 50, state: "BACKUP" });
    await world.pass(120_000);
    const titles = world.titles().flat();
    expect(titles.length).toBeLessThanOrEqual(9);
    expect(titles.slice(-2)).toEqual([
      "VI_1 (10.0.0.10/32) is flapping on node-b",
      "VI_1 (10.0.0.10/32) has settled on node-b: BACKUP",
    ]);
  });

  it("stores no secret of a URL that an event mentions", async () => {
    world.configure();
    tell({ kind: "cloud-unknown", why: "GET https://user:pw@api.example/?token=hunter2 failed" });
    await world.pass(10);
    expect(JSON.stringify(world.sent)).not.toMatch(/hunter2|user:pw/);
  });
});

describe("a notification that was not delivered", () => {
  it("is delivered by the next run, after the process was killed", async () => {
    world.configure();
    world.answer = () => new Promise(() => {});
    tell(TOOK_OVER);
    await world.pass(10);
    world.kill();
    world.answer = () => DELIVERED;
    world.configure();
    await world.pass(10);
    expect(world.titles()).toEqual([["node-b took over VI_1 (10.0.0.10/32)"]]);
    world.kill();
    world.configure();
    await world.pass(10);
    expect(world.titles()).toHaveLength(1);
  });

  it("is delivered only where it was not yet", async () => {
    const channels = [httpChannel({ name: "a" }), httpChannel({ name: "b" })];
    world.configure(channels);
    world.answer = (channel) => (channel === "a" ? DELIVERED : FAILED);
    tell(FAULT);
    await world.pass(10);
    world.kill();
    world.answer = () => DELIVERED;
    world.configure(channels);
    await world.pass(10);
    expect(world.titles("a")).toHaveLength(1);
    expect(world.titles("b")).toHaveLength(2);
  });

  it("keeps its place before what happened later", async () => {
    world.configure();
    world.answer = () => FAILED;
    for (let n = 1; n <= 5; n++) tell(putBack(n));
    await world.pass(10);
    world.kill();
    world.answer = () => DELIVERED;
    world.configure();
    tell(putBack(6));
    await world.pass(10_000);
    const delivered = numbers().slice(-2).flat();
    expect(delivered).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("goes with its channel, which is said", async () => {
    world.configure();
    world.answer = () => FAILED;
    tell(FAULT);
    await world.pass(10);
    world.configure([httpChannel({ name: "other" })]);
    await world.pass(10);
    expect(world.logged.join()).toContain("dropped 1 notifications for ops, which is no longer configured");
    expect(world.titles("other")).toEqual([]);
  });

  it("goes out anew when the channel is repaired and the configuration reloaded", async () => {
    world.configure([httpChannel({ secret: "old" })]);
    world.answer = () => ({ kind: "refused", why: "bad sign", hint: "see the secret" });
    tell(FAULT);
    await world.pass(10);
    world.answer = () => DELIVERED;
    world.configure([httpChannel({ secret: "new" })]);
    await world.pass(10);
    expect(world.titles()).toHaveLength(2);
  });
});

describe("ten thousand notifications", () => {
  it("that nobody takes stay under 20 MB", async () => {
    world.configure([httpChannel({ name: "a" }), httpChannel({ name: "b" }), httpChannel({ name: "c" })]);
    world.answer = () => new Promise(() => {});
    const before = heapUsedMb();
    for (let n = 0; n < 10_100; n++) tell(addressFailed(n));
    await world.pass(10);
    expect(heapUsedMb() - before).toBeLessThan(20);
    expect(world.logged.join()).toContain("dropped 1 of the oldest notifications: the queue is full");
  });
});
