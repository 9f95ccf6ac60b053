import type { Operation, TakeoverAction } from "./actions.ts";
import type { CallId, Takeover, TakeoverMode } from "./state.ts";

/** A call that the shell is to make, and the takeover that waits for its answer in `mode`. */
export function startCall<Mode extends TakeoverMode>(
  takeover: Takeover,
  mode: Mode,
  operation: Operation,
): readonly [Takeover, TakeoverAction] {
  const call = (takeover.lastCall + 1) as CallId;
  return [
    { ...takeover, lastCall: call, mode: { ...mode, call } },
    { kind: "call", call, operation },
  ];
}

/** The newest intent wins: what is under way for an older one is aborted. */
export function abortCall({ call }: TakeoverMode): readonly TakeoverAction[] {
  return call === undefined ? [] : [{ kind: "abort", call }];
}
