import type { Clock } from "./clock.ts";

export interface BucketSize {
  /** Calls that may come at once. */
  readonly capacity: number;
  readonly refillPerSecond: number;
}

/** Counts calls against a rate: one bucket for each key, such as account + action. */
export class TokenBuckets {
  readonly #clock: Clock;
  readonly #levels = new Map<string, { tokens: number; at: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes one token; false when the bucket is empty. */
  take(key: string, size: BucketSize): boolean {
    const now = this.#clock.now();
    const level = this.#levels.get(key) ?? { tokens: size.capacity, at: now };
    const refilled = level.tokens + ((now - level.at) / 1000) * size.refillPerSecond;
    const tokens = Math.min(size.capacity, refilled);
    const granted = tokens >= 1;
    this.#levels.set(key, { tokens: granted ? tokens - 1 : tokens, at: now });
    return granted;
  }

  /** Empties a bucket, as another tool of the same account would. */
  drain(key: string): void {
    this.#levels.set(key, { tokens: 0, at: this.#clock.now() });
  }
}
