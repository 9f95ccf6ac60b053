import { configError, configWarning, type Mistake } from "./mistake.ts";
import { syncGroupSchema } from "./schema-sync-group.ts";
import type { InstanceSketch } from "./sketch.ts";
import { closest } from "./suggest.ts";
import { isMap } from "./value.ts";

type Instances = ReadonlyMap<string, InstanceSketch>;

/** What is wrong between sync groups and instances. */
export function syncGroupMistakes(document: unknown, instances: Instances): readonly Mistake[] {
  const groups = isMap(document) && isMap(document["vrrp_sync_group"]) ? document["vrrp_sync_group"] : {};
  const seen = new Map<string, string>();
  return Object.entries(groups).flatMap(([name, group]) => {
    const members = isMap(group) ? syncGroupSchema.shape.group.safeParse(group["group"]) : undefined;
    if (!members?.success) return [];
    return [
      ...members.data.flatMap((member, index) =>
        memberMistakes({ group: name, member, index }, instances, seen),
      ),
      ...alone(name, members.data),
    ];
  });
}

/** `seen` is the group of each instance that was met before. */
function memberMistakes(
  { group, member, index }: { readonly group: string; readonly member: string; readonly index: number },
  instances: Instances,
  seen: Map<string, string>,
): readonly Mistake[] {
  const path = ["vrrp_sync_group", group, "group", index];
  if (!instances.has(member)) {
    const meant = closest(member, [...instances.keys()]);
    const fix = meant ? `did you mean ${meant}?` : "write the name of an instance, or remove it";
    return [configError(path, `there is no instance ${member}`, fix)];
  }
  const other = seen.get(member);
  seen.set(member, group);
  if (other === undefined) return [];
  const message =
    other === group ? `${member} is in the list twice` : `${member} is in the group ${other} already`;
  return [configError(path, message, "keep one of the two")];
}

function alone(group: string, members: readonly string[]): readonly Mistake[] {
  if (members.length > 1) return [];
  const message = `${members[0]} is alone in the group, which then does nothing`;
  return [
    configWarning(
      ["vrrp_sync_group", group, "group"],
      message,
      "add an instance, or remove the group",
      "key",
    ),
  ];
}
