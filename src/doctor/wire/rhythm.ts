import type { Millis } from "../../base/units.ts";
import type { AdvertStream } from "./wire-view.ts";

/** How regularly adverts came. */
export interface Rhythm {
  readonly gaps: number;
  /** By how many milliseconds the latest advert missed its time; lost ones do not count as late. */
  readonly worstLateMs: number;
  /** How many did not arrive between the first and the last one. */
  readonly lost: number;
}

/** A later packet of a stream that jumps farther has begun to count anew. */
const STEP_MAX = 64;
/** From so many intervals on, a gap has swallowed an advert. */
const LOST_FROM = 1.5;
const IDENTIFICATIONS = 0x10000;

/**
 * The rhythm of adverts that are `interval` apart. A gap of two intervals may be a lost advert or a late one; senders that
 * count their packets up in the IP header tell which, and of others it counts as lost. Undefined with fewer than two adverts.
 */
export function rhythmOf(
  { arrivals, identifications }: Pick<AdvertStream, "arrivals" | "identifications">,
  interval: Millis,
): Rhythm | undefined {
  if (arrivals.length < 2) return undefined;
  const step = stepOf(identifications);
  let worstLateMs = 0;
  let lost = 0;
  for (let index = 1; index < arrivals.length; index++) {
    const gap = (arrivals[index] ?? 0) - (arrivals[index - 1] ?? 0);
    const missing =
      step === undefined ? missingByTime(gap, interval) : differenceAt(identifications, index) / step - 1;
    lost += missing;
    worstLateMs = Math.max(worstLateMs, gap - (missing + 1) * interval);
  }
  return { gaps: arrivals.length - 1, worstLateMs, lost };
}

function missingByTime(gap: number, interval: Millis): number {
  return gap < LOST_FROM * interval ? 0 : Math.round(gap / interval) - 1;
}

/** By how much the sender counts its packets up from advert to advert; undefined when it does not count them evenly. */
function stepOf(identifications: readonly number[]): number | undefined {
  const differences = identifications.slice(1).map((_, index) => differenceAt(identifications, index + 1));
  const step = Math.min(...differences);
  const counts =
    step > 0 && differences.every((difference) => difference <= STEP_MAX && difference % step === 0);
  return counts ? step : undefined;
}

/** 0 is left out by senders that count from 1 to 65535, which shows once in a day at most. */
function differenceAt(identifications: readonly number[], index: number): number {
  const difference = (identifications[index] ?? 0) - (identifications[index - 1] ?? 0);
  return (difference + IDENTIFICATIONS) % IDENTIFICATIONS;
}
