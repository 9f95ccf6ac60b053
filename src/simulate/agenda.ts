import type { Millis } from "../base/units.ts";

interface Entry {
  readonly at: Millis;
  readonly happen: () => void;
}

/** What is going to happen, by time; what has the same time happens in the order in which it was entered. */
export class Agenda {
  readonly #entries: Entry[] = [];

  enter(at: Millis, happen: () => void): void {
    const index = this.#entries.findLastIndex((entry) => entry.at <= at) + 1;
    this.#entries.splice(index, 0, { at, happen });
  }

  /** Takes the first entry if it is due at `end` or before. */
  takeDue(end: Millis): Entry | undefined {
    const [first] = this.#entries;
    return first && first.at <= end ? this.#entries.shift() : undefined;
  }
}
