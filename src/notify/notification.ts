import type { TakeoverNote } from "../takeover/actions.ts";
import type { Action, TransitionReason } from "../vrrp/actions.ts";

/** From harmless to urgent: `critical` means that somebody should look at it now. */
export const SEVERITIES = ["info", "warning", "critical"] as const;

export type Severity = (typeof SEVERITIES)[number];

/** What the agent tells of itself when something happened; plain data, on its way to the service thread. */
export interface Occurrence {
  /** ISO 8601, of this node's clock. */
  readonly at: string;
  /** The `router_id`. */
  readonly node: string;
  /** Null for what concerns a sync group, or the agent as a whole. */
  readonly instance: InstanceFacts | null;
  /** The sync group that it concerns, where it does. */
  readonly group?: GroupFacts;
  readonly event: NotifiedEvent;
}

/**
 * What people and programs are told. This is the JSON of the `webhook` channel and of the spool; fields are added within a
 * version, never removed or given another meaning.
 */
export interface Notification extends Occurrence {
  readonly version: 1;
  /** The same in every copy, so that a receiver that gets it twice can tell. */
  readonly id: string;
  readonly severity: Severity;
  /** Whether trouble began or all trouble of this instance on this node is over. */
  readonly incident: "open" | "close" | null;
  /** That many equal ones before it were left out. */
  readonly repeated: number;
}

/** The instance at the moment of the event. */
export interface InstanceFacts {
  readonly name: string;
  readonly virtualRouterId: number;
  readonly interfaceName: string;
  /** The virtual addresses, with prefix lengths. */
  readonly addresses: readonly string[];
  /** The effective priority. */
  readonly priority: number;
  /** The sync group that it is in: its changes of state are told of the group. */
  readonly syncGroup?: string;
}

/** A `vrrp_sync_group` at the moment of the event. */
export interface GroupFacts {
  readonly name: string;
  readonly instances: readonly string[];
  /** Of all its instances, with prefix lengths. */
  readonly addresses: readonly string[];
}

export type NotifiedEvent =
  | TransitionEvent
  /** All instances of a sync group are in another state; the rest is about `member`, which began. */
  | (Omit<TransitionEvent, "kind"> & { readonly kind: "group-transition"; readonly member: string })
  /** The failover is through. */
  | { readonly kind: "serving"; readonly phases: Phases }
  | Extract<Action, { readonly kind: "lower-priority-heard" | "handover-failed" }>
  | {
      readonly kind: "address-failed";
      readonly doing: "bind" | "unbind";
      readonly address: string;
      readonly interfaceName: string;
      readonly error: string;
    }
  | { readonly kind: "address-put-back"; readonly address: string; readonly interfaceName: string }
  | { readonly kind: "announce-failed"; readonly address: string; readonly error: string }
  | TakeoverNote
  | { readonly kind: "service-thread-restarted"; readonly why: string }
  /** Transitions came so fast that they are no longer told one by one; `heldForMs`: this node does not preempt for so long. */
  | {
      readonly kind: "flapping";
      readonly transitions: number;
      readonly withinMs: number;
      readonly heldForMs: number | null;
    }
  /** This node may preempt again. */
  | { readonly kind: "hold-over"; readonly why: "over" | "asked" }
  /** No transition for a while after `flapping`. */
  | { readonly kind: "settled"; readonly transitions: number; readonly state: StateName }
  /** `cloudvip notify --test`. */
  | { readonly kind: "test" };

export type StateName = Extract<Action, { readonly kind: "transition" }>["to"];

export interface TransitionEvent {
  readonly kind: "transition";
  readonly from: StateName;
  readonly to: StateName;
  readonly reason: TransitionReason;
  /** The MASTER that this node followed before; null when it knew none. */
  readonly previousOwner: { readonly address: string; readonly priority: number } | null;
  /** How long the state before lasted. */
  readonly heldForMs: number | null;
  /** How long no advert had come in when a BACKUP took over. */
  readonly silentForMs: number | null;
  /** What the checks of the instance said last, failed ones first. */
  readonly checks: readonly CheckOutput[];
}

/** Of an instance, or of a sync group as a whole. */
export function isTransition(
  event: NotifiedEvent,
): event is Extract<NotifiedEvent, { readonly kind: "transition" | "group-transition" }> {
  return event.kind === "transition" || event.kind === "group-transition";
}

/** What an event is about: the same name for what belongs together, and no name for the agent as a whole. */
export function subjectKeyOf({ instance, group }: Pick<Occurrence, "instance" | "group">): string {
  if (group) return `group ${group.name}`;
  return instance?.name ?? "";
}

export interface CheckOutput {
  readonly name: string;
  readonly ok: boolean;
  readonly output: string;
}

export const PHASE_NAMES = ["detect", "elect", "bind", "announce", "claim", "verify"] as const;

/** Milliseconds; a phase that did not take place is missing. */
export type Phases = { readonly [Name in (typeof PHASE_NAMES)[number]]?: number };
