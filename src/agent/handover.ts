import { type Millis, millis, seconds } from "../base/units.ts";
import type { HandoverAsked } from "../vrrp/events.ts";
import type { HandoverEnd } from "../vrrp/state.ts";

/** A successor needs Skew_Time at most, below 1 s; the process shall be gone within that second. */
const PATIENCE: Millis = millis(800);
/** Where an API call moves the addresses, the successor has to make it first. */
const CLOUD_PATIENCE: Millis = seconds(5);
/** The successor advertises first; binding and announcing take it some milliseconds more. */
const LINGER: Millis = millis(50);

/** How a handover is asked for, of an instance whose addresses a cloud moves or not. */
export function handoverTo(to: HandoverEnd, { cloudMoves }: { readonly cloudMoves: boolean }): HandoverAsked {
  return {
    kind: "handover-asked",
    to,
    patience: cloudMoves ? CLOUD_PATIENCE : PATIENCE,
    linger: cloudMoves ? undefined : LINGER,
  };
}
