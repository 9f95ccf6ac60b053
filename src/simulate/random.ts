/** Chance from a seed: the same seed gives the same numbers, so that what was seen once can be seen again. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Evenly spread from `low` up to, not including, `high`. */
  between(low: number, high: number): number {
    return low + (high - low) * this.#fraction();
  }

  /** The mulberry32 generator: 32 bits of state are plenty for delays of packets. */
  #fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}
