import type { TakeoverAction } from "../../../src/takeover/actions.ts";
import type { TakeoverEvent } from "../../../src/takeover/events.ts";
import type { TakeoverSettings } from "../../../src/takeover/settings.ts";
import type { TakeoverMode } from "../../../src/takeover/state.ts";
import { NEXT_CALL, UNDER_WAY } from "../fixtures.ts";

/** One line of the transition table: the whole next mode, and every action in its order. */
export interface Row {
  readonly name: string;
  readonly given: TakeoverMode;
  readonly event: TakeoverEvent;
  readonly at: number;
  readonly settings: Partial<TakeoverSettings>;
  readonly actions: readonly TakeoverAction[];
  readonly next: TakeoverMode;
}

/** At 100 s, and without a change, where nothing else is said. */
export function row(
  name: string,
  given: TakeoverMode,
  event: TakeoverEvent,
  outcome: Partial<Pick<Row, "at" | "settings" | "actions" | "next">> = {},
): Row {
  const { at = 100_000, settings = {}, actions = [], next = given } = outcome;
  return { name, given, event, at, settings, actions, next };
}

export function calls(operation: "claim" | "owner" | "rehearse"): TakeoverAction {
  return { kind: "call", call: NEXT_CALL, operation };
}

export const aborts: TakeoverAction = { kind: "abort", call: UNDER_WAY };

/** While call 7 is under way, since 99 s. */
export const busy = { call: UNDER_WAY, at: 99_000 };
/** Call 8 is under way, since now. */
export const calling = { call: NEXT_CALL, at: 100_000 };
