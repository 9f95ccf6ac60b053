import type { Millis } from "../base/units.ts";
import type { Chance } from "./backoff.ts";
import type { TakeoverSettings } from "./settings.ts";

/** Names one call to the provider; answers to any but the one under way come too late and are dropped. */
export type CallId = number & { readonly __kind: "call" };

/** From MASTER to "the cloud agrees", for one instance on one node. */
export interface Takeover {
  readonly settings: TakeoverSettings;
  readonly chance: Chance;
  readonly lastCall: CallId;
  readonly mode: TakeoverMode;
}

export type TakeoverMode = Standby | Claiming | Holding | OnHold;

/** Not MASTER: tries out now and then whether it could be. */
export interface Standby {
  readonly kind: "standby";
  readonly call: CallId | undefined;
  /** The next rehearsal. */
  readonly at: Millis;
  /** What the last rehearsal found; undefined before the first. */
  readonly ready: boolean | undefined;
}

/** MASTER, and the claim is under way or waits for its next attempt. */
export interface Claiming {
  readonly kind: "claiming";
  readonly call: CallId | undefined;
  /** The next attempt; counts when no call is under way. */
  readonly at: Millis;
  readonly since: Millis;
  readonly attempts: number;
  readonly contests: readonly Millis[];
}

/** MASTER, the claim succeeded (or the cloud agreed from the start), and is looked after. */
export interface Holding {
  readonly kind: "holding";
  readonly call: CallId | undefined;
  /** The next look. */
  readonly at: Millis;
  readonly since: Millis;
  /** The last successful claim; undefined when none was needed. */
  readonly claimedAt: Millis | undefined;
  readonly verified: boolean;
  /** The holder that the last look showed, if it was not this node: a second look in a row counts. */
  readonly contrary: { readonly holder: string } | undefined;
  readonly failures: number;
  /** When this node claimed against another holder, within the window. */
  readonly contests: readonly Millis[];
}

/** Gave the address up to a higher-ranked holder that it cannot hear. */
export interface OnHold {
  readonly kind: "on-hold";
  readonly call: CallId | undefined;
  readonly at: Millis;
  readonly holder: string;
  readonly failures: number;
}
