import type { Millis } from "../base/units.ts";
import type { Operation, TakeoverAction } from "./actions.ts";
import type { CallId, Takeover, TakeoverMode } from "./state.ts";

/** A call that the shell is to make, and the takeover that waits for its answer in `mode`. */
export function startCall<Mode extends TakeoverMode>(
  takeover: Takeover,
  mode: Mode,
  operation: Operation,
  now: Millis,
): readonly [Takeover, readonly TakeoverAction[]] {
  const call = (takeover.lastCall + 1) as CallId;
  return [
    { ...takeover, lastCall: call, mode: { ...mode, call, at: now } },
    [{ kind: "call", call, operation }],
  ];
}

/** The newest intent wins: what is under way for an older one is aborted. */
export function abortCall({ call }: TakeoverMode): readonly TakeoverAction[] {
  return call === undefined ? [] : [{ kind: "abort", call }];
}

/** Whether a tick at `now` is to start the next call. */
export function isDue({ call, at }: TakeoverMode, now: Millis): boolean {
  return call === undefined && now >= at;
}
