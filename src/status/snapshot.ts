import type { IpAddress } from "../base/ip.ts";

export type RouterStateName = "INIT" | "BACKUP" | "MASTER" | "FAULT";

export interface LatenessRecord {
  readonly samples: number;
  readonly maxMs: number;
  /** 999 of 1000 were not later than this. */
  readonly p999Ms: number;
}

/** What a running agent says of itself. The JSON form is what `cloudvip status --json` prints; it is versioned. */
export interface AgentSnapshot {
  readonly version: 1;
  readonly routerId: string;
  readonly cloudvipVersion: string;
  readonly pid: number;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly configFile: string;
  /** Null in the moment before the agent listens. */
  readonly socketAdapter: "raw-socket" | "libc" | null;
  /** How late the agent's timer fired so far, in milliseconds; null before the agent listens. */
  readonly lateness: LatenessRecord | null;
  /** What the kernel grants the thread that elects; null before the agent listens. */
  readonly granted: {
    readonly policy: "SCHED_RR" | "SCHED_OTHER";
    readonly nice: number;
    /** `locked`: code stays in memory once it was used; or the errno's name of the refusal. Null in the first seconds. */
    readonly memoryLock: string | null;
  } | null;
  readonly instances: readonly InstanceSnapshot[];
  readonly syncGroups: readonly SyncGroupSnapshot[];
  readonly trackers: readonly TrackerSnapshot[];
  readonly channels: readonly ChannelSnapshot[];
  /** Refused packets that belong to no instance, by reason. */
  readonly refused: Readonly<Record<string, number>>;
}

/** One entry of `notify: channels`; counted since the service thread started, and at most a second old. */
export interface ChannelSnapshot {
  readonly name: string;
  readonly type: string;
  /** Notifications that wait, or are on their way. */
  readonly queued: number;
  readonly delivered: number;
  /** Attempts that have to be repeated. */
  readonly retried: number;
  /** Notifications that went out in a message of others. */
  readonly merged: number;
  /** Given up, by reason: `queue-full`, `too-old`, `rejected` by the receiver. */
  readonly dropped: Readonly<Record<string, number>>;
  /** For so long the receiver's limit or its trouble holds back what waits; null while nothing does. */
  readonly blockedForMs: number | null;
  /** Why the receiver takes nothing at present. */
  readonly trouble: string | null;
}

/** One `vrrp_sync_group`. */
export interface SyncGroupSnapshot {
  readonly name: string;
  readonly state: RouterStateName;
  /** Why it is in this state, in words, and since when (ISO 8601). */
  readonly reason: string;
  readonly since: string;
  readonly instances: readonly string[];
}

/** One entry of `track` that an instance uses. */
export interface TrackerSnapshot {
  readonly name: string;
  readonly kind: "script" | "tcp" | "http" | "ping" | "process" | "file" | "interface";
  /** `unknown` before the first result; `value` of a file. */
  readonly state: "unknown" | "up" | "down" | "value";
  /** The number in the file, null for other kinds. */
  readonly value: number | null;
  /** The evidence that came with the state, for people. */
  readonly detail: string;
  /** Something that is well now and will not stay so. */
  readonly warning: string | null;
  /** ISO 8601; null before the first result. */
  readonly since: string | null;
}

export interface InstanceSnapshot {
  readonly name: string;
  readonly interfaceName: string;
  readonly virtualRouterId: number;
  readonly vrrpVersion: 2 | 3;
  readonly state: RouterStateName;
  /** Why it is in this state, in words. */
  readonly reason: string;
  /** ISO 8601. */
  readonly since: string;
  /** The sync group that it is in. */
  readonly syncGroup: string | null;
  /** Whether it, or its group, changes its state too often at present. */
  readonly flapping: boolean;
  /** For so long it does not preempt, because its own health made it flap; null when it may. */
  readonly heldBackForMs: number | null;
  readonly basePriority: number;
  readonly effectivePriority: number;
  readonly advertIntervalMs: number;
  readonly sourceAddress: IpAddress | null;
  /** The MASTER as this node knows it: itself, the last one heard, or null. */
  readonly master: { readonly address: IpAddress; readonly priority: number } | null;
  /** Until a BACKUP takes over unless it hears an advert; null in other states. */
  readonly masterDownInMs: number | null;
  /** A BACKUP whose timer has ended, and that waits for the other instances of its sync group. */
  readonly waitsForGroup: boolean;
  readonly virtualAddresses: readonly {
    readonly address: string;
    readonly interfaceName: string;
    readonly bound: boolean;
  }[];
  readonly peers: readonly PeerSnapshot[];
  readonly counters: InstanceCounters;
}

export interface PeerSnapshot {
  readonly address: IpAddress;
  /** Milliseconds since its last valid advert, null when none was heard. A healthy BACKUP sends none. */
  readonly lastAdvertAgoMs: number | null;
  readonly lastPriority: number | null;
  /** Which VRRPv3 checksum form its last advert had. */
  readonly checksumForm: "rfc5798" | "rfc9568" | null;
  /** How late its adverts came, in milliseconds; null when none was heard. */
  readonly advertLateness: LatenessRecord | null;
}

export interface InstanceCounters {
  readonly advertsSent: number;
  readonly advertsReceived: number;
  readonly becameMaster: number;
  readonly releasedMaster: number;
  readonly priorityZeroSent: number;
  readonly priorityZeroReceived: number;
  readonly sendErrors: number;
  /** Refused packets by reason. */
  readonly refused: Readonly<Record<string, number>>;
}
