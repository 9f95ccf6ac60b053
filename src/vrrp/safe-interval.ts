import { type Millis, millis } from "../base/units.ts";

/**
 * How much lateness an advert_int bears. A BACKUP waits for three adverts. When one is lost and the next one is late by `late`,
 * it has waited for two intervals and `late`; half an interval of lateness leaves as much again for the network's own.
 */
const TOLERABLE_SHARE = 0.5;
const CENTISECOND = 10;

/** Whether `late`, in ms, is more than adverts of this interval bear, with their peers' timers running. */
export function isTooLate(late: number, advertInterval: number): boolean {
  return late > advertInterval * TOLERABLE_SHARE;
}

/** The smallest advert_int, in whole centiseconds, that bears `late`, in ms. */
export function smallestSafeInterval(late: number): Millis {
  return millis(Math.ceil(late / TOLERABLE_SHARE / CENTISECOND) * CENTISECOND);
}
