/** MASTER with a claim behind it: looks whether the cloud agrees, and repairs when it does not. */
import { after, type Millis, millis } from "../base/units.ts";
import type { TakeoverAction } from "./actions.ts";
import { backoff, spread } from "./backoff.ts";
import type { AnswerEvent, Reading } from "./events.ts";
import { enterClaiming, enterOnHold, look, type TakeoverStep } from "./modes.ts";
import { CONTEST_WINDOW, CONTESTED_CLAIMS_MAX, SECOND_LOOK } from "./settings.ts";
import type { Holding, Takeover } from "./state.ts";

export function whileHolding(
  takeover: Takeover,
  mode: Holding,
  event: AnswerEvent,
  now: Millis,
): TakeoverStep {
  switch (event.kind) {
    case "tick":
      return mode.call !== undefined || now < mode.at ? [takeover, []] : look(takeover, mode);
    case "doubt":
      return doubted(takeover, mode, event.cause);
    case "ownership-read":
      return read(takeover, { ...mode, call: undefined }, event.reading, now);
    case "call-failed":
      return unknown(takeover, { ...mode, call: undefined }, event.failure, now);
    case "claimed":
    case "rehearsed":
      return [takeover, []];
  }
}

/** A look that is under way may have been answered before the cause: it is not waited for. */
function doubted(
  takeover: Takeover,
  mode: Holding,
  cause: Extract<AnswerEvent, { kind: "doubt" }>["cause"],
): TakeoverStep {
  const abort: readonly TakeoverAction[] =
    mode.call === undefined ? [] : [{ kind: "abort", call: mode.call }];
  const [next, actions] = look(takeover, mode);
  return [next, [{ kind: "cloud-doubted", cause }, ...abort, ...actions]];
}

function read(takeover: Takeover, mode: Holding, reading: Reading, now: Millis): TakeoverStep {
  switch (reading.kind) {
    case "mine":
      return mine(takeover, mode, now);
    case "unknown":
      return unknown(takeover, mode, { retry: "soon", message: reading.why }, now);
    case "nobody":
      return contrary(takeover, mode, { holder: "nobody", outranksMe: false, contested: false }, now);
    case "other": {
      const { holder, outranksMe, stopped } = reading;
      return contrary(
        takeover,
        mode,
        { holder, outranksMe: outranksMe && !stopped, contested: !stopped },
        now,
      );
    }
  }
}

function mine(takeover: Takeover, mode: Holding, now: Millis): TakeoverStep {
  const [wait, chance] = spread(takeover.settings.verifyInterval, takeover.chance);
  const next: Holding = { ...mode, at: after(now, wait), verified: true, contrary: undefined, failures: 0 };
  const note: readonly TakeoverAction[] = mode.verified
    ? []
    : [{ kind: "cloud-verified", took: millis(now - mode.since) }];
  return [{ ...takeover, chance, mode: next }, note];
}

/** No change of anything but the time of the next look; said once, not at every look of an outage. */
function unknown(
  takeover: Takeover,
  mode: Holding,
  failure: {
    readonly retry: "soon" | "slowly";
    readonly message: string;
    readonly retryAfter?: Millis | undefined;
  },
  now: Millis,
): TakeoverStep {
  const failures = mode.failures + 1;
  const [wait, chance] = backoff(failures, failure.retry, takeover.chance);
  const at = after(now, millis(Math.max(wait, failure.retryAfter ?? 0)));
  const note: readonly TakeoverAction[] =
    failures === 1 ? [{ kind: "cloud-unknown", why: failure.message }] : [];
  return [{ ...takeover, chance, mode: { ...mode, at, failures } }, note];
}

interface Contrary {
  readonly holder: string;
  readonly outranksMe: boolean;
  /** Somebody alive has it; claiming again is a contest, and contests are counted. */
  readonly contested: boolean;
}

/** Not mine. One look may be old; the second in a row that shows the same, outside the consistency window, counts. */
function contrary(takeover: Takeover, mode: Holding, seen: Contrary, now: Millis): TakeoverStep {
  const { consistencyWindow } = takeover.settings;
  const maybeOld = mode.claimedAt !== undefined && now - mode.claimedAt < consistencyWindow;
  if (maybeOld) return again(takeover, { ...mode, contrary: undefined }, now);
  if (mode.contrary?.holder !== seen.holder)
    return again(takeover, { ...mode, contrary: { holder: seen.holder } }, now);
  if (seen.outranksMe) return enterOnHold(takeover, seen.holder, now);
  return seen.contested
    ? contest(takeover, mode, seen.holder, now)
    : repair(takeover, undefined, mode.contests, now);
}

function again(takeover: Takeover, mode: Holding, now: Millis): TakeoverStep {
  return [{ ...takeover, mode: { ...mode, at: after(now, SECOND_LOOK), failures: 0 } }, []];
}

/** I outrank the holder, or it is none of us: take it back, but not for ever. */
function contest(takeover: Takeover, mode: Holding, holder: string, now: Millis): TakeoverStep {
  const recent = mode.contests.filter((at) => now - at < CONTEST_WINDOW);
  if (recent.length < CONTESTED_CLAIMS_MAX) return repair(takeover, holder, [...recent, now], now);
  const [wait, chance] = spread(takeover.settings.verifyInterval, takeover.chance);
  const next = { ...takeover, chance, mode: { ...mode, at: after(now, wait), contests: recent } };
  return [next, [{ kind: "cloud-contested", holder }]];
}

function repair(
  takeover: Takeover,
  holder: string | undefined,
  contests: readonly Millis[],
  now: Millis,
): TakeoverStep {
  const [next, actions] = enterClaiming(takeover, contests, now);
  return [next, [{ kind: "cloud-repair", holder }, ...actions]];
}
