import type { Mistake } from "./mistake.ts";
import { addressMistakes } from "./rules-addresses.ts";
import { instanceMistakes } from "./rules-instance.ts";
import type { InstanceSketch } from "./sketch.ts";

/** What is wrong with several options together, in one instance or between instances. */
export function ruleMistakes(instances: ReadonlyMap<string, InstanceSketch>): readonly Mistake[] {
  const within = [...instances].flatMap(([name, instance]) =>
    instanceMistakes(instance).map((mistake) => ({
      ...mistake,
      path: ["vrrp_instance", name, ...mistake.path],
    })),
  );
  return [...within, ...addressMistakes(instances)];
}
