import type { Millis } from "../base/units.ts";

/** What became of one attempt to deliver. */
export type Outcome =
  | { readonly kind: "delivered" }
  /** It may work later: no answer, too fast, the receiver is broken. */
  | { readonly kind: "failed"; readonly why: string; readonly retryAfter?: Millis | undefined }
  /** The receiver takes nothing from us before a person has changed something; tried again now and then. */
  | { readonly kind: "refused"; readonly why: string; readonly hint: string }
  /** The receiver will never take this message. */
  | { readonly kind: "rejected"; readonly why: string };

export const DELIVERED: Outcome = { kind: "delivered" };
