import type { Fault, SiblingFault, TrackerFault } from "../../vrrp/state.ts";
import type { InstanceFacts, Notification, NotifiedEvent, PHASE_NAMES, Severity } from "../notification.ts";

export const LANGUAGES = ["en", "zh"] as const;

export type Language = (typeof LANGUAGES)[number];

/** What a language has to be able to say. Titles stand alone in a push message; reasons and advice are whole sentences. */
export interface Phrases {
  readonly severity: Record<Severity, string>;
  readonly labels: Record<Label, string>;
  readonly phases: Record<(typeof PHASE_NAMES)[number], string>;
  title(event: NotifiedEvent, where: Where): string;
  why(event: NotifiedEvent): string;
  /** What to do next. */
  advice(event: NotifiedEvent, where: Where): string;
  /** A check's last words. */
  check(ok: boolean): string;
  duration(ms: number): string;
  /** The heading of several notifications in one message. */
  several(count: number, node: string): string;
  /** Notifications that this channel never got. */
  dropped(count: number): string;
  /** Lines that did not fit into the message. */
  more(count: number): string;
  repeated(count: number): string;
}

export type Label =
  | "why"
  | "node"
  | "instance"
  | "group"
  | "addresses"
  | "before"
  | "silence"
  | "phases"
  | "held"
  | "check"
  | "time"
  | "advice";

/** Names for the titles. */
export interface Where {
  readonly node: string;
  /** The instance with its addresses, such as `VI_1 (10.0.0.10/32)`; the agent where no instance is concerned. */
  readonly subject: string;
}

/** So many addresses are named in a title; a group may have hundreds. */
const SHOWN_ADDRESSES_MAX = 3;

export function whereOf({ node, instance, group }: Notification): Where {
  const about = group ?? instance;
  return { node, subject: about ? `${about.name} (${addressesOf(about)})` : "cloudvip" };
}

export function addressesOf({ addresses }: Pick<InstanceFacts, "addresses">): string {
  const shown = addresses.slice(0, SHOWN_ADDRESSES_MAX).join(", ");
  const rest = addresses.length - SHOWN_ADDRESSES_MAX;
  return rest > 0 ? `${shown}, +${rest}` : shown || "-";
}

const TRACKER = "tracker:";

export function isOfTracker(fault: Fault): fault is TrackerFault {
  return fault.startsWith(TRACKER);
}

const SIBLING = "sibling:";

export function isOfSibling(fault: Fault): fault is SiblingFault {
  return fault.startsWith(SIBLING);
}

/** The name of the member of the sync group that a fault is about. */
export function siblingOf(fault: SiblingFault): string {
  return fault.slice(SIBLING.length);
}

/** The name of the tracker that a fault is about. */
export function trackerOf(fault: TrackerFault): string {
  return fault.slice(TRACKER.length);
}
