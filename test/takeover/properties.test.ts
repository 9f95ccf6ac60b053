import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { millis } from "../../src/base/units.ts";
import type { TakeoverAction } from "../../src/takeover/actions.ts";
import { chance, nextAttempt, spread } from "../../src/takeover/backoff.ts";
import type { CallFailure, TakeoverEvent } from "../../src/takeover/events.ts";
import type { CallId, Takeover } from "../../src/takeover/state.ts";
import { createTakeover, nextTakeoverDeadline, stepTakeover } from "../../src/takeover/takeover.ts";
import { heardPeer, SETTINGS, silentPeer, stoppedPeer, stranger } from "./fixtures.ts";

/** How long a node listens after a pause before it claims. */
const LISTEN_MAX_MS = 4_000;

const failure: fc.Arbitrary<CallFailure> = fc.record({
  retry: fc.constantFrom("soon" as const, "slowly" as const),
  message: fc.constant("HTTP 500"),
  retryAfter: fc.option(fc.integer({ min: 0, max: 4_000_000 }).map(millis), { nil: undefined }),
});

const reading = fc.constantFrom(
  ...[{ kind: "mine" } as const, { kind: "nobody" } as const, { kind: "unknown", why: "lag" } as const],
  ...[silentPeer, heardPeer, stoppedPeer, stranger],
);

type Drawn = (takeover: Takeover, now: number) => TakeoverEvent;

const ANSWERS = {
  ...{ standby: "rehearsed", claiming: "claimed", holding: "ownership-read", "on-hold": "ownership-read" },
} as const;

/** To the call under way, or, too late, to one that came before it. */
const answer: fc.Arbitrary<Drawn> = fc
  .record({
    back: fc.constantFrom(0, 0, 0, 1, 2),
    reading,
    failure,
    ready: fc.boolean(),
    works: fc.boolean(),
  })
  .map(
    ({ back, ready, works, ...more }): Drawn =>
      ({ lastCall, mode }) => {
        const kind = works ? ANSWERS[mode.kind] : "call-failed";
        const obstacles = ready ? [] : ["no role"];
        return { kind, call: (lastCall - back) as CallId, obstacles, ...more } as TakeoverEvent;
      },
  );

/** Whatever can happen, answers that come too late included. */
const happening: fc.Arbitrary<Drawn> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Drawn>(() => ({ kind: "tick" })) },
  { weight: 12, arbitrary: answer },
  { weight: 2, arbitrary: fc.constant<Drawn>(() => ({ kind: "mastership-gained" })) },
  { weight: 1, arbitrary: fc.constant<Drawn>(() => ({ kind: "mastership-lost" })) },
  { weight: 1, arbitrary: fc.constant<Drawn>(() => ({ kind: "hold-ended" })) },
  { weight: 1, arbitrary: fc.constant<Drawn>(() => ({ kind: "calls-lost" })) },
  {
    weight: 2,
    arbitrary: fc.constantFrom("lower-priority-heard" as const, "reloaded" as const).map(
      (cause): Drawn =>
        () => ({ kind: "doubt", cause }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 0, max: LISTEN_MAX_MS }).map(
      (wait): Drawn =>
        (_, now) => ({ kind: "woke-late", listenUntil: millis(now + wait) }),
    ),
  },
);

const script = fc.array(
  fc.record({ wait: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 20_000 })), happening }),
  { maxLength: 120 },
);

const settings = fc.record({
  kind: fc.constantFrom("move" as const, "claim" as const),
  verifyInterval: fc.constantFrom(1_000, 10_000, 60_000).map(millis),
  consistencyWindow: fc.constantFrom(0, 5_000).map(millis),
  rehearseInterval: fc.constantFrom(5_000, 300_000).map(millis),
});

interface Stepped {
  readonly before: Takeover;
  readonly event: TakeoverEvent;
  readonly next: Takeover;
  readonly actions: readonly TakeoverAction[];
  readonly now: number;
}

