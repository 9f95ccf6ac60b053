import type { InstanceCounters } from "../status/snapshot.ts";
import type { InstanceEvent } from "./events.ts";

type Counts = { -readonly [Name in keyof Omit<InstanceCounters, "refused">]: number };

/** What an instance has done and seen since it was started; a reload does not reset it. */
export class Counters {
  readonly #refused: Record<string, number> = {};
  readonly #counts: Counts = {
    advertsSent: 0,
    advertsReceived: 0,
    becameMaster: 0,
    releasedMaster: 0,
    priorityZeroSent: 0,
    priorityZeroReceived: 0,
    sendErrors: 0,
  };

  sent(priority: number): void {
    this.#counts.advertsSent++;
    if (priority === 0) this.#counts.priorityZeroSent++;
  }

  received(priority: number): void {
    this.#counts.advertsReceived++;
    if (priority === 0) this.#counts.priorityZeroReceived++;
  }

  count(event: InstanceEvent): void {
    if (event.kind === "packet-refused") {
      this.#refused[event.reason] = (this.#refused[event.reason] ?? 0) + 1;
    } else if (event.kind === "send-failed") this.#counts.sendErrors++;
    else if (event.kind === "transition") {
      if (event.to === "MASTER") this.#counts.becameMaster++;
      if (event.from === "MASTER") this.#counts.releasedMaster++;
    }
  }

  snapshot(): InstanceCounters {
    return { ...this.#counts, refused: { ...this.#refused } };
  }
}
