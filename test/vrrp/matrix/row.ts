import { type Millis, millis } from "../../../src/base/units.ts";
import type { Action } from "../../../src/vrrp/actions.ts";
import type { RouterEvent } from "../../../src/vrrp/events.ts";
import type { VirtualRouter } from "../../../src/vrrp/state.ts";

/** One line of the transition matrix: what becomes of a router, whole, and every action in its order. */
export interface Row {
  /** A sentence; the RFC ledger quotes it. */
  readonly name: string;
  readonly given: VirtualRouter;
  readonly event: RouterEvent;
  /** Milliseconds; 500 where the time does not matter. */
  readonly at: Millis;
  readonly actions: readonly Action[];
  readonly next: VirtualRouter;
}

/** A row whose router stays as it is, but for what `changes` says. */
export function row(
  name: string,
  given: VirtualRouter,
  event: RouterEvent,
  outcome: {
    readonly at?: number;
    readonly actions?: readonly Action[];
    readonly changes?: { readonly [name in keyof VirtualRouter]?: VirtualRouter[name] | number };
  } = {},
): Row {
  const { at = 500, actions = [], changes = {} } = outcome;
  return { name, given, event, at: millis(at), actions, next: { ...given, ...changes } as VirtualRouter };
}