/** Plays scripts with the deadlines that fall between their lines, and shows every step to `check`. */
function holdsAlways(check: () => (stepped: Stepped) => void): void {
  fc.assert(
    fc.property(settings, script, fc.nat(), (chosen, lines, seed) => {
      const checkStep = check();
      let now = 0;
      let takeover = createTakeover(chosen, seed, millis(0));
      const play = (event: TakeoverEvent) => {
        const before = takeover;
        const [next, actions] = stepTakeover(before, event, millis(now));
        takeover = next;
        checkStep({ before, event, next, actions, now });
      };
      for (const { wait, happening: drawn } of lines) {
        now += wait;
        if ((nextTakeoverDeadline(takeover) ?? Infinity) <= now) play({ kind: "tick" });
        play(drawn(takeover, now));
      }
    }),
    { numRuns: 1_000 },
  );
}

function answersCallOf(takeover: Takeover, event: TakeoverEvent): boolean {
  return event.kind === "calls-lost" || ("call" in event && event.call === takeover.mode.call);
}

describe("whatever happens", () => {
  it("at most one call is under way, each with an id of its own, and an abort is for that one", () => {
    holdsAlways(() => {
      let underWay: number | undefined;
      let last = 0;
      return ({ before, event, next, actions }) => {
        if (answersCallOf(before, event)) underWay = undefined;
        for (const action of actions) {
          if (action.kind === "abort") {
            expect(action.call).toBe(underWay);
            underWay = undefined;
          }
          if (action.kind !== "call") continue;
          expect(underWay).toBeUndefined();
          expect(action.call).toBeGreaterThan(last);
          underWay = last = action.call;
        }
        expect(next.mode.call).toBe(underWay);
      };
    });
  });

  it("invariant 3: a claim begins as MASTER only", () => {
    holdsAlways(() => {
      let isMaster = false;
      return ({ event, actions }) => {
        if (event.kind === "mastership-gained") isMaster = true;
        if (event.kind === "mastership-lost") isMaster = false;
        const claims = actions.some((action) => action.kind === "call" && action.operation === "claim");
        if (claims) expect(isMaster).toBe(true);
        if (actions.some(({ kind }) => kind === "yield")) isMaster = false;
      };
    });
  });

  it("invariant 4: no answer, a refusal and an unknown owner change no mode", () => {
    holdsAlways(() => ({ before, event, next, actions }) => {
      const learnedNothing =
        event.kind === "call-failed" ||
        event.kind === "calls-lost" ||
        (event.kind === "ownership-read" && event.reading.kind === "unknown");
      if (!learnedNothing) return;
      expect(next.mode.kind).toBe(before.mode.kind);
      expect(actions.map(({ kind }) => kind)).not.toContain("yield");
      expect(actions.map(({ kind }) => kind)).not.toContain("end-hold");
    });
  });

  it("invariant 7: after a pause no claim begins before the others were listened to", () => {
    holdsAlways(() => {
      let listenUntil = 0;
      return ({ before, event, actions, now }) => {
        const serves = before.mode.kind === "claiming" || before.mode.kind === "holding";
        if (event.kind === "woke-late" && serves) listenUntil = Math.max(listenUntil, event.listenUntil);
        // A mastership that begins anew was preceded by an election, and that is to listen.
        if (event.kind === "mastership-gained" && !serves) listenUntil = 0;
        const claims = actions.some((action) => action.kind === "call" && action.operation === "claim");
        if (claims) expect(now).toBeGreaterThanOrEqual(listenUntil);
      };
    });
  });

  it("there is a deadline exactly while no call is under way, and it is met with a call", () => {
    holdsAlways(() => ({ next, now }) => {
      const deadline = nextTakeoverDeadline(next);
      expect(deadline === undefined).toBe(next.mode.call !== undefined);
      if (deadline === undefined) return;
      const longest = Math.max(next.settings.rehearseInterval, next.settings.verifyInterval, 15_000);
      // A wait may begin only where the listening after a pause ends.
      expect(deadline - now).toBeLessThanOrEqual(longest + LISTEN_MAX_MS);
      const early = millis(deadline - 0.001);
      expect(stepTakeover(next, { kind: "tick" }, early)).toEqual([next, []]);
      const [, actions] = stepTakeover(next, { kind: "tick" }, deadline);
      expect(actions.map(({ kind }) => kind)).toEqual(["call"]);
    });
  });

  it("two contrary looks in a row lead to a claim or a yield, and one to a claim from a peer that held itself for MASTER", () => {
    holdsAlways(() => {
      let contrary = 0;
      let challenged = false;
      return ({ before, event, actions }) => {
        if (before.mode.kind !== "holding" || event.kind === "woke-late") [contrary, challenged] = [0, false];
        else if (event.kind === "doubt" && event.cause === "lower-priority-heard") challenged = true;
        else if (event.kind === "ownership-read" && answersCallOf(before, event)) {
          const { reading } = event;
          if (reading.kind === "mine") [contrary, challenged] = [0, false];
          else if (reading.kind !== "unknown") contrary += 1;
          const expected = challenged && reading.kind === "other" && reading.peer?.heard === true;
          if (actions.some(({ kind }) => kind === "yield" || (kind === "cloud-repair" && !expected)))
            expect(contrary).toBeGreaterThanOrEqual(2);
        }
      };
    });
  });
});

