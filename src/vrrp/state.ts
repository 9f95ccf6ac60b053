import type { IpAddress } from "../base/ip.ts";
import { type Millis, millis } from "../base/units.ts";
import type { RouterSettings } from "./settings.ts";

/**
 * One virtual router on one node, between two events. keepalived's names: RFC 9568 calls INIT Initialize, MASTER Active.
 * FAULT is INIT with a reason to stay there.
 */
export interface VirtualRouter {
  readonly settings: RouterSettings;
  /** Our own address in the tie-break between equal priorities. */
  readonly localAddress: IpAddress;
  /** Base priority shifted by trackers, 1..254; the owner's stays 255. */
  readonly priority: number;
  /** What keeps the router in FAULT; kept in every state, because it can vanish and come back before the start. */
  readonly faults: readonly Fault[];
  /** The end of the start-up hold, when the router was started. */
  readonly heldUntil: Millis | undefined;
  /** A living MASTER of lower priority is left in peace for now: this node flapped. */
  readonly heldBack?: true;
  readonly state: RouterState;
}

/** The router in another state. Written out, because a spread costs several times as much, and this is done for every advert. */
export function withState(router: VirtualRouter, state: RouterState): VirtualRouter {
  if (router.heldBack) return { ...router, state };
  const { settings, localAddress, priority, faults, heldUntil } = router;
  return { settings, localAddress, priority, faults, heldUntil, state };
}

export type Fault = HostFault | TrackerFault | SiblingFault | "maintenance";

/** Something that the host lacks. */
export type HostFault = "interface-missing" | "interface-down" | "source-address-missing";

/** A tracker of weight 0 that is down, by its name. */
export type TrackerFault = `tracker:${string}`;

/** Another member of the same sync group that is in FAULT by itself, by its name. */
export type SiblingFault = `sibling:${string}`;

export function isSiblingFault(fault: Fault): fault is SiblingFault {
  return fault.startsWith("sibling:");
}

export function isTrackerFault(fault: Fault): fault is TrackerFault {
  return fault.startsWith("tracker:");
}

export function isHostFault(fault: Fault): fault is HostFault {
  return fault !== "maintenance" && !isTrackerFault(fault) && !isSiblingFault(fault);
}

/** A state carries only what is true in it, its deadlines included, so that no stale timer can exist. */
export type RouterState =
  | { readonly kind: "INIT" }
  | BackupState
  | MasterState
  | LeavingState
  | { readonly kind: "FAULT" };

export interface BackupState {
  readonly kind: "BACKUP";
  /** v3: learned from the MASTER (RFC 9568 §6.1 Active_Adver_Interval); v2: our own. */
  readonly masterAdvertInterval: Millis;
  /** {@link NEVER} while on hold: the cloud shows the address at a peer that is not heard, and silence proves nothing. */
  readonly masterDownAt: Millis;
  /** On hold: that peer. Others may have taken over on this side and are about to give way as well. */
  readonly heldFor: IpAddress | undefined;
  /** The last one whose advert was accepted. */
  readonly master: HeardMaster | undefined;
  /** While preempt_delay runs: when lower-priority adverts stop being accepted. */
  readonly preemptAt: Millis | undefined;
  /** After a planned handover: a lower MASTER is left in peace until it goes by itself. */
  readonly preemptSuspended?: true;
  /** In a sync group: the timer has run out, and the others of the group are waited for. */
  readonly wantsMaster?: true;
  /** In a sync group, after yielding: no advert makes the timer end before this. */
  readonly notBefore?: Millis;
  /** Why this node takes over if the timer runs out now. */
  readonly cause: TakeoverCause;
}

export interface MasterState {
  readonly kind: "MASTER";
  readonly advertiseAt: Millis;
  /** The second burst of gratuitous ARP, after becoming MASTER or after a lower-priority advert. */
  readonly announceAt: { readonly at: Millis; readonly burst: "master" | "lower-priority" } | undefined;
  readonly refreshAt: Millis | undefined;
  /** Lower-priority adverts before this are not answered again: else a flood of them makes this node a reflector. */
  readonly answerAt: Millis;
}

/**
 * MASTER in a planned handover: priority 0 is said, and the addresses are served on until the successor is heard. For people
 * this is MASTER still.
 */
export interface LeavingState {
  readonly kind: "LEAVING";
  /** The end at the latest, successor or not. */
  readonly until: Millis;
  readonly to: HandoverEnd;
  readonly successor: HeardMaster | undefined;
  /** How long to serve on beside a successor that was heard; undefined: until the cloud shows the addresses there. */
  readonly linger: Millis | undefined;
}

/** Where a handover leads: the process ends, the node goes on as BACKUP, or it waits in FAULT for maintenance to end. */
export type HandoverEnd = "INIT" | "BACKUP" | "FAULT";

/** The states as people and scripts know them. */
export type RouterStateName = Exclude<RouterState["kind"], "LEAVING">;

export function stateName({ kind }: RouterState): RouterStateName {
  return kind === "LEAVING" ? "MASTER" : kind;
}

export interface HeardMaster {
  readonly address: IpAddress;
  readonly priority: number;
}

export type TakeoverCause = "nobody-heard" | "master-silent" | "master-left" | "master-lower";

export const NEVER: Millis = millis(Number.POSITIVE_INFINITY);

export const INIT: RouterState = { kind: "INIT" };
export const FAULT: RouterState = { kind: "FAULT" };
