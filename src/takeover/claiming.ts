/** MASTER, and the claim is not through yet: again and again, with backoff, until it is or mastership ends. */
import { after, type Millis, millis } from "../base/units.ts";
import { backoff } from "./backoff.ts";
import type { AnswerEvent, CallFailure } from "./events.ts";
import { attempt, enterHolding, type TakeoverStep } from "./modes.ts";
import type { Claiming, Takeover } from "./state.ts";

export function whileClaiming(
  takeover: Takeover,
  mode: Claiming,
  event: AnswerEvent,
  now: Millis,
): TakeoverStep {
  switch (event.kind) {
    case "tick":
      return mode.call !== undefined || now < mode.at ? [takeover, []] : attempt(takeover, mode);
    case "claimed":
      return claimed(takeover, mode, now);
    case "call-failed":
      return failed(takeover, mode, event.failure, now);
    case "ownership-read":
    case "rehearsed":
    case "doubt":
      return [takeover, []];
  }
}

/** A success is not believed before the cloud shows it. */
function claimed(takeover: Takeover, { since, attempts, contests }: Claiming, now: Millis): TakeoverStep {
  const [next, actions] = enterHolding(takeover, { since, claimedAt: now, contests }, now);
  return [next, [{ kind: "cloud-claimed", took: millis(now - since), attempts }, ...actions]];
}

function failed(takeover: Takeover, mode: Claiming, failure: CallFailure, now: Millis): TakeoverStep {
  const [wait, chance] = backoff(mode.attempts, failure.retry, takeover.chance);
  const at = after(now, millis(Math.max(wait, failure.retryAfter ?? 0)));
  const next = { ...takeover, chance, mode: { ...mode, call: undefined, at } };
  const { attempts } = mode;
  return [next, [{ kind: "cloud-call-failed", operation: "claim", message: failure.message, attempts }]];
}
