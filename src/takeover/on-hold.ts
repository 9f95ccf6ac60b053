/**
 * A peer has the address that this node cannot hear: it is alive behind a partition and serves. One owner remains, if this
 * node keeps still. The hold ends when that peer is heard again, or when the cloud shows that it does not serve any more.
 */
import { after, type Millis } from "../base/units.ts";
import { nextAttempt, spread } from "./backoff.ts";
import { isDue, startCall } from "./call.ts";
import { type CallFailure, LOST_CALL, type ModeEvent, type OtherHolder, type Reading } from "./events.ts";
import { enterOnHold, enterStandby, type TakeoverStep } from "./modes.ts";
import { SECOND_LOOK, tenureStart } from "./settings.ts";
import type { OnHold, Takeover } from "./state.ts";

export function whileOnHold(takeover: Takeover, mode: OnHold, event: ModeEvent, now: Millis): TakeoverStep {
  switch (event.kind) {
    case "tick":
      return isDue(mode, now) ? startCall(takeover, mode, "owner", now) : [takeover, []];
    case "ownership-read":
      return read(takeover, mode, event.reading, now);
    case "call-failed":
      return [unknown(takeover, mode, event.failure, now), []];
    case "calls-lost":
      return [mode.call === undefined ? takeover : unknown(takeover, mode, LOST_CALL, now), []];
    case "doubt":
    case "woke-late":
    case "claimed":
    case "rehearsed":
      return [takeover, []];
  }
}

function read(takeover: Takeover, mode: OnHold, reading: Reading, now: Millis): TakeoverStep {
  switch (reading.kind) {
    case "unknown":
      return [unknown(takeover, mode, { retry: "soon", message: reading.why }, now), []];
    case "mine":
    case "nobody":
      return free(takeover, mode, now);
    case "other":
      return reading.stopped ? free(takeover, mode, now) : other(takeover, mode, reading, now);
  }
}

/** One look may be old, or fall between two steps of a claim; the second in a row, outside the consistency window, counts. */
function free(takeover: Takeover, mode: OnHold, now: Millis): TakeoverStep {
  const maybeOld = now - mode.since < takeover.settings.consistencyWindow;
  if (mode.free && !maybeOld) return endHold(takeover, now);
  const next = { ...mode, call: undefined, at: after(now, SECOND_LOOK), failures: 0, free: !maybeOld };
  return [{ ...takeover, mode: next }, []];
}

function other(takeover: Takeover, mode: OnHold, { holder, peer }: OtherHolder, now: Millis): TakeoverStep {
  if (!peer || peer.heard) return elsewhere(takeover, mode, now);
  const next = waiting(takeover, { ...mode, holder, elsewhereSince: undefined }, now);
  return peer.address === mode.peer ? [next, []] : enterOnHold(takeover, { holder, peer: peer.address }, now);
}

/**
 * Somebody on this side took it, or a stranger. The incumbent would take it back; one that did not within its tenure has given
 * it up, or is gone.
 */
function elsewhere(takeover: Takeover, mode: OnHold, now: Millis): TakeoverStep {
  const elsewhereSince = mode.elsewhereSince ?? now;
  if (now - elsewhereSince >= tenureStart(takeover.settings)) return endHold(takeover, now);
  return [waiting(takeover, { ...mode, elsewhereSince }, now), []];
}

/** The next look is an interval away. */
function waiting(takeover: Takeover, mode: OnHold, now: Millis): Takeover {
  const [wait, chance] = spread(takeover.settings.verifyInterval, takeover.chance);
  const next: OnHold = { ...mode, call: undefined, at: after(now, wait), failures: 0, free: false };
  return { ...takeover, chance, mode: next };
}

function unknown(takeover: Takeover, mode: OnHold, failure: CallFailure, now: Millis): Takeover {
  const failures = mode.failures + 1;
  const [at, chance] = nextAttempt({ failures, failure, startedAt: mode.at, now }, takeover.chance);
  return { ...takeover, chance, mode: { ...mode, call: undefined, at, failures } };
}

function endHold(takeover: Takeover, now: Millis): TakeoverStep {
  return [enterStandby(takeover, now), [{ kind: "end-hold" }]];
}
