import type { InstanceConfig, SyncGroupConfig } from "./config.ts";
import { resolveActions, resolvePrograms, resolveTrack } from "./resolve-track.ts";
import type { SyncGroupDocument, TrackerDocument } from "./schema.ts";

type GroupDocuments = Readonly<Record<string, SyncGroupDocument>>;

export function resolveGroups(documents: GroupDocuments): readonly SyncGroupConfig[] {
  return Object.entries(documents).map(([name, document]) => ({
    name,
    members: document.group,
    hooks: {
      programs: resolvePrograms(document),
      onMaster: resolveActions(undefined),
      onBackup: resolveActions(undefined),
    },
  }));
}

/** The instances with what their groups make of them. */
export function joinGroups(
  instances: readonly Omit<InstanceConfig, "syncGroup">[],
  documents: GroupDocuments,
  trackers: Readonly<Record<string, TrackerDocument>>,
): readonly InstanceConfig[] {
  return instances.map((instance) => {
    const [name, document] =
      Object.entries(documents).find(([, { group }]) => group.includes(instance.name)) ?? [];
    if (name === undefined || document === undefined) return { ...instance, syncGroup: undefined };
    const ofGroup = resolveTrack(document.track, trackers);
    const own = instance.track.filter(
      (tracked) =>
        !ofGroup.some((other) => other.name === tracked.name) &&
        (tracked.weight === 0 || document.sync_group_tracking_weight),
    );
    const ids = instances
      .filter((member) => document.group.includes(member.name))
      .map(({ router }) => router.virtualRouterId);
    const synced = instance.router.virtualRouterId === Math.min(...ids) ? "first" : "other";
    return {
      ...instance,
      syncGroup: name,
      track: [...ofGroup, ...own],
      router: { ...instance.router, synced },
    };
  });
}
