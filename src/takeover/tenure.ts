/**
 * Who has had the address, when two nodes that cannot hear each other both want it. Ranks would need what neither can ask the
 * other: a peer that was always BACKUP has never said its priority. What each can see is the cloud. A node is the incumbent
 * when the cloud has shown the address there for long and until just now; as the cloud shows it at one place only, there is
 * at most one, and everybody else gives way.
 */
import type { Millis } from "../base/units.ts";
import { type TakeoverSettings, tenureLapse, tenureStart } from "./settings.ts";

/** The first and the last look of an unbroken run that showed the address here. */
export interface Tenure {
  readonly from: Millis;
  readonly until: Millis;
}

/** A look showed the address here. */
export function prolonged(tenure: Tenure | undefined, settings: TakeoverSettings, now: Millis): Tenure {
  return { from: tenure && lasts(tenure, settings, now) ? tenure.from : now, until: now };
}

export function isIncumbent(tenure: Tenure | undefined, settings: TakeoverSettings, now: Millis): boolean {
  return (
    tenure !== undefined &&
    lasts(tenure, settings, now) &&
    tenure.until - tenure.from >= tenureStart(settings)
  );
}

function lasts({ until }: Tenure, settings: TakeoverSettings, now: Millis): boolean {
  return now - until < tenureLapse(settings);
}
