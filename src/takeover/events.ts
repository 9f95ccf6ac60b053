import type { IpAddress } from "../base/ip.ts";
import type { Millis } from "../base/units.ts";
import type { CallId } from "./state.ts";

export type TakeoverEvent =
  | { readonly kind: "mastership-gained" }
  /** BACKUP, FAULT or INIT, for any reason but `yield`. */
  | { readonly kind: "mastership-lost" }
  | { readonly kind: "claimed"; readonly call: CallId }
  | { readonly kind: "ownership-read"; readonly call: CallId; readonly reading: Reading }
  | { readonly kind: "rehearsed"; readonly call: CallId; readonly obstacles: readonly string[] }
  | { readonly kind: "call-failed"; readonly call: CallId; readonly failure: CallFailure }
  /** The thread that carried out the calls was started anew; what was under way has no answer. */
  | { readonly kind: "calls-lost" }
  /** Something happened after which the cloud may show another holder: look now. */
  | { readonly kind: "doubt"; readonly cause: Doubt }
  /** This node did not run for longer than its peers would wait: nothing is claimed before it has listened until then. */
  | { readonly kind: "woke-late"; readonly listenUntil: Millis }
  /** A node on hold heard adverts again, or was told to take part: the ordinary election goes on. */
  | { readonly kind: "hold-ended" }
  | { readonly kind: "tick" };

/** The events that mean something different in each mode. */
export type ModeEvent = Extract<
  TakeoverEvent,
  {
    readonly kind:
      | "claimed"
      | "ownership-read"
      | "rehearsed"
      | "call-failed"
      | "calls-lost"
      | "doubt"
      | "woke-late"
      | "tick";
  }
>;

export type Doubt = "lower-priority-heard" | "peer-heard-again" | "woke-late" | "reloaded" | "asked";

/** Who has the VIPs of an instance, all of them taken together; a single one that is elsewhere counts. */
export type Reading =
  | { readonly kind: "mine" }
  | { readonly kind: "nobody" }
  | { readonly kind: "unknown"; readonly why: string }
  | OtherHolder;

export interface OtherHolder {
  readonly kind: "other";
  /** In the cloud's words. */
  readonly holder: string;
  /** Which of our peers it is; undefined for a stranger. */
  readonly peer: { readonly address: IpAddress; readonly heard: boolean } | undefined;
  /** Its server is stopped or gone. */
  readonly stopped: boolean;
}

export interface CallFailure {
  readonly retry: "soon" | "slowly";
  readonly message: string;
  /** The cloud named a time to wait. */
  readonly retryAfter?: Millis | undefined;
}

/** What a call ends with whose answer cannot come any more. */
export const LOST_CALL: CallFailure = { retry: "soon", message: "the service thread was restarted" };
