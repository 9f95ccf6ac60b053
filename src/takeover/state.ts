import type { IpAddress } from "../base/ip.ts";
import type { Millis } from "../base/units.ts";
import type { Chance } from "./backoff.ts";
import type { TakeoverSettings } from "./settings.ts";
import type { Tenure } from "./tenure.ts";

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

interface AnyMode {
  readonly call: CallId | undefined;
  /** When the call under way began; when none is, when the next is due. */
  readonly at: Millis;
}

/** Not MASTER: tries out now and then whether it could be. */
export interface Standby extends AnyMode {
  readonly kind: "standby";
  /** What the last rehearsal found; undefined before the first. */
  readonly ready: boolean | undefined;
}

/** MASTER, and the claim is under way or waits for its next attempt. */
export interface Claiming extends AnyMode {
  readonly kind: "claiming";
  readonly since: Millis;
  readonly attempts: number;
  readonly contests: readonly Contest[];
  readonly tenure: Tenure | undefined;
}

/** MASTER, the claim succeeded (or the cloud agreed from the start), and is looked after. */
export interface Holding extends AnyMode {
  readonly kind: "holding";
  readonly since: Millis;
  /** When the last look began. */
  readonly lookedAt: Millis;
  /** The last successful claim; undefined when none was needed. */
  readonly claimedAt: Millis | undefined;
  readonly verified: boolean;
  /** The last look showed the address elsewhere: a second look in a row counts. */
  readonly contrary: boolean;
  /** A doubt came up during the look that is under way, which may have been answered before: look again. */
  readonly doubted: boolean;
  /**
   * Since the cloud last agreed, a peer was heard that held itself for MASTER. Such a peer has claimed the address, so a look that
   * shows it there says nothing surprising, and needs no second.
   */
  readonly challenged: boolean;
  readonly failures: number;
  readonly contests: readonly Contest[];
  readonly tenure: Tenure | undefined;
}

/** This node claimed the address back from another holder; kept for a while, to see a tug-of-war. */
export interface Contest {
  readonly holder: string;
  readonly at: Millis;
}

/** Gave the address up to a peer that it cannot hear. */
export interface OnHold extends AnyMode {
  readonly kind: "on-hold";
  readonly since: Millis;
  readonly holder: string;
  readonly peer: IpAddress;
  readonly failures: number;
  /** The last look showed that nobody serves: a second look in a row counts. */
  readonly free: boolean;
  /** Since when the looks show the address with somebody who is heard, or is no peer. */
  readonly elsewhereSince: Millis | undefined;
}
