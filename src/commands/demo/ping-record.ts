import type { Millis } from "../../base/units.ts";

/** A time without answers in which at least one ping was lost. Times are milliseconds since the demo began. */
export interface Gap {
  /** The last answer before. */
  readonly from: Millis;
  /** The first answer after. */
  readonly to: Millis;
  readonly lost: number;
}

/** So many unanswered intervals are an outage that goes on; fewer may be answers under way. */
const SILENT_INTERVALS = 4;

/** What the client noticed. Nothing counts before the first answer: what is measured is the loss of a service that was there. */
export class PingRecord {
  readonly #interval: Millis;
  readonly #gaps: Gap[] = [];
  #last: { readonly sequence: number; readonly at: Millis } | undefined;
  #answered = 0;
  #lost = 0;

  constructor(interval: Millis) {
    this.#interval = interval;
  }

  /** @returns the gap that this answer ends, if it ends one */
  answer(sequence: number, at: Millis): Gap | undefined {
    const last = this.#last;
    // An answer that comes after its successor was never missed by anybody.
    if (last && sequence <= last.sequence) return undefined;
    this.#last = { sequence, at };
    this.#answered++;
    const lost = last ? sequence - last.sequence - 1 : 0;
    if (!last || lost === 0) return undefined;
    this.#lost += lost;
    const gap = { from: last.at, to: at, lost };
    this.#gaps.push(gap);
    return gap;
  }

  get lastAnswerAt(): Millis | undefined {
    return this.#last?.at;
  }

  get answered(): number {
    return this.#answered;
  }

  get lost(): number {
    return this.#lost;
  }

  /** The gaps that ended after `time`. */
  gapsSince(time: Millis): readonly Gap[] {
    return this.#gaps.filter(({ to }) => to > time);
  }

  /** What the client noticed between two times: nothing, because it did not ask yet, answers, or silence. */
  between(from: Millis, to: Millis): "nothing" | "answers" | "silence" {
    if (!this.#last) return "nothing";
    const inGap = this.#gaps.some((gap) => gap.from < to && gap.to > from);
    const unanswered = to - this.#last.at > SILENT_INTERVALS * this.#interval;
    return inGap || unanswered ? "silence" : "answers";
  }
}

export function gapLength({ from, to }: Gap): number {
  return to - from;
}
