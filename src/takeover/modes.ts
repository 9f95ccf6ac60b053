/** The only ways into a mode, so that none forgets a call or a deadline. */
import type { IpAddress } from "../base/ip.ts";
import { after, type Millis } from "../base/units.ts";
import type { TakeoverAction } from "./actions.ts";
import { spread } from "./backoff.ts";
import { startCall } from "./call.ts";
import { NOT_READY_AGAIN } from "./settings.ts";
import type { Claiming, Holding, Takeover } from "./state.ts";

export type TakeoverStep = readonly [Takeover, readonly TakeoverAction[]];

export function enterStandby(takeover: Takeover, now: Millis): Takeover {
  return onStandby(takeover, undefined, now);
}

/** `ready` is what the last rehearsal found; the next one is an interval away, and soon when there is something to mend. */
export function onStandby(takeover: Takeover, ready: boolean | undefined, now: Millis): Takeover {
  const { rehearseInterval } = takeover.settings;
  const interval = ready === false && rehearseInterval > NOT_READY_AGAIN ? NOT_READY_AGAIN : rehearseInterval;
  const [wait, chance] = spread(interval, takeover.chance);
  return { ...takeover, chance, mode: { kind: "standby", call: undefined, at: after(now, wait), ready } };
}

/** Claims at once. What is known of former holders is kept from one claim to the next. */
export function enterClaiming(
  takeover: Takeover,
  known: Pick<Claiming, "contests" | "tenure">,
  now: Millis,
): TakeoverStep {
  const { contests, tenure } = known;
  const fresh = { call: undefined, at: now, since: now, attempts: 0 } as const;
  return attempt(takeover, { kind: "claiming", ...fresh, contests, tenure }, now);
}

export function attempt(takeover: Takeover, mode: Claiming, now: Millis): TakeoverStep {
  return startCall(takeover, { ...mode, attempts: mode.attempts + 1 }, "claim", now);
}

/** Looks at once, and believes nothing before it has seen it. */
export function enterHolding(
  takeover: Takeover,
  facts: Pick<Holding, "since" | "claimedAt" | "contests" | "tenure">,
  now: Millis,
): TakeoverStep {
  const fresh = {
    ...{ call: undefined, at: now, failures: 0 },
    ...{ verified: false, contrary: false, doubted: false, challenged: false },
  } as const;
  return look(takeover, { kind: "holding", lookedAt: now, ...fresh, ...facts }, now);
}

export function look(takeover: Takeover, mode: Holding, now: Millis): TakeoverStep {
  return startCall(takeover, { ...mode, lookedAt: now }, "owner", now);
}

/** The next look at the holder is an interval away. */
export function enterOnHold(
  takeover: Takeover,
  { holder, peer }: { readonly holder: string; readonly peer: IpAddress },
  now: Millis,
): TakeoverStep {
  const [wait, chance] = spread(takeover.settings.verifyInterval, takeover.chance);
  const fresh = {
    call: undefined,
    at: after(now, wait),
    failures: 0,
    free: false,
    elsewhereSince: undefined,
  };
  const mode = { kind: "on-hold", ...fresh, since: now, holder, peer } as const;
  return [{ ...takeover, chance, mode }, [{ kind: "yield", holder, peer }]];
}
