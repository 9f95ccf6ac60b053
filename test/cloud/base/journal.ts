import type { CloudCall } from "./call.ts";
import type { FaultKind } from "./faults.ts";

/** One call that arrived, whatever became of it. */
export interface JournalEntry extends CloudCall {
  readonly sequence: number;
  /** Arrival by the emulator's clock, milliseconds since 1970. */
  readonly at: number;
  /** Counts accepted connections from 1; equal numbers mean that the caller kept its connection open. */
  readonly connection: number;
  readonly faults: readonly FaultKind[];
  /** `ok`, `pending`, an error code, or how the connection ended. */
  readonly outcome: string;
}

export type JournalFilter = Partial<Pick<JournalEntry, "surface" | "action" | "who" | "read" | "outcome">>;

/** Oldest entries go first: an emulator that serves a demo all day must not grow without end. */
const ENTRIES_MAX = 10_000;

/** What was asked, by whom, when: the memory that tests assert on. */
export class Journal {
  #entries: (JournalEntry & { outcome: string })[] = [];
  #lastSequence = 0;

  /** Notes an arrival; the function returned notes how it ended. */
  open(arrival: Omit<JournalEntry, "sequence" | "outcome">): (outcome: string) => void {
    const entry = { ...arrival, sequence: ++this.#lastSequence, outcome: "pending" };
    this.#entries.push(entry);
    if (this.#entries.length > ENTRIES_MAX) this.#entries.shift();
    return (outcome) => {
      entry.outcome = outcome;
    };
  }

  /** Entries in order of arrival for which every given field is equal. */
  entries(filter: JournalFilter = {}): readonly JournalEntry[] {
    const wanted = Object.entries(filter);
    return this.#entries.filter((entry) =>
      wanted.every(([key, value]) => entry[key as keyof JournalFilter] === value),
    );
  }

  clear(): void {
    this.#entries = [];
  }
}
