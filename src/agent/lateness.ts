import type { Millis } from "../base/units.ts";

/** Upper bounds of the histogram's buckets, in milliseconds; what is later still goes into one more. */
const BOUNDS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000] as const;

export interface LatenessSnapshot {
  readonly samples: number;
  readonly maxMs: number;
  /** An upper bound of it: the bound of the bucket where it lies. */
  readonly p999Ms: number;
}

/**
 * How late the agent's timer fires: what the machine, other processes and this process's own garbage collection cost. VRRP
 * stands on it, since an advert that goes out late looks like a MASTER that is gone.
 */
export class Lateness {
  readonly #counts: number[] = new Array(BOUNDS.length + 1).fill(0);
  #samples = 0;
  #max = 0;

  record(late: Millis): void {
    const bucket = BOUNDS.findIndex((bound) => late <= bound);
    const index = bucket < 0 ? BOUNDS.length : bucket;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#samples++;
    this.#max = Math.max(this.#max, late);
  }

  snapshot(): LatenessSnapshot {
    return { samples: this.#samples, maxMs: this.#max, p999Ms: this.#percentile(0.999) };
  }

  #percentile(share: number): number {
    let seen = 0;
    for (const [index, count] of this.#counts.entries()) {
      seen += count;
      if (seen >= share * this.#samples) return Math.min(BOUNDS[index] ?? this.#max, this.#max);
    }
    return this.#max;
  }
}
