import type { RouterEvent } from "./events.ts";
import type { Fault } from "./state.ts";

/**
 * The way from the faults that a router has to those that hold now. Only faults of one sort are compared: those of the host, of the
 * trackers and of maintenance come and go on their own. What begins comes before what ends, so that a router in FAULT does not
 * leave it for a moment.
 */
export function faultChanges(
  present: readonly Fault[],
  now: readonly Fault[],
  isOfSort: (fault: Fault) => boolean,
): readonly RouterEvent[] {
  const begun = now.filter((fault) => !present.includes(fault));
  const over = present.filter((fault) => isOfSort(fault) && !now.includes(fault));
  return [
    ...begun.map((fault): RouterEvent => ({ kind: "fault-raised", fault })),
    ...over.map((fault): RouterEvent => ({ kind: "fault-cleared", fault })),
  ];
}
