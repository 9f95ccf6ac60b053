import type { IpAddress } from "../base/ip.ts";
import type { Millis } from "../base/units.ts";
import type { Doubt } from "./events.ts";
import type { CallId } from "./state.ts";

/** What the shell does for the core, in the order given. */
export type TakeoverAction =
  | { readonly kind: "call"; readonly call: CallId; readonly operation: Operation }
  | { readonly kind: "abort"; readonly call: CallId }
  /** A peer that is not heard serves: stop advertising, unbind, and wait on hold for it, or for this one from now on. */
  | { readonly kind: "yield"; readonly holder: string; readonly peer: IpAddress }
  /** The one that was waited for does not serve any more: take part in the election again. */
  | { readonly kind: "end-hold" }
  | TakeoverNote;

export type Operation = "claim" | "owner" | "rehearse";

/** For the journal and for people. */
export type TakeoverNote =
  | { readonly kind: "cloud-claimed"; readonly took: Millis; readonly attempts: number }
  | { readonly kind: "cloud-verified"; readonly took: Millis }
  | {
      readonly kind: "cloud-call-failed";
      readonly operation: Operation;
      readonly message: string;
      readonly attempts: number;
    }
  /** The cloud showed another holder, or none, and the claim is repeated. */
  | { readonly kind: "cloud-repair"; readonly holder: string | undefined }
  /** Somebody takes the address again and again; this node holds still until the window is over. */
  | { readonly kind: "cloud-contested"; readonly holder: string }
  | { readonly kind: "cloud-doubted"; readonly cause: Doubt }
  | { readonly kind: "cloud-unknown"; readonly why: string }
  | { readonly kind: "cloud-ready" }
  | { readonly kind: "cloud-not-ready"; readonly obstacles: readonly string[] };
