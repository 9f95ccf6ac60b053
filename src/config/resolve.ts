import { type Millis, millis, seconds } from "../base/units.ts";
import { resolveNotify } from "./channels.ts";
import type { Config, ConfigSources, InstanceConfig, ProviderConfig, VirtualAddress } from "./config.ts";
import { ownOptions } from "./provider-block.ts";
import { joinGroups, resolveGroups } from "./resolve-sync-group.ts";
import { resolveHooks, resolveTrack, resolveTrackers } from "./resolve-track.ts";
import type { ConfigDocument, InstanceDocument } from "./schema.ts";
import type { VirtualAddressDocument } from "./schema-addresses.ts";
import { globalSchema } from "./schema-global.ts";
import { OWNER_PRIORITY, V3_INTERVAL_MAX_SECONDS } from "./schema-instance.ts";
import type { ChannelSecrets } from "./secrets.ts";

/** What a file leaves to its surroundings. */
export interface Surroundings {
  readonly hostName: string;
  /** `auth_pass` by instance name, as Latin-1 text. */
  readonly passwords: ReadonlyMap<string, string>;
  /** What the channels must not tell, by channel name; undefined where there are none. */
  readonly channels?: ReadonlyMap<string, ChannelSecrets>;
  /** Undefined where no file was read. */
  readonly sources?: ConfigSources;
}

/** Turns a checked file into what the agent runs on: every default that depends on another option is filled in here. */
export function resolveConfig(document: ConfigDocument, surroundings: Surroundings): Config {
  const globals = document.global_defs ?? globalSchema.parse({});
  const trackers = document.track ?? {};
  const alone = Object.entries(document.vrrp_instance).map(([name, instance]) => ({
    ...resolveInstance(name, instance, globals.vrrp_startup_delay, surroundings.passwords.get(name)),
    track: resolveTrack(instance.track, trackers),
  }));
  const groups = document.vrrp_sync_group ?? {};
  const instances = joinGroups(alone, groups, trackers);
  return {
    routerId: globals.router_id ?? surroundings.hostName,
    controlSocket: globals.control_socket,
    dynamicInterfaces: globals.dynamic_interfaces,
    notifyFifo: globals.notify_fifo,
    trackers: resolveTrackers(trackers, instances),
    instances,
    syncGroups: resolveGroups(groups),
    flapping: {
      transitions: globals.flap_limit,
      window: globals.flap_window,
      hold: globals.flap_hold,
    },
    notify: resolveNotify(document.notify, surroundings.channels ?? new Map()),
    sources: surroundings.sources ?? { files: [], holdSecret: false, secretFiles: [] },
  };
}

function resolveInstance(
  name: string,
  document: InstanceDocument,
  startupDelay: Millis,
  authPass: string | undefined,
): Omit<InstanceConfig, "track" | "syncGroup"> {
  return {
    name,
    interfaceName: document.interface,
    router: resolveRouter(document, startupDelay),
    sourceAddress: document.unicast_src_ip,
    peers: document.unicast_peer.map((peer) => ({
      address: peer.address,
      minTtl: peer.min_ttl,
      maxTtl: peer.max_ttl,
    })),
    unicastTtl: document.unicast_ttl,
    checkUnicastSrc: document.check_unicast_src,
    trackSrcIp: document.track_src_ip,
    trackPrimary: !document.dont_track_primary,
    checksum: document.checksum,
    authPass,
    virtualAddresses: document.virtual_ipaddress.map((entry) => resolveAddress(entry, document.interface)),
    excludedAddresses: document.virtual_ipaddress_excluded.map((entry) =>
      resolveAddress(entry, document.interface),
    ),
    garp: {
      masterRepeat: document.garp_master_repeat,
      masterRefreshRepeat: document.garp_master_refresh_repeat,
      lowerPrioRepeat: document.garp_lower_prio_repeat ?? document.garp_master_repeat,
      interval: document.garp_interval,
    },
    hooks: resolveHooks(document),
    provider: document.provider && resolveProvider(document.provider),
  };
}

function resolveRouter(document: InstanceDocument, startupDelay: Millis): InstanceConfig["router"] {
  const owner = document.priority === OWNER_PRIORITY;
  const preempt = owner || document.preempt;
  return {
    version: document.version,
    virtualRouterId: document.virtual_router_id,
    priority: document.priority,
    advertInterval: document.advert_int,
    preempt,
    // As in keepalived, a delay without preemption, or for an owner, is none; the check warns of both.
    preemptDelay: preempt && !owner ? document.preempt_delay : millis(0),
    downTimerAdverts: document.down_timer_adverts,
    skew: document.skew === "auto" && document.unicast_peer.length === 1 ? "none" : "rfc",
    maxLearnedInterval: document.max_learned_interval ?? defaultLearnedInterval(document.advert_int),
    lowerPrioNoAdvert: document.lower_prio_no_advert,
    higherPrioSendAdvert: document.higher_prio_send_advert,
    startupDelay: document.startup_delay ?? startupDelay,
    announcements: {
      masterDelay: document.garp_master_delay,
      masterRefresh: document.garp_master_refresh,
      lowerPrioDelay: document.garp_lower_prio_delay ?? document.garp_master_delay,
    },
  };
}

/** Ten times ours leaves room for a MASTER that was configured slower; ten seconds at least, for the same reason. */
function defaultLearnedInterval(advertInterval: Millis): Millis {
  return millis(Math.min(Math.max(10 * advertInterval, 10_000), seconds(V3_INTERVAL_MAX_SECONDS)));
}

function resolveProvider(block: NonNullable<InstanceDocument["provider"]>): ProviderConfig {
  return {
    name: block.name,
    options: ownOptions(block),
    verifyInterval: block.verify_interval,
    consistencyWindow: block.consistency_window,
    rehearseInterval: block.rehearse_interval,
  };
}

function resolveAddress(entry: VirtualAddressDocument, interfaceName: string): VirtualAddress {
  return {
    address: entry.address.address,
    prefixLength: entry.address.prefixLength,
    interfaceName: entry.dev ?? interfaceName,
    label: entry.label,
    noTrack: entry.no_track,
  };
}
