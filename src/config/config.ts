import type { IpAddress } from "../base/ip.ts";
import type { Millis } from "../base/units.ts";
import type { RouterSettings } from "../vrrp/settings.ts";
import type { HooksConfig } from "./hooks-config.ts";
import type { NotifyConfig } from "./notify-config.ts";
import type { TrackConfig, TrackerConfig } from "./track-config.ts";

/** A checked configuration with every default filled in: what the agent runs on, whichever file format it came from. */
export interface Config {
  /** Names this node in logs and status; the host name by default. */
  readonly routerId: string;
  /** The path of the local socket that `cloudvip status` asks. */
  readonly controlSocket: string;
  /** An interface that is missing is awaited, not refused. */
  readonly dynamicInterfaces: boolean;
  /** The path of keepalived's pipe for changes of state. */
  readonly notifyFifo: string | undefined;
  /** Those that an instance tracks. */
  readonly trackers: readonly TrackerConfig[];
  readonly instances: readonly InstanceConfig[];
  readonly syncGroups: readonly SyncGroupConfig[];
  readonly flapping: FlappingConfig;
  /** Who is told what happens; undefined for nobody but the log. */
  readonly notify: NotifyConfig | undefined;
  readonly sources: ConfigSources;
}

/** Where a configuration came from: files whose permissions matter. */
export interface ConfigSources {
  /** The file itself, and those that it includes. */
  readonly files: readonly string[];
  /** One of them holds a secret in its text. */
  readonly holdSecret: boolean;
  /** Files that hold nothing but a secret. */
  readonly secretFiles: readonly string[];
}

/** When an instance or a sync group counts as flapping, and what follows from it. */
export interface FlappingConfig {
  /** More changes of state than this within the window. */
  readonly transitions: number;
  readonly window: Millis;
  /** So long after the last of them a node that causes it does not preempt; 0 for never. */
  readonly hold: Millis;
}

/** One `vrrp_sync_group`: instances that are MASTER together, or not at all. */
export interface SyncGroupConfig {
  readonly name: string;
  /** The names of its instances. What the group tracks is in their `track`. */
  readonly members: readonly string[];
  readonly hooks: HooksConfig;
}

/** One `vrrp_instance`. */
export interface InstanceConfig {
  readonly name: string;
  readonly interfaceName: string;
  readonly router: RouterSettings;
  /** The sync group that it is in. */
  readonly syncGroup: string | undefined;
  /** `unicast_src_ip`; undefined means the interface's first IPv4 address, read when the instance starts. */
  readonly sourceAddress: IpAddress | undefined;
  readonly peers: readonly PeerConfig[];
  /** TTL of the adverts that we send. */
  readonly unicastTtl: number;
  /** Refuse adverts whose source is not in `peers`. */
  readonly checkUnicastSrc: boolean;
  /** `track_src_ip`: FAULT while the source address is missing. */
  readonly trackSrcIp: boolean;
  /** False for `dont_track_primary`: the state of `interfaceName` is ignored. */
  readonly trackPrimary: boolean;
  readonly checksum: ChecksumSettings;
  /** v2 `auth_type PASS`: at most 8 bytes of Latin-1 text; undefined means no authentication. */
  readonly authPass: string | undefined;
  /** Listed in the adverts, in this order. */
  readonly virtualAddresses: readonly VirtualAddress[];
  /** Bound and announced, but not listed in the adverts. */
  readonly excludedAddresses: readonly VirtualAddress[];
  readonly garp: GarpBursts;
  /** What shifts the priority, or keeps the instance in FAULT. */
  readonly track: readonly TrackConfig[];
  readonly hooks: HooksConfig;
  /** The cloud that moves the addresses; undefined where gratuitous ARP alone does. */
  readonly provider: ProviderConfig | undefined;
}

/** The `provider` block of an instance. */
export interface ProviderConfig {
  /** A built-in name, an npm package, or the path of a module. */
  readonly name: string;
  /** What only this provider understands; it checks them itself. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly verifyInterval: Millis;
  readonly consistencyWindow: Millis;
  readonly rehearseInterval: Millis;
}

export interface PeerConfig {
  readonly address: IpAddress;
  /** Lowest TTL accepted from this peer; undefined means 255 on the same subnet and any TTL across routers. */
  readonly minTtl: number | undefined;
  readonly maxTtl: number | undefined;
}

/** Which VRRPv3 checksum form is sent, and which are accepted. v2 knows one form only. */
export interface ChecksumSettings {
  /** `rfc5798` includes the pseudo-header (keepalived's default), `rfc9568` does not (`v3_checksum_as_v2`). */
  readonly send: "rfc5798" | "rfc9568";
  readonly accept: "either" | "rfc5798" | "rfc9568";
}

/** One line of `virtual_ipaddress`. */
export interface VirtualAddress {
  readonly address: IpAddress;
  /** 32 unless the file says otherwise, as in keepalived. */
  readonly prefixLength: number;
  /** The instance's interface unless `dev` names another. */
  readonly interfaceName: string;
  /** Such as `eth0:9`, at most 15 characters. */
  readonly label: string | undefined;
  /** True: someone else may remove the address without it being put back. */
  readonly noTrack: boolean;
}

/** How many gratuitous ARPs make a burst, and their spacing. */
export interface GarpBursts {
  readonly masterRepeat: number;
  readonly masterRefreshRepeat: number;
  readonly lowerPrioRepeat: number;
  /** Pause between two frames on one interface; 0 sends them back to back. */
  readonly interval: Millis;
}
