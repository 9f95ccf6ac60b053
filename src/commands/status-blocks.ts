import type { ChannelSnapshot, SyncGroupSnapshot, TrackerSnapshot } from "../status/snapshot.ts";
import {
  type Context,
  formatDuration,
  formatMillis,
  labelled,
  type Paint,
  STATE_STYLES,
} from "./status-parts.ts";

export function groupBlock(group: SyncGroupSnapshot, { paint, now }: Context): string {
  const { name, state, since, reason, instances } = group;
  const head = `${paint("bold", `sync group ${name}`)}  ${paint(STATE_STYLES[state], state)}`;
  return [
    `${head}  for ${formatDuration(now - Date.parse(since))}, since ${since}: ${reason}`,
    ...labelled("instances", [instances.join(", ")]),
  ].join("\n");
}

/** Nothing where there are no trackers. */
export function trackersBlock(
  trackers: readonly TrackerSnapshot[],
  { paint, now }: Context,
): readonly string[] {
  if (trackers.length === 0) return [];
  const lines = trackers.flatMap(({ name, kind, state, value, detail, since, warning }) => {
    const age = since === null ? "" : ` for ${formatDuration(now - Date.parse(since))}`;
    const shown = state === "value" ? `value ${value}` : state;
    const head = `  ${name}  ${paint(TRACKER_STYLES[state], shown)}${age} (${kind}): ${detail}`;
    return warning === null ? [head] : [head, `  ${paint("yellow", `${name}: ${warning}`)}`];
  });
  return [[paint("bold", "Trackers"), ...lines].join("\n")];
}

const TRACKER_STYLES = { unknown: "yellow", up: "green", down: "red", value: "cyan" } as const;

/** Nothing where nobody is told. */
export function channelsBlock(channels: readonly ChannelSnapshot[], paint: Paint): readonly string[] {
  if (channels.length === 0) return [];
  return [
    [paint("bold", "Notifications"), ...channels.flatMap((channel) => channelLines(channel, paint))].join(
      "\n",
    ),
  ];
}

function channelLines(channel: ChannelSnapshot, paint: Paint): readonly string[] {
  const { name, type, queued, delivered, retried, merged, dropped, blockedForMs, trouble } = channel;
  const lost = Object.entries(dropped).filter(([, count]) => count > 0);
  const drops =
    lost.length === 0 ? "0 dropped" : lost.map(([why, count]) => `${count} dropped (${why})`).join(", ");
  const counts = [
    `${delivered} delivered`,
    `${merged} of them merged`,
    `${queued} waiting`,
    `${retried} attempts repeated`,
    lost.length === 0 ? drops : paint("yellow", drops),
  ];
  const blocked = blockedForMs === null ? [] : [`held back for ${formatMillis(blockedForMs)}`];
  return [
    `  ${name} (${type})  ${[...counts, ...blocked].join(", ")}`,
    ...(trouble === null ? [] : [`    ${paint("red", trouble)}`]),
  ];
}
