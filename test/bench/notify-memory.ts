import { addressFailed, heapUsedMb } from "../notify/heap.ts";
import { httpChannel, occurrence } from "../notify/samples.ts";
import { World } from "../notify/world.ts";
import type { Measurement } from "./measurement.ts";

const QUEUED = 10_000;

/** The heap that a full queue takes while three receivers take nothing. */
export const notifyMemory: Measurement = {
  name: "notify-memory",
  title: `memory of ${QUEUED} queued notifications, three channels`,
  unit: "MB",
  programs: ["cloudvip"],
  measure: async () => {
    const world = new World();
    world.configure(["a", "b", "c"].map((name) => httpChannel({ name })));
    world.answer = () => new Promise(() => {});
    const before = heapUsedMb();
    for (let n = 0; n < QUEUED; n++) world.notifier.accept(occurrence(addressFailed(n)));
    await world.pass(10);
    const value = heapUsedMb() - before;
    world.close();
    return { value };
  },
};
