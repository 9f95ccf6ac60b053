import type { InstanceDocument } from "./schema.ts";
import type { PeerDocument, VirtualAddressDocument } from "./schema-addresses.ts";
import { instanceShape } from "./schema-instance.ts";
import type { TrackDocument } from "./schema-track.ts";
import { isMap } from "./value.ts";

/**
 * An instance of which only the sound parts are known. The rules work on sketches, so that a file with a bad priority still
 * hears of its duplicate peers, and nobody is told off for what follows from an earlier mistake.
 */
export type InstanceSketch = {
  readonly [Option in keyof Omit<InstanceDocument, ListOption>]: InstanceDocument[Option] | undefined;
} & {
  readonly unicast_peer: readonly (PeerDocument | undefined)[] | undefined;
  readonly virtual_ipaddress: readonly (VirtualAddressDocument | undefined)[] | undefined;
  readonly virtual_ipaddress_excluded: readonly (VirtualAddressDocument | undefined)[] | undefined;
  readonly track: readonly (TrackDocument | undefined)[] | undefined;
};

type ListOption = "unicast_peer" | "virtual_ipaddress" | "virtual_ipaddress_excluded" | "track";

/** The sound parts of every instance, by name; defaults are filled in, what is wrong or missing is undefined. */
export function sketchInstances(document: unknown): ReadonlyMap<string, InstanceSketch> {
  const instances = isMap(document) ? document["vrrp_instance"] : undefined;
  if (!isMap(instances)) return new Map();
  return new Map(
    Object.entries(instances)
      .filter(([, instance]) => isMap(instance))
      .map(([name, instance]) => [name, sketchInstance(instance as Readonly<Record<string, unknown>>)]),
  );
}

function sketchInstance(instance: Readonly<Record<string, unknown>>): InstanceSketch {
  const options = Object.entries(instanceShape).map(([name, schema]) => {
    const value = Object.hasOwn(instance, name) ? instance[name] : undefined;
    const whole = schema.safeParse(value);
    if (whole.success) return [name, whole.data];
    return [name, Array.isArray(value) ? value.map((entry) => soundEntry(schema, entry)) : undefined];
  });
  return Object.fromEntries(options);
}

/** An entry keeps its index, which is its place in the file. */
function soundEntry(schema: (typeof instanceShape)[keyof typeof instanceShape], entry: unknown): unknown {
  const alone = schema.safeParse([entry]);
  return alone.success && Array.isArray(alone.data) ? alone.data[0] : undefined;
}
