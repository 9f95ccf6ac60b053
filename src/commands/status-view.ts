/**
 * The terminal view of `cloudvip status`, for someone who was just woken: the state and its reason first, then who has the
 * addresses, then the evidence. What contradicts itself (a MASTER without its address) is said in words, not only in colour.
 */
import type {
  AgentSnapshot,
  InstanceCounters,
  InstanceSnapshot,
  PeerSnapshot,
  RouterStateName,
} from "../status/snapshot.ts";
import { REFUSALS } from "../vrrp/refusal.ts";
import { isTooLate, smallestSafeInterval } from "../vrrp/safe-interval.ts";
import { channelsBlock, groupBlock, trackersBlock } from "./status-blocks.ts";
import {
  type Context,
  formatDuration,
  formatMillis,
  labelled,
  type Paint,
  painter,
  STATE_STYLES,
} from "./status-parts.ts";

export interface ViewOptions {
  readonly color: boolean;
  /** Milliseconds since 1970, to say how long ago something was. */
  readonly now: number;
}

/** The whole view, ending with a newline. */
export function formatSnapshot(snapshot: AgentSnapshot, { color, now }: ViewOptions): string {
  const paint = painter({ color });
  const blocks = [
    agentLine(snapshot, now),
    ...snapshot.syncGroups.map((group) => groupBlock(group, { paint, now })),
    ...snapshot.instances.map((instance) => instanceBlock(instance, { paint, now })),
    ...trackersBlock(snapshot.trackers, { paint, now }),
    ...channelsBlock(snapshot.channels, paint),
  ];
  const strays = refusedLines(snapshot.refused, paint);
  if (strays.length > 0) blocks.push(["Packets for none of these instances:", ...strays].join("\n"));
  return `${blocks.join("\n\n")}\n`;
}

function agentLine(snapshot: AgentSnapshot, now: number): string {
  const { routerId, cloudvipVersion, pid, startedAt, configFile, socketAdapter } = snapshot;
  const age = formatDuration(now - Date.parse(startedAt));
  const socket = socketAdapter ? `socket by ${socketAdapter}` : "not listening yet";
  const facts = [`process ${pid}`, `running for ${age}`, configFile, socket, ...timeliness(snapshot)];
  return `${routerId}: cloudvip ${cloudvipVersion}, ${facts.join(", ")}`;
}

/** What the kernel grants the elections, and how well that kept them on time. */
function timeliness({ lateness, granted, instances }: AgentSnapshot): readonly string[] {
  const facts: string[] = [];
  if (granted) facts.push(granted.policy === "SCHED_RR" ? granted.policy : `nice ${granted.nice}`);
  if (granted?.memoryLock === "locked") facts.push("code locked in memory");
  if (!lateness) return facts;
  const late = `timer at most ${lateness.maxMs.toFixed(1)} ms late`;
  const fastest = Math.min(...instances.map(({ advertIntervalMs }) => advertIntervalMs));
  if (!isTooLate(lateness.maxMs, fastest)) return [...facts, late];
  const safe = smallestSafeInterval(lateness.maxMs);
  return [...facts, `${late} (the smallest safe advert_int for that is ${safe} ms)`];
}

function instanceBlock(instance: InstanceSnapshot, { paint, now }: Context): string {
  const { state, since, reason } = instance;
  const head = `${paint("bold", instance.name)}  ${paint(STATE_STYLES[state], state)}`;
  const age = formatDuration(now - Date.parse(since));
  return [
    `${head}  for ${age}, since ${since}: ${reason}`,
    ...labelled("flapping", formatFlapping(instance, paint)),
    ...labelled("master", [formatMaster(instance)]),
    ...labelled(
      "addresses",
      instance.virtualAddresses.map((address) => formatAddress(address, state, paint)),
    ),
    ...labelled(
      "peers",
      instance.peers.map((peer) => formatPeer(peer, instance)),
    ),
    ...labelled("settings", [formatSettings(instance)]),
    ...labelled("counters", [formatCounters(instance.counters, paint)]),
    ...labelled("refused", refusedLines(instance.counters.refused, paint)),
  ].join("\n");
}

