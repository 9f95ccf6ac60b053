import fc from "fast-check";
import { describe, it } from "vitest";
import { millis } from "../../src/base/units.ts";
import type { RouterEvent } from "../../src/vrrp/events.ts";
import type { RouterSettings } from "../../src/vrrp/settings.ts";
import { createRouter, nextDeadline, step } from "../../src/vrrp/virtual-router.ts";
import { HIGHER, LOCAL, LOWER, settingsWith, wokeLate, yieldAsked } from "./fixtures.ts";
import { expectInvariants } from "./step-invariants.ts";

const priority = fc.oneof(fc.integer({ min: 1, max: 255 }), fc.constantFrom(1, 100, 254, 255));

const settings: fc.Arbitrary<RouterSettings> = fc
  .record({
    version: fc.constantFrom(2 as const, 3 as const),
    priority,
    advertInterval: fc.constantFrom(10, 100, 1000, 3000),
    preempt: fc.boolean(),
    skew: fc.constantFrom("rfc" as const, "none" as const),
    preemptDelay: fc.constantFrom(0, 500, 3000),
    downTimerAdverts: fc.integer({ min: 1, max: 5 }),
    maxLearnedInterval: fc.constantFrom(3000, 10_000),
    lowerPrioNoAdvert: fc.boolean(),
    higherPrioSendAdvert: fc.boolean(),
    startupDelay: fc.constantFrom(0, 2000),
    group: fc.constantFrom({}, {}, { synced: "first" as const }, { synced: "other" as const }),
    announcements: fc.record({
      masterDelay: fc.constantFrom(0, 700, 5000),
      masterRefresh: fc.constantFrom(0, 300, 60_000),
      lowerPrioDelay: fc.constantFrom(0, 700, 5000),
    }),
  })
  .map(({ group, ...rest }) => settingsWith({ ...rest, ...group }));

const fault = fc.constantFrom(
  "interface-missing",
  "interface-down",
  "source-address-missing",
  "sibling:V2",
  "maintenance",
);

/** Everything that can happen, at any time and in any order; ticks and adverts most of all. */
const happening = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ kind: "tick" }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("advert-received"),
      from: fc.constantFrom(LOWER, HIGHER),
      priority: fc.oneof(fc.nat(255), fc.constantFrom(0, 99, 100, 101, 254, 255)),
      advertInterval: fc.constantFrom(10, 1000, 3000, 40_950),
    }),
  },
  { weight: 2, arbitrary: fc.constantFrom({ kind: "started" }, { kind: "stopped" }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<RouterEvent>(
      yieldAsked,
      { kind: "hold-ended" },
      { kind: "group-agreed" },
      { kind: "group-left", member: "V2" },
      wokeLate(500),
      wokeLate(10_000),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("handover-asked"),
      to: fc.constantFrom("INIT", "BACKUP", "FAULT"),
      patience: fc.constantFrom(0, 800, 5000),
      linger: fc.constantFrom(0, 50, undefined),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "successor-serves" }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("fault-raised"), fault }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("fault-cleared"), fault }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("priority-changed"),
      priority: fc.integer({ min: -50, max: 300 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("local-address-changed"),
      address: fc.constantFrom(LOWER, LOCAL),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("reconfigured"), settings }) },
) as fc.Arbitrary<RouterEvent>;

/** Waits that often end exactly at the deadline, where the mistakes are. */
const wait = fc.oneof(
  fc.constant("to the deadline" as const),
  fc.double({ min: 0, max: 5000, noNaN: true }),
  fc.constantFrom(0, 10, 1000),
);

describe("no sequence of events", () => {
  it("breaks an invariant of the state machine", () => {
    const script = fc.array(fc.tuple(wait, happening), { maxLength: 60 });
    fc.assert(
      fc.property(settings, script, (initial, events) => {
        let router = createRouter(initial, LOCAL);
        let now = 0;
        for (const [pause, happened] of events) {
          now = pause === "to the deadline" ? Math.max(now, nextDeadline(router) ?? now) : now + pause;
          const at = millis(now);
          const event = sameRouter(happened, initial);
          const before = deepFreeze(router);
          const [next, actions] = step(before, event, at);
          expectInvariants({ at, node: "it", before, event, next, actions });
          router = next;
        }
      }),
      { numRuns: 400 },
    );
  });
});

/** A reload keeps the version: with another one it is another router. */
function sameRouter(event: RouterEvent, { version }: RouterSettings): RouterEvent {
  return event.kind === "reconfigured" ? { ...event, settings: { ...event.settings, version } } : event;
}

/** So that a step that changed its input would throw. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
