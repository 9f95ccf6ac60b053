import type { ProgramName } from "./programs.ts";

export type Unit = "ms" | "MB" | "%" | "times" | "ratio";

/** How long to measure: `full` for figures to publish, `quick` to see that all works. */
export type Effort = "full" | "quick";

/** One line of the bench's table. */
export interface Measurement {
  /** For `--only`, and the key in the JSON form. */
  readonly name: string;
  readonly title: string;
  readonly unit: Unit;
  /** Those that can be measured here; both unless given. */
  readonly programs?: readonly ProgramName[];
  measure(program: ProgramName, effort: Effort): Promise<Reading>;
}

export interface Reading {
  readonly value: number;
  /** What the value is the median of, in the order measured. */
  readonly samples?: readonly number[];
  /** Other figures of the same measurement, by what they mean. */
  readonly details?: Readonly<Record<string, number>>;
}