describe("the wait after a failure", () => {
  const failed = fc.record({ failures: fc.integer({ min: 1, max: 10_000 }), failure, took: fc.nat(60_000) });

  it("is bounded, whatever the cloud asks for", () => {
    fc.assert(
      fc.property(failed, fc.nat(), ({ failures, failure: why, took }, seed) => {
        const now = millis(100_000);
        const [at] = nextAttempt(
          { failures, failure: why, startedAt: millis(now - took), now },
          chance(seed),
        );
        const asked = Math.min(why.retryAfter ?? 0, 15_000);
        const longest = why.retry === "slowly" ? 15_000 : 2_000;
        expect(at - now).toBeLessThanOrEqual(Math.max(asked, longest - took));
        expect(at - now).toBeGreaterThanOrEqual(Math.max(asked, Math.min(100, longest) * 0.8 - took));
      }),
    );
  });

  it("differs between nodes, so that they do not collide again and again", () => {
    const waits = new Set(Array.from({ length: 100 }, (_, seed) => spread(millis(1_000), chance(seed))[0]));
    expect(waits.size).toBe(100);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(800);
    expect(Math.max(...waits)).toBeLessThanOrEqual(1_000);
  });
});

describe("invariant 6", () => {
  const soon: CallFailure = { retry: "soon", message: "no answer" };
  const duration = fc.integer({ min: 1, max: 2_500 });

  it("after an outage of any length a MASTER has claimed within 5 s, if calls take 2.5 s at most", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 600_000 }),
        fc.infiniteStream(duration),
        fc.nat(),
        (outage, takes, seed) => {
          const shell = new OneCallShell(createTakeover(SETTINGS, seed, millis(0)));
          shell.play({ kind: "mastership-gained" }, 0);
          let now = 0;
          while (shell.takeover.mode.kind === "claiming") {
            const { lastCall, mode } = shell.takeover;
            const works = now >= outage;
            if (mode.call === undefined) {
              now = mode.at;
              shell.play({ kind: "tick" }, now);
            } else {
              now += takes.next().value;
              const answered = { call: lastCall, failure: soon };
              shell.play(
                works ? { kind: "claimed", call: lastCall } : { kind: "call-failed", ...answered },
                now,
              );
            }
          }
          expect(now - outage).toBeLessThanOrEqual(5_000);
        },
      ),
    );
  });
});

class OneCallShell {
  takeover: Takeover;

  constructor(takeover: Takeover) {
    this.takeover = takeover;
  }

  play(event: TakeoverEvent, now: number): void {
    [this.takeover] = stepTakeover(this.takeover, event, millis(now));
  }
}
