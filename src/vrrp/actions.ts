import type { IpAddress } from "../base/ip.ts";
import type { Millis } from "../base/units.ts";
import type { Fault, RouterStateName, TakeoverCause } from "./state.ts";

/**
 * What the shell does for the core, in the order given: the order is part of the contract. On taking over the peers hear
 * of it first and the journal last; on giving up the peers hear of it before the addresses go, as in keepalived.
 */
export type Action =
  | { readonly kind: "send-advert"; readonly priority: number }
  /** Bind every address of the instance. */
  | { readonly kind: "bind" }
  /** Remove every address of the instance, whatever prefix length it is there with. */
  | { readonly kind: "unbind" }
  /** Gratuitous ARP for every address, after a `bind` before it is through. */
  | { readonly kind: "announce"; readonly burst: AnnouncementBurst }
  /** Gratuitous ARP for our own source address, so that a peer whose entry went stale can reach us. */
  | { readonly kind: "announce-source" }
  | {
      readonly kind: "transition";
      readonly from: RouterStateName;
      readonly to: RouterStateName;
      readonly reason: TransitionReason;
    }
  /** As MASTER. Somebody else may have been MASTER meanwhile: what the cloud shows needs a look. */
  | { readonly kind: "lower-priority-heard"; readonly from: IpAddress; readonly priority: number }
  /** A planned handover began: claim nothing any more, and watch for the successor. */
  | { readonly kind: "handing-over" }
  /** Nobody took over in time, and this node goes on as MASTER. */
  | { readonly kind: "handover-failed" }
  /** v3 BACKUP: the MASTER's interval, `capped` when it announced more than is learned. */
  | { readonly kind: "interval-learned"; readonly interval: Millis; readonly capped: boolean };

export type AnnouncementBurst =
  | "master"
  | "master-repeat"
  | "refresh"
  | "lower-priority"
  | "lower-priority-repeat";

export type TransitionReason =
  | { readonly kind: "started" }
  | { readonly kind: "owner" }
  | { readonly kind: "stopped" }
  | { readonly kind: "took-over"; readonly cause: TakeoverCause }
  | { readonly kind: "yielded"; readonly to: IpAddress; readonly priority: number }
  | { readonly kind: "handed-over"; readonly to: IpAddress }
  | { readonly kind: "nobody-took-over" }
  | { readonly kind: "gave-up"; readonly holder: string }
  /** `member` of the same sync group is BACKUP, so this one is, too. */
  | { readonly kind: "followed-group"; readonly member: string }
  | { readonly kind: "fault"; readonly faults: readonly Fault[] }
  | { readonly kind: "fault-over" };
