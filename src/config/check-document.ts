import { soundChannels } from "./channels.ts";
import { describeIssues } from "./issues.ts";
import { configError, type Mistake } from "./mistake.ts";
import { ruleMistakes } from "./rules.ts";
import { channelMistakes } from "./rules-notify.ts";
import { syncGroupMistakes } from "./rules-sync-group.ts";
import { trackMistakes } from "./rules-track.ts";
import { type ConfigDocument, configSchema } from "./schema.ts";
import type { ChannelDocument } from "./schema-notify.ts";
import { type InstanceSketch, sketchInstances } from "./sketch.ts";
import { isMap } from "./value.ts";

/** Either form of file comes through here: the document as plain data, checked by one schema and one set of rules. */
export interface CheckedDocument {
  /** Undefined when a mistake is an error. */
  readonly document: ConfigDocument | undefined;
  /** What is sound of each instance, by name, whatever else is wrong. */
  readonly instances: ReadonlyMap<string, InstanceSketch>;
  /** The channels that are sound in themselves, by name. */
  readonly channels: ReadonlyMap<string, ChannelDocument>;
  readonly mistakes: readonly Mistake[];
}

export function checkDocument(raw: unknown): CheckedDocument {
  const parsed = configSchema.safeParse(raw);
  const instances = parsed.success
    ? new Map(Object.entries(parsed.data.vrrp_instance))
    : sketchInstances(raw);
  const channels = soundChannels(raw);
  const mistakes = [
    ...(parsed.success ? [] : describeIssues(parsed.error.issues, raw)),
    ...prototypeKeys(raw),
    ...ruleMistakes(instances),
    ...channelMistakes(channels),
    ...trackMistakes(raw, instances),
    ...syncGroupMistakes(raw, instances),
  ];
  const refused = mistakes.some((mistake) => mistake.severity === "error");
  return { document: parsed.success && !refused ? parsed.data : undefined, instances, channels, mistakes };
}

/** zod passes over an entry of this name in silence; maps of options refuse the key as unknown. */
function prototypeKeys(raw: unknown): readonly Mistake[] {
  return ["vrrp_instance", "vrrp_sync_group", "track"].flatMap((option) => {
    const entries = isMap(raw) ? raw[option] : undefined;
    if (!isMap(entries) || !Object.hasOwn(entries, "__proto__")) return [];
    const message = "__proto__ is a reserved word of JavaScript";
    return [configError([option, "__proto__"], message, "write another name", "key")];
  });
}
