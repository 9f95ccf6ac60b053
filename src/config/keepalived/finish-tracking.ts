import type { DocumentBuilder } from "./document.ts";
import type { GlobalDraft } from "./globals.ts";
import type { InstanceDraft } from "./instance.ts";
import { programDocument } from "./program-line.ts";
import type { Scope } from "./settings.ts";
import type { ProblemLog } from "./source.ts";
import type { FileDraft } from "./top-level.ts";
import type { TrackEntry } from "./track-list.ts";
import type { TrackerDraft } from "./tracker-block.ts";
import { clipWeight } from "./weight.ts";

/** keepalived has a space of names for each kind of tracker, cloudvip one for all. */
type Names = (kind: TrackEntry["kind"], name: string) => string;

/** Puts the trackers of the file into the document, and lists of them into the instances. */
export function finishTracking(file: FileDraft, builder: DocumentBuilder, log: ProblemLog): void {
  const names = nameTrackers(file);
  for (const tracker of file.trackers) putTracker(tracker, file.globals, names, builder);
  const entries = trackersOf(file).flatMap((tracking) => usableEntries(tracking, file, log));
  for (const { kind, name, at } of entries) {
    if (kind === "interface") builder.put(["track", names(kind, name), "interface"], name, at);
  }
}

/** An instance or a sync group, as far as it tracks. */
type Tracking = Pick<InstanceDraft, "name" | "tracked">;

function trackersOf({ instances, syncGroups }: FileDraft): readonly Tracking[] {
  return [...instances.values(), ...syncGroups.values()];
}

/** The list `track` of an instance or a sync group; undefined without one. To be called after `finishTracking` made the trackers. */
export function trackDocument(
  tracking: Tracking,
  file: FileDraft,
): readonly (string | Readonly<Record<string, unknown>>)[] | undefined {
  const names = nameTrackers(file);
  const list = tracking.tracked
    .filter((entry) => isUsable(entry, tracking, file))
    .map((entry) => {
      const name = names(entry.kind, entry.name);
      if (!entry.weight) return name;
      const { weight, reverse } = entry.weight;
      const clipped = entry.kind === "file" ? weight : clipWeight(weight);
      return { name, weight: clipped, ...(reverse === undefined ? {} : { reverse }) };
    });
  return list.length === 0 ? undefined : list;
}

function putTracker(
  tracker: TrackerDraft,
  globals: GlobalDraft,
  names: Names,
  builder: DocumentBuilder,
): void {
  const path = ["track", names(tracker.kind, tracker.name)];
  builder.put(path, {}, tracker.at);
  const { program, user, weight } = tracker;
  if (program) {
    const written = programDocument({ ...program.value, ...user?.value }, globals.scriptUser);
    const parts = typeof written === "string" ? { script: written } : written;
    for (const [option, value] of Object.entries(parts)) builder.put([...path, option], value, program.at);
  }
  for (const [option, { value, at }] of tracker.options) builder.put([...path, option], value, at);
  if (!weight) return;
  const { weight: value, reverse } = weight.value;
  builder.put([...path, "weight"], tracker.kind === "file" ? value : clipWeight(value), weight.at);
  if (reverse !== undefined) builder.put([...path, "reverse"], reverse, weight.at);
}

/** Says which entries keepalived does not use, and leaves them out. */
function usableEntries(tracking: Tracking, file: FileDraft, log: ProblemLog): readonly TrackEntry[] {
  return tracking.tracked.filter((entry) => {
    if (isUsable(entry, tracking, file)) return true;
    const block = file.instances.get(tracking.name) === tracking ? "vrrp_instance" : "vrrp_sync_group";
    const scope: Scope = { path: [block, tracking.name, `track_${entry.kind}`], log };
    const message = isDefined(entry, file)
      ? `${entry.name} has a weight, and the instance is in a vrrp_sync_group: keepalived ignores it, and so does cloudvip`
      : `${entry.name} is not defined: keepalived ignores the line, and so does cloudvip`;
    const fix = isDefined(entry, file) ? "remove the weight, or the line" : "define it, or remove the line";
    log.warn(entry.at, { path: scope.path, value: entry.name, message, fix });
    return false;
  });
}

/** A member of a sync group takes no weights, unless the group has `sync_group_tracking_weight`. */
function isUsable(entry: TrackEntry, tracking: Tracking, file: FileDraft): boolean {
  if (!isDefined(entry, file)) return false;
  if (file.instances.get(tracking.name) !== tracking) return true;
  const group = [...file.syncGroups.values()].find(({ members }) =>
    members.some(({ value }) => value === tracking.name),
  );
  return group === undefined || group.trackingWeight !== undefined || !hasWeight(entry, file);
}

function isDefined({ kind, name }: TrackEntry, { trackers }: FileDraft): boolean {
  return kind === "interface" || trackers.some((tracker) => tracker.kind === kind && tracker.name === name);
}

/** Its own weight counts; without one, that of the tracker, which for a file is 1. */
function hasWeight({ kind, name, weight }: TrackEntry, { trackers }: FileDraft): boolean {
  const tracker = trackers.find((candidate) => candidate.kind === kind && candidate.name === name);
  const inherited = tracker?.weight?.value.weight ?? (kind === "file" ? 1 : 0);
  return (weight?.weight ?? inherited) !== 0;
}

function nameTrackers({ trackers }: FileDraft): Names {
  const firstOf = (name: string) => trackers.find((tracker) => tracker.name === name);
  return (kind, name) => {
    const first = firstOf(name);
    return first === undefined || first.kind === kind ? name : `${name}-${kind}`;
  };
}
