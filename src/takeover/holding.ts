/** MASTER with a claim behind it: looks whether the cloud agrees, and repairs when it does not. */
import { after, type Millis, millis } from "../base/units.ts";
import type { TakeoverAction } from "./actions.ts";
import { nextAttempt, spread } from "./backoff.ts";
import { abortCall, isDue } from "./call.ts";
import { settle } from "./contested.ts";
import { type CallFailure, type Doubt, LOST_CALL, type ModeEvent, type Reading } from "./events.ts";
import { look, type TakeoverStep } from "./modes.ts";
import { SECOND_LOOK, untilNextLook } from "./settings.ts";
import type { Holding, Takeover } from "./state.ts";
import { prolonged } from "./tenure.ts";

export function whileHolding(takeover: Takeover, mode: Holding, event: ModeEvent, now: Millis): TakeoverStep {
  switch (event.kind) {
    case "tick":
      return isDue(mode, now) ? look(takeover, mode, now) : [takeover, []];
    case "doubt":
      return doubted(takeover, challengedBy(mode, event.cause), event.cause, now);
    case "woke-late":
      return wokeLate(takeover, mode, event.listenUntil);
    case "ownership-read":
      return read(takeover, { ...mode, call: undefined }, event.reading, now);
    case "call-failed":
      return unknown(takeover, mode, event.failure, now);
    case "calls-lost":
      return mode.call === undefined ? [takeover, []] : unknown(takeover, mode, LOST_CALL, now);
    case "claimed":
    case "rehearsed":
      return [takeover, []];
  }
}

function challengedBy(mode: Holding, cause: Doubt): Holding {
  return cause === "lower-priority-heard" && !mode.challenged ? { ...mode, challenged: true } : mode;
}

/**
 * Looks at once, but for two things: a peer that is heard again and again must not become a flood of calls, and a cloud that
 * does not answer is asked at its own pace.
 */
function doubted(takeover: Takeover, mode: Holding, cause: Doubt, now: Millis): TakeoverStep {
  if (mode.call !== undefined) return doubtedMeanwhile(takeover, mode, cause);
  const at = after(mode.lookedAt, SECOND_LOOK);
  if (mode.failures > 0 || mode.at <= Math.max(at, now)) return [{ ...takeover, mode }, []];
  const [next, actions] =
    at <= now ? look(takeover, mode, now) : [{ ...takeover, mode: { ...mode, at } }, []];
  return [next, [{ kind: "cloud-doubted", cause }, ...actions]];
}

/** The look under way may have been answered before the cause; another one follows it. */
function doubtedMeanwhile(takeover: Takeover, mode: Holding, cause: Doubt): TakeoverStep {
  if (mode.doubted) return [{ ...takeover, mode }, []];
  return [{ ...takeover, mode: { ...mode, doubted: true } }, [{ kind: "cloud-doubted", cause }]];
}

/** What was known or asked before the pause is too old to act on. */
function wokeLate(takeover: Takeover, mode: Holding, listenUntil: Millis): TakeoverStep {
  const nothing = { contrary: false, doubted: false, challenged: false };
  const next: Holding = { ...mode, call: undefined, at: listenUntil, ...nothing };
  return [{ ...takeover, mode: next }, [{ kind: "cloud-doubted", cause: "woke-late" }, ...abortCall(mode)]];
}

function read(takeover: Takeover, mode: Holding, reading: Reading, now: Millis): TakeoverStep {
  switch (reading.kind) {
    case "mine":
      return mine(takeover, mode, now);
    case "unknown":
      return unknown(takeover, mode, { retry: "soon", message: reading.why }, now);
    case "nobody":
    case "other":
      return contrary(takeover, mode, reading, now);
  }
}

function mine(takeover: Takeover, mode: Holding, now: Millis): TakeoverStep {
  const { settings } = takeover;
  const [wait, chance] = spread(untilNextLook(settings), takeover.chance);
  const next: Holding = {
    ...mode,
    at: mode.doubted ? after(mode.lookedAt, SECOND_LOOK) : after(now, wait),
    ...{ verified: true, contrary: false, doubted: false, challenged: false, failures: 0 },
    tenure: prolonged(mode.tenure, settings, now),
  };
  const note: readonly TakeoverAction[] = mode.verified
    ? []
    : [{ kind: "cloud-verified", took: millis(now - mode.since) }];
  return [{ ...takeover, chance, mode: next }, note];
}

/** No change of anything but the time of the next look; said once, not at every look of an outage. */
function unknown(takeover: Takeover, mode: Holding, failure: CallFailure, now: Millis): TakeoverStep {
  const failures = mode.failures + 1;
  const [at, chance] = nextAttempt({ failures, failure, startedAt: mode.lookedAt, now }, takeover.chance);
  const note: readonly TakeoverAction[] =
    failures === 1 ? [{ kind: "cloud-unknown", why: failure.message }] : [];
  return [{ ...takeover, chance, mode: { ...mode, call: undefined, at, failures, doubted: false } }, note];
}

/** Not mine. One look may be old; outside the consistency window, the second in a row counts, or one that was to be expected. */
function contrary(
  takeover: Takeover,
  mode: Holding,
  reading: Extract<Reading, { kind: "nobody" | "other" }>,
  now: Millis,
): TakeoverStep {
  const { consistencyWindow } = takeover.settings;
  const maybeOld = mode.claimedAt !== undefined && now - mode.claimedAt < consistencyWindow;
  const expected = mode.challenged && reading.kind === "other" && reading.peer?.heard === true;
  if ((mode.contrary || expected) && !maybeOld) return settle(takeover, mode, reading, now);
  const next = { ...mode, at: after(now, SECOND_LOOK), contrary: !maybeOld, doubted: false, failures: 0 };
  return [{ ...takeover, mode: next }, []];
}
