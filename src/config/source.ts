import type { Locate } from "./mistake.ts";
import type { ConfigProblem } from "./problem.ts";

/** A file of either format as plain data, with what could already be said about its text. */
export interface SourceReading {
  /** In the shape of the YAML form; undefined when the text could not be read at all. */
  readonly document: unknown;
  readonly problems: readonly ConfigProblem[];
  readonly locate: Locate;
}

/** A file that could not be read, for one reason. */
export function unreadable(message: string, fix: string, line?: number): SourceReading {
  return {
    document: undefined,
    problems: [{ severity: "error", path: "", line, message, fix }],
    locate: () => undefined,
  };
}
