import { type Millis, millis } from "../base/units.ts";

/** The parts of one failover as its new MASTER saw them; each lasts from the end of the one before it. */
export const PHASES = ["detect", "elect", "bind", "announce", "claim", "verify"] as const;

export type Phase = (typeof PHASES)[number];

/** Milliseconds; a part that did not take place is missing. `detect` is the silence before the timer ran out. */
export type PhaseTimes = { readonly [Name in Phase]?: Millis };

/** Times one failover. `claim` runs beside `bind` and `announce`, so it counts from the end of `elect`. */
export class PhaseClock {
  readonly #now: () => Millis;
  #times: { [Name in Phase]?: Millis } = {};
  #run = 0;
  #endOf: { [Name in Phase]?: Millis } = {};

  constructor(now: () => Millis) {
    this.#now = now;
  }

  /** The timer ran out that made this node MASTER; `heardAt` is when the last advert came in. */
  begin(facts: { readonly heardAt: Millis | undefined; readonly dueAt: Millis }): void {
    this.#run++;
    this.#times = facts.heardAt === undefined ? {} : { detect: millis(facts.dueAt - facts.heardAt) };
    this.#endOf = { detect: facts.dueAt };
  }

  /** `phase` is over. Once counts: a later repetition, such as a repair, belongs to no failover. */
  end(phase: Exclude<Phase, "detect">): void {
    const from = this.#endOf[BEFORE[phase]] ?? this.#endOf.elect;
    if (from === undefined || this.#endOf[phase] !== undefined) return;
    this.#endOf[phase] = this.#now();
    this.#times[phase] = millis(this.#now() - from);
  }

  /** Which failover is being timed, counted from 1; 0 before the first. */
  get run(): number {
    return this.#run;
  }

  has(phase: Phase): boolean {
    return this.#times[phase] !== undefined;
  }

  get times(): PhaseTimes {
    return { ...this.#times };
  }
}

const BEFORE: Record<Exclude<Phase, "detect">, Phase> = {
  elect: "detect",
  bind: "elect",
  announce: "bind",
  claim: "elect",
  verify: "claim",
};
