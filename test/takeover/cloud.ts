/**
 * A cloud made of arithmetic: one address, one holder at a time, the last claim wins. Calls take the time they are given, fail
 * as they are told, take effect though their answer is lost, and reads may show the past.
 */
import type { Operation } from "../../src/takeover/actions.ts";
import type { CallFailure } from "../../src/takeover/events.ts";

/** What becomes of one call. Times are milliseconds from the call on. */
export type Fate =
  | {
      readonly kind: "answered";
      readonly takes: number;
      /** How old a read is; how long after its answer a claim takes effect. */
      readonly lag?: number;
      readonly obstacles?: readonly string[];
    }
  /** Nothing is done. */
  | { readonly kind: "refused"; readonly takes: number; readonly failure: CallFailure }
  /** The caller learns nothing but that; a claim takes effect `late` ms after the call. */
  | { readonly kind: "lost"; readonly takes: number; readonly late: number };

export interface CloudCall {
  readonly node: string;
  readonly operation: Operation;
  readonly at: number;
}

/** The address went from one holder to another; `undefined` is nobody. */
export interface Move {
  readonly at: number;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

export const PROMPT: Fate = { kind: "answered", takes: 80 };

export class SimulatedCloud {
  /** Decides on each call; {@link PROMPT} unless a test says otherwise. */
  fateOf: (call: CloudCall) => Fate = () => PROMPT;
  readonly stopped = new Set<string>();
  readonly calls: CloudCall[] = [];
  readonly #history: Move[] = [];

  /** Who has the address, or had it at an earlier time. */
  holderAt(time = Number.POSITIVE_INFINITY): string | undefined {
    return this.#history.findLast(({ at }) => at <= time)?.to;
  }

  give(to: string | undefined, at: number): void {
    const from = this.holderAt();
    if (from !== to) this.#history.push({ at, from, to });
  }

  /** How the address went from holder to holder; the first that it ever had is no move. */
  moves(since = 0): readonly Move[] {
    return this.#history.slice(1).filter(({ at }) => at >= since);
  }
}

/** Reads as text what happened to the address, for comparisons that people can follow. */
export function path(moves: readonly Move[]): string {
  return moves.map(({ from = "nobody", to = "nobody" }) => `${from}→${to}`).join(" ");
}
