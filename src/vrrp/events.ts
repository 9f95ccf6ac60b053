import type { IpAddress } from "../base/ip.ts";
import type { Millis } from "../base/units.ts";
import type { RouterSettings } from "./settings.ts";
import type { Fault, HandoverEnd } from "./state.ts";

/** What can happen to a virtual router. */
export type RouterEvent =
  | { readonly kind: "started" }
  | { readonly kind: "stopped" }
  /** An advertisement that {@link admit} let in. */
  | {
      readonly kind: "advert-received";
      readonly from: IpAddress;
      readonly priority: number;
      readonly advertInterval: Millis;
    }
  /** A deadline may have passed. Too early a tick changes nothing. */
  | { readonly kind: "tick" }
  /**
   * Give mastership up without a gap. `patience` is how long a successor is waited for, `linger` how long to serve on beside it;
   * undefined: until `successor-serves`.
   */
  | {
      readonly kind: "handover-asked";
      readonly to: HandoverEnd;
      readonly patience: Millis;
      readonly linger: Millis | undefined;
    }
  /** The cloud shows the addresses at somebody else, who was asked to take them. */
  | { readonly kind: "successor-serves" }
  /**
   * This process slept for `late` longer than it meant to; what was queued meanwhile is read. What was sent meanwhile may be
   * lost all the same, as to a virtual machine that is moved.
   */
  | { readonly kind: "woke-late"; readonly late: Millis }
  /** The cloud shows the address at `peer`, which is not heard and serves: give it up, and wait for that one. */
  | { readonly kind: "yield-asked"; readonly holder: string; readonly peer: IpAddress }
  /** As BACKUP on hold: the one that was waited for does not serve any more, so take part again. */
  | { readonly kind: "hold-ended" }
  /** Every member of the sync group wants to be MASTER, or is it already. */
  | { readonly kind: "group-agreed" }
  /** `member` of the sync group follows another MASTER, so this one cannot stay MASTER alone. */
  | { readonly kind: "group-left"; readonly member: string }
  /** Trackers shifted the priority; the core clamps it to 1..254. */
  | { readonly kind: "priority-changed"; readonly priority: number }
  | { readonly kind: "fault-raised"; readonly fault: Fault }
  | { readonly kind: "fault-cleared"; readonly fault: Fault }
  /** This node flapped: it does not preempt until `set-free`. */
  | { readonly kind: "held-back" | "set-free" }
  /** The interface's primary address changed, where no source address is configured. */
  | { readonly kind: "local-address-changed"; readonly address: IpAddress }
  /** A reload changed settings; the virtual_router_id and the version stay (else it is another router). */
  | { readonly kind: "reconfigured"; readonly settings: RouterSettings };

/** The events that mean something different in each state. */
export type StateEvent = Exclude<
  RouterEvent,
  {
    readonly kind:
      | "stopped"
      | "fault-raised"
      | "fault-cleared"
      | "held-back"
      | "set-free"
      | "local-address-changed";
  }
>;

export type YieldAsked = Extract<RouterEvent, { readonly kind: "yield-asked" }>;

export type GroupLeft = Extract<RouterEvent, { readonly kind: "group-left" }>;

export type HandoverAsked = Extract<RouterEvent, { readonly kind: "handover-asked" }>;

export type AdvertReceived = Extract<RouterEvent, { readonly kind: "advert-received" }>;

/** What changes the settings of a router without moving it to another state. */
export type AdjustingEvent = Extract<RouterEvent, { readonly kind: "priority-changed" | "reconfigured" }>;
