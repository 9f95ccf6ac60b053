import { type Millis, millis, seconds } from "../base/units.ts";
import type { CallFailure } from "./events.ts";
import { JITTER } from "./settings.ts";

/** Where a chain of pseudo-random numbers stands; the shell seeds it, so that a simulated run can be repeated. */
export type Chance = number & { readonly __kind: "chance" };

export function chance(seed: number): Chance {
  return (seed >>> 0) as Chance;
}

const FIRST: Millis = millis(100);
/** From one attempt to the next; with calls that take 2.5 s at most, a claim is through 5 s after the end of an outage. */
const SOON_MAX: Millis = seconds(2);
/** A person has to act first; what changed is seen this soon afterwards. No cloud is waited for longer either. */
const SLOW: Millis = seconds(15);

/** A call that has failed so many times in a row, the last of them just now. */
export interface Failed {
  readonly failures: number;
  readonly failure: CallFailure;
  readonly startedAt: Millis;
  readonly now: Millis;
}

/**
 * When to call again: doubling from 100 ms, and spread so that two nodes do not collide again and again. It counts from the
 * start of the call that failed: what hung for seconds has waited long enough.
 */
export function nextAttempt(
  { failures, failure, startedAt, now }: Failed,
  from: Chance,
): readonly [at: Millis, next: Chance] {
  const { retry, retryAfter = 0 } = failure;
  const wait = retry === "slowly" ? SLOW : Math.min(SOON_MAX, FIRST * 2 ** Math.min(failures - 1, 10));
  const [spreadWait, next] = spread(millis(wait), from);
  return [millis(Math.max(startedAt + spreadWait, now + Math.min(retryAfter, SLOW))), next];
}

/** `interval` with up to a fifth taken off. */
export function spread(interval: Millis, from: Chance): readonly [Millis, Chance] {
  const next = chance(Math.imul(from, 1664525) + 1013904223);
  return [millis(interval * (1 - (JITTER * next) / 2 ** 32)), next];
}
