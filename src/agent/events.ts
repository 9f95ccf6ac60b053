import type { IpAddress } from "../base/ip.ts";
import type { TakeoverNote } from "../takeover/actions.ts";
import type { TrackerState } from "../track/influence.ts";
import type { Action } from "../vrrp/actions.ts";
import type { Remark } from "../vrrp/admission.ts";
import type { Refusal } from "../vrrp/refusal.ts";
import type { Circumstances } from "./circumstances.ts";
import type { PhaseTimes } from "./phases.ts";

/** What an instance tells the outside: the journal writes it, and everything that informs people starts from it. */
export type InstanceEvent =
  | (Extract<Action, { readonly kind: "transition" }> & Circumstances)
  | Extract<
      Action,
      {
        readonly kind: "handing-over" | "handover-failed" | "lower-priority-heard" | "interval-learned";
      }
    >
  | { readonly kind: "packet-refused"; readonly reason: Refusal; readonly source: IpAddress }
  | { readonly kind: "packet-remarked"; readonly remark: Remark; readonly source: IpAddress }
  | { readonly kind: "send-failed"; readonly destination: IpAddress; readonly error: string }
  | { readonly kind: "announce-failed"; readonly address: IpAddress; readonly error: string }
  | AddressEvent
  | TrackerEvent
  | FlapEvent
  /** The failover is through: the addresses are announced, and where a cloud moves them, it shows them here. */
  | { readonly kind: "serving"; readonly phases: PhaseTimes }
  | TakeoverNote;

/** What a sync group tells the outside: all its members are in another state, of which `member` began. */
export type GroupTransition = Omit<Extract<Action, { readonly kind: "transition" }>, "kind"> &
  Circumstances & { readonly kind: "group-transition"; readonly member: string };

export type GroupEvent = GroupTransition | FlapEvent;

export type FlapEvent =
  /** So many changes of state within so short a time; `heldForMs` when this node does not preempt for so long. */
  | {
      readonly kind: "flapping";
      readonly transitions: number;
      readonly withinMs: number;
      readonly heldForMs: number | null;
    }
  /** No change for a while after that. */
  | { readonly kind: "settled"; readonly transitions: number }
  /** This node may preempt again: the time is over, or somebody asked for it. */
  | { readonly kind: "hold-over"; readonly why: "over" | "asked" };

export type TrackerEvent =
  | {
      readonly kind: "tracker-changed";
      readonly tracker: string;
      readonly state: TrackerState;
      /** What the check saw, or the last line that its script printed. */
      readonly detail: string;
    }
  | { readonly kind: "tracker-warning"; readonly tracker: string; readonly warning: string }
  /** Trackers shifted the effective priority. */
  | { readonly kind: "priority-changed"; readonly from: number; readonly to: number };

export type AddressEvent =
  | {
      readonly kind: "address-failed";
      readonly doing: "bind" | "unbind";
      readonly address: string;
      readonly interfaceName: string;
      readonly error: string;
    }
  /** Someone else removed a VIP from a MASTER; it is being put back. */
  | { readonly kind: "address-put-back"; readonly address: string; readonly interfaceName: string };
