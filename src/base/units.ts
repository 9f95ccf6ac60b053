/**
 * A duration, or a point on a monotonic clock, in milliseconds. Fractions are kept: VRRP's skew at 10 ms adverts is a
 * fraction of a millisecond, and rounding it would give every priority the same one.
 */
export type Millis = number & { readonly __unit: "ms" };

export function millis(value: number): Millis {
  return value as Millis;
}

/** Whole microseconds: 2.01 s times 1000 is 2009.9999999999998 in floating point, and would differ from a packet's 2010 ms. */
export function seconds(value: number): Millis {
  return millis(Math.round(value * 1_000_000) / 1000);
}

export function toSeconds(duration: Millis): number {
  return duration / 1000;
}

/** `at + duration`, kept in the type. */
export function after(at: Millis, duration: Millis): Millis {
  return millis(at + duration);
}
