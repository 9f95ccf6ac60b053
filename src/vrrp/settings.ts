import type { Millis } from "../base/units.ts";

export type VrrpVersion = 2 | 3;

/** RFC 9568 §5.2.4: the owner of the addresses; it starts as MASTER and nothing changes its priority. */
export const OWNER_PRIORITY = 255;

/** What the election of one virtual router needs to know. The names are keepalived's. */
export interface RouterSettings {
  readonly version: VrrpVersion;
  /** 1..255 */
  readonly virtualRouterId: number;
  /** Base priority, 1..255; trackers shift the effective one. */
  readonly priority: number;
  /** v2: whole seconds; v3: steps of 10 ms up to 40.95 s. */
  readonly advertInterval: Millis;
  /** False for `nopreempt`: a living MASTER of lower priority is left in peace. */
  readonly preempt: boolean;
  /** How long a lower MASTER is tolerated before it is preempted. */
  readonly preemptDelay: Millis;
  /** Adverts that must be missed before a BACKUP takes over; 3 in the RFCs. */
  readonly downTimerAdverts: number;
  /**
   * `none` where exactly one peer exists: Skew_Time only decides which of several BACKUPs wakes first, and with one there is
   * nobody to wait for.
   */
  readonly skew: "rfc" | "none";
  /** The longest interval that a v3 BACKUP learns from a MASTER: one spoofed 40 s advert must not delay a failover. */
  readonly maxLearnedInterval: Millis;
  /** True: a MASTER does not answer a lower-priority advert (RFC 5798; RFC 9568 answers at once). */
  readonly lowerPrioNoAdvert: boolean;
  /** True: a MASTER that hears a higher priority sends one more advert before it yields. */
  readonly higherPrioSendAdvert: boolean;
  /**
   * In a sync group: it becomes MASTER only together with the others, when the group agrees. `first` is the member with the
   * lowest virtual_router_id, by which two nodes that yield to each other tell who waits longer.
   */
  readonly synced?: "first" | "other";
  /** Hold after start during which nothing is heard and nothing is sent. */
  readonly startupDelay: Millis;
  readonly announcements: AnnouncementSettings;
}

/** When gratuitous ARP goes out beside the burst on becoming MASTER. Zero switches the one in question off. */
export interface AnnouncementSettings {
  /** `garp_master_delay`: the second burst. */
  readonly masterDelay: Millis;
  /** `garp_master_refresh`: every so long while MASTER. */
  readonly masterRefresh: Millis;
  /** `garp_lower_prio_delay`: the second burst after a lower-priority advert was heard. */
  readonly lowerPrioDelay: Millis;
}
