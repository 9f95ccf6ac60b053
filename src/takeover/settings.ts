import { after, type Millis, millis, seconds } from "../base/units.ts";

/** How hard the cloud is asked, and how much of what it answers is believed. */
export interface TakeoverSettings {
  /** `move`: the API moves the address, so a new MASTER claims at once. `claim`, `probe`: the first look comes first. */
  readonly kind: "move" | "claim" | "probe";
  /** How often a MASTER looks whether the cloud still agrees. */
  readonly verifyInterval: Millis;
  /** After a successful claim, a read that contradicts it may be an old one for so long. */
  readonly consistencyWindow: Millis;
  /** How often a BACKUP tries out whether it could take over. */
  readonly rehearseInterval: Millis;
}

/** The second look after a contradiction: soon, because the address may be gone. Doubts cause no more looks than this. */
export const SECOND_LOOK: Millis = millis(500);
/** A BACKUP that could not take over looks whether somebody has mended that. */
export const NOT_READY_AGAIN: Millis = seconds(30);
/** Claims against one other holder within {@link CONTEST_WINDOW}; more would be a tug-of-war that nobody wins. */
export const CONTESTED_CLAIMS_MAX = 3;
export const CONTEST_WINDOW: Millis = seconds(60);
/** From one look of a MASTER to the next: less than the interval, so that a second look and a claim fall within it too. */
export function untilNextLook({ verifyInterval }: TakeoverSettings): Millis {
  return millis(0.9 * verifyInterval);
}

/** A shift of every periodic look, so that the nodes of a group do not ask in step. */
export const JITTER = 0.2;

/**
 * How long the cloud may not have shown the address here until this node is no longer the one who has had it: enough for an
 * interval, two looks and a slow claim.
 */
export function tenureLapse({ verifyInterval }: TakeoverSettings): Millis {
  return after(seconds(10), millis(2 * verifyInterval));
}

/**
 * How long the cloud must have shown the address here until this node is the one who has it. Longer than the lapse and the
 * oldest read together, so that never two nodes believe it of themselves.
 */
export function tenureStart(settings: TakeoverSettings): Millis {
  return after(tenureLapse(settings), settings.consistencyWindow);
}
