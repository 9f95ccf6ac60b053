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
  /** A node on hold heard adverts again, or was told to take part: the ordinary election goes on. */
  | { readonly kind: "hold-ended" }
  | { readonly kind: "tick" };

/** The events that mean something different in each mode. */
export type AnswerEvent = Extract<
  TakeoverEvent,
  { readonly kind: "claimed" | "ownership-read" | "rehearsed" | "call-failed" | "doubt" | "tick" }
>;

export type Doubt = "lower-priority-heard" | "peer-heard-again" | "woke-late" | "reloaded" | "asked";

/** Who has the VIPs of an instance, all of them taken together; a single one that is elsewhere counts. */
export type Reading =
  | { readonly kind: "mine" }
  | { readonly kind: "nobody" }
  | { readonly kind: "unknown"; readonly why: string }
  | {
      readonly kind: "other";
      readonly holder: string;
      /** The holder is a peer of ours that ranks above this node: priority, then address. */
      readonly outranksMe: boolean;
      /** Its server is stopped or gone. */
      readonly stopped: boolean;
    };

export interface CallFailure {
  readonly retry: "soon" | "slowly";
  readonly message: string;
  /** The cloud named a time to wait. */
  readonly retryAfter?: Millis | undefined;
}
