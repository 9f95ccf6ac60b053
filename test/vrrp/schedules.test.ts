import { describe, expect, it } from "vitest";
import { type Millis, millis } from "../../src/base/units.ts";
import type { Action } from "../../src/vrrp/actions.ts";
import type { RouterEvent } from "../../src/vrrp/events.ts";
import type { RouterSettings } from "../../src/vrrp/settings.ts";
import type { VirtualRouter } from "../../src/vrrp/state.ts";
import { createRouter, nextDeadline, step } from "../../src/vrrp/virtual-router.ts";
import { advert, HIGHER, LOCAL, LOWER, settingsWith } from "./fixtures.ts";

/** One router alone with a clock: it is ticked at every deadline, on time, and its actions are kept with their times. */
class Lone {
  #router: VirtualRouter;
  readonly log: { readonly at: number; readonly action: Action }[] = [];

  constructor(settings: RouterSettings) {
    this.#router = createRouter(settings, LOCAL);
    this.happens(0, { kind: "started" });
  }

  get state(): string {
    return this.#router.state.kind;
  }

  happens(at: number, event: RouterEvent): this {
    const [next, actions] = step(this.#router, event, millis(at));
    this.#router = next;
    this.log.push(...actions.map((action) => ({ at, action })));
    return this;
  }

  /** Ticks at every deadline up to `end`, that included. */
  runsTo(end: number): this {
    for (let due = this.#due(end); due !== undefined; due = this.#due(end))
      this.happens(due, { kind: "tick" });
    return this;
  }

  /** Hears `event` every `interval` from `start` up to `end`. */
  hears(
    event: RouterEvent,
    { start, end, interval }: { start: number; end: number; interval: number },
  ): this {
    for (let at = start; at <= end; at += interval) this.runsTo(at).happens(at, event);
    return this;
  }

  timesOf(kind: Action["kind"]): number[] {
    return this.log.filter(({ action }) => action.kind === kind).map(({ at }) => at);
  }

  bursts(): [number, string][] {
    return this.log.flatMap(({ at, action }) =>
      action.kind === "announce" ? [[at, action.burst] as [number, string]] : [],
    );
  }

  takeovers(): number[] {
    return this.log
      .filter(({ action }) => action.kind === "transition" && action.to === "MASTER")
      .map(({ at }) => at);
  }

  #due(end: number): Millis | undefined {
    const deadline = nextDeadline(this.#router);
    return deadline !== undefined && deadline <= end ? deadline : undefined;
  }
}

/** MASTER from 0 on, so that times in a test are times since then. */
function owner(
  announcements: { masterDelay?: number; masterRefresh?: number; lowerPrioDelay?: number },
  advertInterval = 1000,
) {
  return new Lone(settingsWith({ priority: 255, advertInterval, announcements }));
}

describe("a MASTER on time", () => {
  it("advertises in a steady beat, whatever else is due in between", () => {
    const lone = owner({ masterDelay: 370, masterRefresh: 130 }, 100).runsTo(1000);
    expect(lone.timesOf("send-advert")).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]);
  });

  it("is not silenced by adverts that it hears", () => {
    const lone = owner({}).hears(advert(100), { start: 700, end: 9700, interval: 300 });
    const beats = lone.timesOf("send-advert").filter((at) => at % 1000 === 0);
    expect(beats).toEqual([0, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000]);
  });

  it("announces on taking over and once again after garp_master_delay", () => {
    expect(owner({ masterDelay: 5000 }).runsTo(60_000).bursts()).toEqual([
      [0, "master"],
      [5000, "master-repeat"],
    ]);
  });

  it("refreshes for the first time after the delay and the refresh together", () => {
    expect(owner({ masterDelay: 5000, masterRefresh: 10_000 }).runsTo(36_000).bursts()).toEqual([
      [0, "master"],
      [5000, "master-repeat"],
      [15_000, "refresh"],
      [25_000, "refresh"],
      [35_000, "refresh"],
    ]);
  });

  it("announces once only without garp_master_delay and refresh", () => {
    expect(owner({ masterDelay: 0, masterRefresh: 0 }).runsTo(60_000).bursts()).toEqual([[0, "master"]]);
  });

  it("refreshes as often after three elections as after one", () => {
    const settings = settingsWith({ announcements: { masterDelay: 5000, masterRefresh: 10_000 } });
    const lone = new Lone(settings);
    for (const at of [10_000, 20_000, 30_000]) lone.runsTo(at).happens(at, advert(200, HIGHER));
    const [, , , last = 0] = lone.runsTo(60_000).takeovers();
    expect(last).toBeCloseTo(33_609.375);
    expect(lone.bursts().filter(([at]) => at > last)).toEqual([
      [last + 5000, "master-repeat"],
      [last + 15_000, "refresh"],
      [last + 25_000, "refresh"],
    ]);
  });

  it("announces nothing any more once it has yielded", () => {
    const lone = owner({ masterDelay: 5000, masterRefresh: 1000 });
    lone.happens(100, { kind: "fault-raised", fault: "interface-down" }).runsTo(60_000);
    expect(lone.bursts()).toEqual([[0, "master"]]);
  });
});

