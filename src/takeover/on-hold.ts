/**
 * A higher-ranked peer holds the address, and this node cannot hear it: it is alive behind a partition and serves, or it
 * claimed late and becomes MASTER properly, hearing nothing from here. Both ways one owner remains, if this node keeps still.
 */
import { after, type Millis, millis } from "../base/units.ts";
import type { TakeoverAction } from "./actions.ts";
import { backoff } from "./backoff.ts";
import { startCall } from "./call.ts";
import type { AnswerEvent, CallFailure, Reading } from "./events.ts";
import { enterStandby, onHold, type TakeoverStep } from "./modes.ts";
import type { OnHold, Takeover } from "./state.ts";

export function whileOnHold(takeover: Takeover, mode: OnHold, event: AnswerEvent, now: Millis): TakeoverStep {
  switch (event.kind) {
    case "tick":
      return mode.call !== undefined || now < mode.at ? [takeover, []] : lookAt(takeover, mode);
    case "ownership-read":
      return read(takeover, mode, event.reading, now);
    case "call-failed":
      return [waiting(takeover, mode, event.failure, now), []];
    case "doubt":
      return mode.call === undefined ? lookAt(takeover, mode) : [takeover, []];
    case "claimed":
    case "rehearsed":
      return [takeover, []];
  }
}

function lookAt(takeover: Takeover, mode: OnHold): TakeoverStep {
  const [next, call] = startCall(takeover, mode, "owner");
  return [next, [call]];
}

function read(takeover: Takeover, mode: OnHold, reading: Reading, now: Millis): TakeoverStep {
  switch (reading.kind) {
    case "unknown":
      return [waiting(takeover, mode, { retry: "soon", message: reading.why }, now), []];
    case "mine":
      return endHold(takeover, "mine-again", now);
    case "nobody":
      return endHold(takeover, "nobody-has-it", now);
    case "other":
      return reading.stopped
        ? endHold(takeover, "holder-stopped", now)
        : [onHold(takeover, reading.holder, now), []];
  }
}

function endHold(
  takeover: Takeover,
  why: Extract<TakeoverAction, { kind: "end-hold" }>["why"],
  now: Millis,
): TakeoverStep {
  return [enterStandby(takeover, now), [{ kind: "end-hold", why }]];
}

function waiting(takeover: Takeover, mode: OnHold, failure: CallFailure, now: Millis): Takeover {
  const failures = mode.failures + 1;
  const [wait, chance] = backoff(failures, failure.retry, takeover.chance);
  const at = after(now, millis(Math.max(wait, failure.retryAfter ?? 0)));
  return { ...takeover, chance, mode: { ...mode, call: undefined, at, failures } };
}
