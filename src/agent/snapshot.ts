import { formatPrefix } from "../base/ip.ts";
import type { Millis } from "../base/units.ts";
import { reasonInWords } from "../notify/wording/english.ts";
import type { AgentSnapshot, InstanceSnapshot, SyncGroupSnapshot } from "../status/snapshot.ts";
import { waitsForGroup } from "../vrrp/backup.ts";
import { stateName, type VirtualRouter } from "../vrrp/state.ts";
import type { Agent } from "./agent.ts";
import type { Granted } from "./granted.ts";
import type { Health } from "./health.ts";
import { NO_ADDRESS } from "./host-view.ts";
import type { Instance } from "./instance.ts";
import type { ServiceHost } from "./service-host.ts";
import type { SyncGroup } from "./sync-groups.ts";

/** What the process knows of itself, beside the elections. */
export type ProcessFacts = Pick<
  AgentSnapshot,
  "routerId" | "cloudvipVersion" | "pid" | "startedAt" | "configFile"
>;

/** `agent` is undefined during the moment before it has opened its sockets. */
export function snapshotOf(
  {
    agent,
    health,
    granted,
    host,
  }: {
    readonly agent: Agent | undefined;
    readonly health: Health;
    readonly granted: Granted;
    readonly host: Pick<ServiceHost, "channels">;
  },
  facts: ProcessFacts,
  now: Millis,
): AgentSnapshot {
  return {
    version: 1,
    ...facts,
    socketAdapter: agent?.socketAdapter ?? null,
    lateness: agent?.lateness ?? null,
    granted: granted.snapshot(),
    instances: (agent?.instances ?? []).map((instance) => instanceSnapshot(instance, agent, now)),
    syncGroups: (agent?.syncGroups ?? []).map(syncGroupSnapshot),
    trackers: health.snapshot(),
    channels: host.channels,
    refused: { ...agent?.refused },
  };
}

function syncGroupSnapshot({ name, state, last, since, members }: SyncGroup): SyncGroupSnapshot {
  return {
    name,
    state,
    reason: last ? `${last.member}: ${reasonInWords(last.reason)}` : "not started yet",
    since: since.toISOString(),
    instances: members.map(({ config }) => config.name),
  };
}

function instanceSnapshot(
  instance: Instance,
  agent: Pick<Agent, "flaps"> | undefined,
  now: Millis,
): InstanceSnapshot {
  const { config, router, last } = instance;
  const flaps = agent?.flaps.of(instance);
  return {
    name: config.name,
    interfaceName: config.interfaceName,
    virtualRouterId: config.router.virtualRouterId,
    vrrpVersion: config.router.version,
    state: stateName(router.state),
    reason: last.reason,
    since: last.at.toISOString(),
    syncGroup: config.syncGroup ?? null,
    flapping: flaps?.isFlapping ?? false,
    heldBackForMs: flaps?.heldBackFor ?? null,
    basePriority: config.router.priority,
    effectivePriority: router.priority,
    advertIntervalMs: config.router.advertInterval,
    sourceAddress: router.localAddress === NO_ADDRESS ? null : router.localAddress,
    master: masterOf(instance),
    ...waitOf(router, now),
    virtualAddresses: instance.keeper.addresses.map((address) => ({
      address: formatPrefix(address),
      interfaceName: address.interfaceName,
      bound: instance.keeper.isBound(address),
    })),
    peers: instance.peers.snapshot(
      config.peers.map(({ address }) => address),
      now,
    ),
    counters: instance.counters.snapshot(),
  };
}

function waitOf(
  { settings, state }: VirtualRouter,
  now: Millis,
): Pick<InstanceSnapshot, "masterDownInMs" | "waitsForGroup"> {
  if (state.kind !== "BACKUP") return { masterDownInMs: null, waitsForGroup: false };
  if (waitsForGroup(settings, state)) return { masterDownInMs: null, waitsForGroup: true };
  return { masterDownInMs: Math.max(0, state.masterDownAt - now), waitsForGroup: false };
}

function masterOf({ router }: Instance): InstanceSnapshot["master"] {
  if (stateName(router.state) === "MASTER")
    return { address: router.localAddress, priority: router.priority };
  return router.state.kind === "BACKUP" ? (router.state.master ?? null) : null;
}
