/**
 * From "this node is MASTER" to "the cloud sends the traffic here, and keeps doing so". Level, not edge: a claim that
 * succeeded is looked at again and again, because a peer that was MASTER for a moment, a slow call that took effect late, or
 * a person may have moved the address without any transition on this node.
 *
 *   standby ──MASTER──► claiming ──claimed──► holding ──second contrary look──► claiming      (it is for me to have it)
 *      ▲                   ▲  └─failed, wait─┘   │                         └──► on-hold       (a peer I cannot hear has it)
 *      └──mastership lost──┴────────────────────┴──────── hold ended ◄───────────┘
 *
 * The rule that keeps it honest: `unknown` is never loss. No answer, a refusal or a throttled call changes no mode; only two
 * contrary looks in a row, both younger than the cloud's consistency window allows, do. Who keeps a contested address is
 * decided in `contested.ts`.
 */
import type { Millis } from "../base/units.ts";
import { chance } from "./backoff.ts";
import { abortCall } from "./call.ts";
import { whileClaiming } from "./claiming.ts";
import type { ModeEvent, TakeoverEvent } from "./events.ts";
import { whileHolding } from "./holding.ts";
import { enterClaiming, enterHolding, enterStandby, type TakeoverStep } from "./modes.ts";
import { whileOnHold } from "./on-hold.ts";
import type { TakeoverSettings } from "./settings.ts";
import { whileOnStandby } from "./standby.ts";
import type { CallId, Takeover } from "./state.ts";

/** Starts on standby; the first rehearsal is due at once. `seed` makes the spread of waits differ between nodes. */
export function createTakeover(settings: TakeoverSettings, seed: number, now: Millis): Takeover {
  const mode = { kind: "standby", call: undefined, at: now, ready: undefined } as const;
  return { settings, chance: chance(seed), lastCall: 0 as CallId, mode };
}

/** Advances the takeover by one event at the monotonic time `now`. */
export function stepTakeover(takeover: Takeover, event: TakeoverEvent, now: Millis): TakeoverStep {
  switch (event.kind) {
    case "mastership-gained":
      return gained(takeover, now);
    case "mastership-lost":
      // On hold it was this side that asked for it.
      return takeover.mode.kind === "on-hold" ? [takeover, []] : lost(takeover, now);
    case "hold-ended":
      return takeover.mode.kind === "on-hold" ? lost(takeover, now) : [takeover, []];
    case "claimed":
    case "ownership-read":
    case "rehearsed":
    case "call-failed":
      // An answer to an older call: newest intent wins.
      return event.call === takeover.mode.call ? inMode(takeover, event, now) : [takeover, []];
    case "calls-lost":
    case "doubt":
    case "woke-late":
    case "tick":
      return inMode(takeover, event, now);
  }
}

/** When the shell must come back with a tick at the latest; undefined while an answer is awaited. */
export function nextTakeoverDeadline({ mode }: Takeover): Millis | undefined {
  return mode.call === undefined ? mode.at : undefined;
}

function inMode(takeover: Takeover, event: ModeEvent, now: Millis): TakeoverStep {
  const { mode } = takeover;
  switch (mode.kind) {
    case "standby":
      return whileOnStandby(takeover, mode, event, now);
    case "claiming":
      return whileClaiming(takeover, mode, event, now);
    case "holding":
      return whileHolding(takeover, mode, event, now);
    case "on-hold":
      return whileOnHold(takeover, mode, event, now);
  }
}

function gained(takeover: Takeover, now: Millis): TakeoverStep {
  if (takeover.mode.kind === "claiming" || takeover.mode.kind === "holding") return [takeover, []];
  // Where gratuitous ARP moves the address, the API is only asked whether all is as it must be.
  const unknownPast = { contests: [], tenure: undefined };
  const [next, actions] =
    takeover.settings.kind === "move"
      ? enterClaiming(takeover, unknownPast, now)
      : enterHolding(takeover, { since: now, claimedAt: undefined, ...unknownPast }, now);
  return [next, [...abortCall(takeover.mode), ...actions]];
}

/** A claim that takes effect all the same is undone by the rightful MASTER, which looks again and repairs. */
function lost(takeover: Takeover, now: Millis): TakeoverStep {
  if (takeover.mode.kind === "standby") return [takeover, []];
  return [enterStandby(takeover, now), abortCall(takeover.mode)];
}
