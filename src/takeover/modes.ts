/** The only ways into a mode, so that none forgets a call or a deadline. */
import { after, type Millis } from "../base/units.ts";
import type { TakeoverAction } from "./actions.ts";
import { spread } from "./backoff.ts";
import { startCall } from "./call.ts";
import type { Claiming, Holding, Takeover } from "./state.ts";

export type TakeoverStep = readonly [Takeover, readonly TakeoverAction[]];

export function enterStandby(takeover: Takeover, now: Millis): Takeover {
  return onStandby(takeover, undefined, now);
}

/** `ready` is what the last rehearsal found; the next one is an interval away. */
export function onStandby(takeover: Takeover, ready: boolean | undefined, now: Millis): Takeover {
  const [wait, chance] = spread(takeover.settings.rehearseInterval, takeover.chance);
  return { ...takeover, chance, mode: { kind: "standby", call: undefined, at: after(now, wait), ready } };
}

/** Claims at once. `contests` are the claims against other holders that were made within the window. */
export function enterClaiming(takeover: Takeover, contests: readonly Millis[], now: Millis): TakeoverStep {
  return attempt(takeover, { kind: "claiming", call: undefined, at: now, since: now, attempts: 0, contests });
}

export function attempt(takeover: Takeover, mode: Claiming): TakeoverStep {
  const [next, call] = startCall(takeover, { ...mode, attempts: mode.attempts + 1 }, "claim");
  return [next, [call]];
}

/** Looks at once, and believes nothing before it has seen it. */
export function enterHolding(
  takeover: Takeover,
  facts: Pick<Holding, "since" | "claimedAt" | "contests">,
  now: Millis,
): TakeoverStep {
  const fresh = { call: undefined, at: now, verified: false, contrary: undefined, failures: 0 } as const;
  return look(takeover, { kind: "holding", ...fresh, ...facts });
}

export function look(takeover: Takeover, mode: Holding): TakeoverStep {
  const [next, call] = startCall(takeover, mode, "owner");
  return [next, [call]];
}

export function enterOnHold(takeover: Takeover, holder: string, now: Millis): TakeoverStep {
  return [onHold(takeover, holder, now), [{ kind: "yield", holder }]];
}

/** The next look at the holder is an interval away. */
export function onHold(takeover: Takeover, holder: string, now: Millis): Takeover {
  const [wait, chance] = spread(takeover.settings.verifyInterval, takeover.chance);
  const at = after(now, wait);
  return { ...takeover, chance, mode: { kind: "on-hold", call: undefined, at, holder, failures: 0 } };
}
