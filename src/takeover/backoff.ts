import { type Millis, millis, seconds } from "../base/units.ts";
import { JITTER } from "./settings.ts";

/** Where a chain of pseudo-random numbers stands; the shell seeds it, so that a simulated run can be repeated. */
export type Chance = number & { readonly __kind: "chance" };

export function chance(seed: number): Chance {
  return (seed >>> 0) as Chance;
}

const FIRST: Millis = millis(100);
/** With a call deadline of 2.5 s this keeps a claim within 5 s of the end of an outage. */
const SOON_MAX: Millis = seconds(2);
/** A person has to act first; what changed is seen this soon afterwards. */
const SLOW: Millis = seconds(15);

/**
 * How long to wait after the n-th failure in a row (n from 1): doubling from 100 ms, and spread so that two nodes do not
 * collide again and again.
 */
export function backoff(
  failures: number,
  retry: "soon" | "slowly",
  from: Chance,
): readonly [wait: Millis, next: Chance] {
  const wait = retry === "slowly" ? SLOW : Math.min(SOON_MAX, FIRST * 2 ** Math.min(failures - 1, 10));
  return spread(millis(wait), from);
}

/** `interval` with up to a fifth taken off. */
export function spread(interval: Millis, from: Chance): readonly [Millis, Chance] {
  const next = chance(Math.imul(from, 1664525) + 1013904223);
  return [millis(interval * (1 - (JITTER * next) / 2 ** 32)), next];
}
