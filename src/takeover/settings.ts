import { type Millis, millis, seconds } from "../base/units.ts";

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

/** The second look after a contradiction: soon, because the address may be gone. */
export const SECOND_LOOK: Millis = millis(500);
/** Claims against a holder of lower rank within {@link CONTEST_WINDOW}; more would be a tug-of-war that nobody wins. */
export const CONTESTED_CLAIMS_MAX = 3;
export const CONTEST_WINDOW: Millis = seconds(60);
/** A shift of every periodic look, so that the nodes of a group do not ask in step. */
export const JITTER = 0.2;
