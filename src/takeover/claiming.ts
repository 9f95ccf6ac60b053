/** MASTER, and the claim is not through yet: again and again, with backoff, until it is or mastership ends. */
import { type Millis, millis } from "../base/units.ts";
import { nextAttempt } from "./backoff.ts";
import { isDue } from "./call.ts";
import { type CallFailure, LOST_CALL, type ModeEvent } from "./events.ts";
import { attempt, enterHolding, type TakeoverStep } from "./modes.ts";
import type { Claiming, Takeover } from "./state.ts";

export function whileClaiming(
  takeover: Takeover,
  mode: Claiming,
  event: ModeEvent,
  now: Millis,
): TakeoverStep {
  switch (event.kind) {
    case "tick":
      return isDue(mode, now) ? attempt(takeover, mode, now) : [takeover, []];
    case "claimed":
      return claimed(takeover, mode, now);
    case "call-failed":
      return failed(takeover, mode, event.failure, now);
    case "calls-lost":
      return mode.call === undefined ? [takeover, []] : failed(takeover, mode, LOST_CALL, now);
    case "woke-late":
      return wokeLate(takeover, mode, event.listenUntil);
    case "ownership-read":
    case "rehearsed":
    case "doubt":
      return [takeover, []];
  }
}

/** A success is not believed before the cloud shows it. */
function claimed(takeover: Takeover, mode: Claiming, now: Millis): TakeoverStep {
  const { since, attempts, contests, tenure } = mode;
  const [next, actions] = enterHolding(takeover, { since, claimedAt: now, contests, tenure }, now);
  return [next, [{ kind: "cloud-claimed", took: millis(now - since), attempts }, ...actions]];
}

function failed(takeover: Takeover, mode: Claiming, failure: CallFailure, now: Millis): TakeoverStep {
  const { attempts, at: startedAt } = mode;
  const [at, chance] = nextAttempt({ failures: attempts, failure, startedAt, now }, takeover.chance);
  const next = { ...takeover, chance, mode: { ...mode, call: undefined, at } };
  return [next, [{ kind: "cloud-call-failed", operation: "claim", message: failure.message, attempts }]];
}

/** An attempt that began before the pause cannot be taken back; its successor waits as if it had begun at the end. */
function wokeLate(takeover: Takeover, mode: Claiming, listenUntil: Millis): TakeoverStep {
  const at = millis(Math.max(mode.at, listenUntil));
  return [{ ...takeover, mode: { ...mode, at } }, []];
}
