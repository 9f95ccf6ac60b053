import type { CloudCall } from "./call.ts";
import type { Clock } from "./clock.ts";

export type FaultKind =
  /** The cloud's internal error; nothing is done. */
  | "error-500"
  /** The cloud's answer to too many requests; nothing is done. */
  | "throttle"
  /** No answer, and nothing is done; the connection stays open. */
  | "hang"
  /** An answer that means nothing, with a status of success; nothing is done. */
  | "garbage"
  /** The connection is reset before anything is done. */
  | "reset"
  /** The work is done, then the connection is reset: the caller cannot know. */
  | "lost-answer"
  /** The work starts only after `delayMs`. */
  | "delay"
  /** Reads answer with the state as it was when the fault was set. */
  | "stale-read"
  /** The metadata service resets every connection. */
  | "metadata-down"
  /** The cloud's clock differs from ours by `skewMs`; positive means the cloud is ahead. */
  | "clock-skew";

export interface FaultRule {
  readonly kind: FaultKind;
  /** An action's exact name, or a beginning followed by `*`. Without it every call of the surface is hit. */
  readonly action?: string;
  /** Only calls of this caller. */
  readonly who?: string;
  /** How many calls are hit; without it, until the fault is cleared. */
  readonly count?: number;
  /** `api` unless the kind is `metadata-down`. */
  readonly surface?: CloudCall["surface"];
  readonly delayMs?: number;
  readonly skewMs?: number;
}

/** A rule in force. */
export interface ActiveFault {
  readonly id: number;
  readonly rule: FaultRule;
  /** When it was set, by the emulator's clock. */
  readonly since: number;
  readonly remaining: number;
}

/** The faults in force. Several may hit one call; each counts that call. */
export class FaultBoard {
  readonly #clock: Clock;
  #active: readonly ActiveFault[] = [];
  #lastId = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Sets a fault and gives its id, with which it can be cleared. */
  inject(rule: FaultRule): number {
    const id = ++this.#lastId;
    const remaining = rule.count ?? Number.POSITIVE_INFINITY;
    this.#active = [...this.#active, { id, rule, since: this.#clock.now(), remaining }];
    return id;
  }

  /** Clears one fault, or all of them. */
  clear(id?: number): void {
    this.#active = id === undefined ? [] : this.#active.filter((fault) => fault.id !== id);
  }

  active(): readonly ActiveFault[] {
    return this.#active;
  }

  /** The faults that hit this call, each counted down by one. */
  take(call: CloudCall): readonly ActiveFault[] {
    const hits = this.#active.filter((fault) => matches(fault.rule, call));
    this.#active = this.#active
      .map((fault) => (hits.includes(fault) ? { ...fault, remaining: fault.remaining - 1 } : fault))
      .filter((fault) => fault.remaining > 0);
    return hits;
  }
}

function matches(rule: FaultRule, call: CloudCall): boolean {
  const surface = rule.surface ?? (rule.kind === "metadata-down" ? "metadata" : "api");
  if (surface !== call.surface) return false;
  if (rule.kind === "stale-read" && !call.read) return false;
  if (rule.who !== undefined && rule.who !== call.who) return false;
  return matchesAction(rule.action ?? "*", call.action);
}

function matchesAction(pattern: string, action: string): boolean {
  return pattern.endsWith("*") ? action.startsWith(pattern.slice(0, -1)) : pattern === action;
}
