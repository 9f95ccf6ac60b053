import type { DocumentBuilder } from "./document.ts";
import { trackDocument } from "./finish-tracking.ts";
import { programDocument } from "./program-line.ts";
import type { Setting } from "./settings.ts";
import type { ProblemLog } from "./source.ts";
import type { SyncGroupDraft } from "./sync-group.ts";
import type { FileDraft } from "./top-level.ts";

/** Puts the sync groups into the document; to be called when the instances are known. */
export function finishSyncGroups(file: FileDraft, builder: DocumentBuilder, log: ProblemLog): void {
  const taken = new Set<string>();
  for (const group of file.syncGroups.values()) finishGroup(group, { file, builder, log, taken });
}

interface Finishing {
  readonly file: FileDraft;
  readonly builder: DocumentBuilder;
  readonly log: ProblemLog;
  /** Instances that are in a group already. */
  readonly taken: Set<string>;
}

function finishGroup(group: SyncGroupDraft, { file, builder, log, taken }: Finishing): void {
  const path = ["vrrp_sync_group", group.name];
  const members = group.members.filter((member) => isUsable(member, group, { file, log, taken }));
  const [first] = members;
  if (!first) {
    const message = "the group has no instance: keepalived ignores it, and so does cloudvip";
    log.warn(group.at, { path, message, fix: "write group { … } with instances in it, or remove the block" });
    return;
  }
  builder.put(path, {}, group.at);
  builder.put(
    [...path, "group"],
    members.map(({ value }) => value),
    first.at,
  );
  members.forEach(({ at }, index) => {
    builder.place([...path, "group", index], at);
  });
  const track = trackDocument(group, file);
  const [tracked] = group.tracked;
  if (track && tracked) builder.put([...path, "track"], track, tracked.at);
  if (group.trackingWeight) {
    builder.put([...path, "sync_group_tracking_weight"], true, group.trackingWeight.at);
  }
  for (const [name, { value, at }] of group.scripts) {
    builder.put([...path, name], programDocument(value, file.globals.scriptUser), at);
  }
}

function isUsable(
  { value: name, at }: Setting<string>,
  group: SyncGroupDraft,
  { file, log, taken }: Pick<Finishing, "file" | "log" | "taken">,
): boolean {
  const unknown = !file.instances.has(name);
  const twice = taken.has(name);
  taken.add(name);
  if (!unknown && !twice) return true;
  const message = unknown
    ? `there is no instance ${name}: keepalived leaves it out of the group, and so does cloudvip`
    : `${name} is in a group already: keepalived leaves it in the first, and so does cloudvip`;
  log.warn(at, {
    path: ["vrrp_sync_group", group.name, "group"],
    value: name,
    message,
    fix: "correct or remove it",
  });
  return false;
}