function formatFlapping({ flapping, heldBackForMs }: InstanceSnapshot, paint: Paint): readonly string[] {
  const held =
    heldBackForMs === null
      ? []
      : [
          `does not preempt for ${formatDuration(heldBackForMs)} (flap_hold), because its own health made it flap; cloudvip maintenance off ends that`,
        ];
  const changes = flapping ? ["changes its state too often"] : [];
  return [...changes, ...held].map((line) => paint("yellow", line));
}

function formatMaster(instance: InstanceSnapshot): string {
  const { state, master, masterDownInMs, sourceAddress, waitsForGroup, syncGroup } = instance;
  if (state === "MASTER") return `this node (${sourceAddress ?? "no source address"})`;
  if (waitsForGroup)
    return `${master ? `${master.address} was the last` : "none known"}; this instance would take over, and waits for the others of ${syncGroup}`;
  if (!master) return "none known";
  const wait =
    masterDownInMs === null ? "" : `; takeover in ${formatMillis(masterDownInMs)} unless it is heard`;
  return `${master.address}, priority ${master.priority}${wait}`;
}

function formatAddress(
  { address, interfaceName, bound }: InstanceSnapshot["virtualAddresses"][number],
  state: RouterStateName,
  paint: Paint,
): string {
  const place = `${address} on ${interfaceName}`;
  if (state === "MASTER")
    return bound ? `${place}, bound` : paint("red", `${place}, NOT BOUND on the MASTER`);
  return bound ? paint("red", `${place}, STILL BOUND though not MASTER`) : `${place}, not bound here`;
}

function formatPeer(peer: PeerSnapshot, { state, vrrpVersion }: InstanceSnapshot): string {
  const { address, lastAdvertAgoMs, lastPriority, checksumForm } = peer;
  if (lastAdvertAgoMs === null) {
    const comfort = state === "MASTER" ? " (a healthy BACKUP sends none)" : "";
    return `${address}  no advert heard${comfort}`;
  }
  const form = vrrpVersion === 3 && checksumForm ? `, checksum ${checksumForm}` : "";
  return `${address}  last advert ${formatMillis(lastAdvertAgoMs)} ago, priority ${lastPriority ?? "unknown"}${form}`;
}

function formatSettings(instance: InstanceSnapshot): string {
  const { basePriority, effectivePriority } = instance;
  const shifted =
    basePriority === effectivePriority ? "" : ` (${basePriority} configured, trackers shift it)`;
  return [
    `virtual_router_id ${instance.virtualRouterId}`,
    `VRRPv${instance.vrrpVersion}`,
    `on ${instance.interfaceName}`,
    `from ${instance.sourceAddress ?? "no address"}`,
    `priority ${effectivePriority}${shifted}`,
    `advert_int ${formatMillis(instance.advertIntervalMs)}`,
  ].join(", ");
}

function formatCounters(counters: InstanceCounters, paint: Paint): string {
  const errors = `${counters.sendErrors} send errors`;
  return [
    `${counters.advertsSent} sent`,
    `${counters.advertsReceived} received`,
    `became MASTER ${counters.becameMaster}×, released it ${counters.releasedMaster}×`,
    `priority 0 sent ${counters.priorityZeroSent}, received ${counters.priorityZeroReceived}`,
    counters.sendErrors > 0 ? paint("yellow", errors) : errors,
  ].join("; ");
}

function refusedLines(refused: Readonly<Record<string, number>>, paint: Paint): string[] {
  return Object.entries(refused)
    .filter(([, count]) => count > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([code, count]) => paint("yellow", `${count} × ${code}: ${sentenceOf(code)}`));
}

/** A newer agent may count reasons that this version has no words for. */
function sentenceOf(code: string): string {
  return Object.entries(REFUSALS).find(([known]) => known === code)?.[1] ?? "no description";
}