describe("a MASTER that hears a lower priority", () => {
  it("answers at once and announces twice", () => {
    const lone = owner({ masterDelay: 0, lowerPrioDelay: 5000 }).happens(400, advert(100)).runsTo(10_000);
    expect(lone.timesOf("send-advert").slice(0, 3)).toEqual([0, 400, 1000]);
    expect(lone.bursts()).toEqual([
      [0, "master"],
      [400, "lower-priority"],
      [5400, "lower-priority-repeat"],
    ]);
  });

  it("answers a flood twice an interval and not more", () => {
    const lone = owner({ masterDelay: 0 }).hears(advert(100), { start: 1, end: 10_000, interval: 1 });
    const beats = 11;
    const answers = 20;
    expect(lone.timesOf("send-advert")).toHaveLength(beats + answers);
    expect(lone.timesOf("lower-priority-heard")).toHaveLength(answers);
  });

  it("answers an honest rival every time", () => {
    const lone = owner({ masterDelay: 0 }).hears(advert(100), { start: 400, end: 9400, interval: 1000 });
    expect(lone.timesOf("lower-priority-heard")).toHaveLength(10);
  });
});

describe("a BACKUP that preempts", () => {
  const lower = advert(50, LOWER);

  it("takes over one whole wait after it joined, however often it hears the lower MASTER", () => {
    const lone = new Lone(settingsWith()).hears(lower, { start: 100, end: 4000, interval: 1000 });
    expect(lone.runsTo(4000).takeovers()).toEqual([3609.375]);
  });

  it("waits preempt_delay of 3 s and then one whole wait: 6.41 s at priority 150", () => {
    const settings = settingsWith({ priority: 150, preemptDelay: 3000 });
    // The MASTER's adverts come at 1, 2, 3, … s; the one at 4 s is the first after the delay.
    const lone = new Lone(settings).hears(lower, { start: 1000, end: 7000, interval: 1000 });
    expect(lone.takeovers()).toEqual([3000 + 3414.0625]);
  });

  it("takes over from a lower MASTER that dies during preempt_delay without waiting for its end", () => {
    const lone = new Lone(settingsWith({ preemptDelay: 60_000 }));
    lone.hears(lower, { start: 1000, end: 20_000, interval: 1000 }).runsTo(30_000);
    expect(lone.takeovers()).toEqual([23_609.375]);
  });

  it("counts preempt_delay anew after it has heard its own priority", () => {
    const lone = new Lone(settingsWith({ preemptDelay: 5000 }));
    lone.hears(lower, { start: 1000, end: 4000, interval: 1000 }).happens(4500, advert(100, HIGHER));
    lone.hears(lower, { start: 5000, end: 20_000, interval: 1000 });
    // From 5 s on it tolerates until 10 s; the advert at 9 s is the last that it accepts.
    expect(lone.takeovers()).toEqual([9000 + 3609.375]);
  });

  it("never takes over with nopreempt while the lower MASTER lives", () => {
    const lone = new Lone(settingsWith({ preempt: false }));
    lone.hears(lower, { start: 1000, end: 100_000, interval: 1000 });
    expect(lone.state).toBe("BACKUP");
  });
});

describe("a BACKUP", () => {
  it("is kept waiting by one spoofed advert of 40 s no longer than its cap allows", () => {
    const lone = new Lone(settingsWith({ maxLearnedInterval: 3000 }));
    lone.happens(100, advert(200, HIGHER, 40_950)).runsTo(60_000);
    expect(lone.takeovers()).toEqual([100 + 3 * 3000 + (156 / 256) * 3000]);
  });

  it("that follows a faster MASTER misses it as fast: 0.2 s adverts, own interval 1 s", () => {
    const lone = new Lone(settingsWith());
    lone.hears(advert(200, HIGHER, 200), { start: 200, end: 2000, interval: 200 }).runsTo(10_000);
    // keepalived measured 0.723 s after the last advert.
    expect(lone.takeovers()).toEqual([2000 + 721.875]);
    expect(lone.timesOf("send-advert").slice(0, 3)).toEqual([2721.875, 3721.875, 4721.875]);
  });
});

describe("a BACKUP with one peer and no skew", () => {
  const alone = settingsWith({ skew: "none" });

  it("gives a silent MASTER up after exactly three intervals", () => {
    const backup = new Lone(alone).happens(500, advert(200)).runsTo(10_000);
    expect(backup.takeovers()).toEqual([3_500]);
  });

  it("takes over at once from a MASTER that says goodbye", () => {
    const backup = new Lone(alone).happens(500, advert(200)).happens(900, advert(0));
    expect(backup.runsTo(900).takeovers()).toEqual([900]);
  });

  it("waits with skew as long as it has heard nobody: both nodes may have started together", () => {
    expect(new Lone(alone).runsTo(10_000).takeovers()).toEqual([3_609.375]);
  });
});
