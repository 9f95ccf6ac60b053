import type { ConfigProblem, DocumentPath } from "../problem.ts";
import { formatPath } from "../problem.ts";

/** Where a statement stands. Text that came out of a definition has the place where the definition was used. */
export interface Position {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** What is said about one place in the file. */
export interface Remark {
  /** Where in the document; the document as a whole when left out. */
  readonly path?: DocumentPath;
  /** What was written; never a secret. */
  readonly value?: string;
  readonly message: string;
  readonly fix: string;
}

/** A file that makes ten thousand mistakes is no keepalived.conf, and nobody reads more. */
const PROBLEMS_MAX = 10_000;
/** Long values are cut: the line number leads to the rest. */
const VALUE_MAX = 80;

/** Collects the problems of a reading in the order in which they are met. */
export class ProblemLog {
  readonly #mainFile: string;
  readonly #problems: ConfigProblem[] = [];

  constructor(mainFile: string) {
    this.#mainFile = mainFile;
  }

  get problems(): readonly ConfigProblem[] {
    return this.#problems;
  }

  /** The file cannot be used as it is. */
  error(at: Position | undefined, remark: Remark): void {
    this.#add("error", at, remark);
  }

  /** The file can be used, but something in it does not do what it says. */
  warn(at: Position | undefined, remark: Remark): void {
    this.#add("warning", at, remark);
  }

  #add(severity: ConfigProblem["severity"], at: Position | undefined, remark: Remark): void {
    if (this.#problems.length > PROBLEMS_MAX) return;
    this.#problems.push(
      this.#problems.length < PROBLEMS_MAX ? this.#problem(severity, at, remark) : TOO_MANY,
    );
  }

  #problem(severity: ConfigProblem["severity"], at: Position | undefined, remark: Remark): ConfigProblem {
    return {
      severity,
      file: at === undefined || at.file === this.#mainFile ? undefined : at.file,
      line: at?.line,
      path: formatPath(remark.path ?? []),
      value: remark.value === undefined ? undefined : shorten(remark.value),
      message: remark.message,
      fix: remark.fix,
    };
  }
}

/** Text as it is shown in a message. */
export function shorten(text: string): string {
  return text.length <= VALUE_MAX ? text : `${text.slice(0, VALUE_MAX - 1)}…`;
}

/** An error, so that what is not shown is not taken for accepted. */
const TOO_MANY: ConfigProblem = {
  severity: "error",
  path: "",
  message: `there are more than ${PROBLEMS_MAX} problems; the rest is not shown`,
  fix: "make sure that this is a keepalived.conf",
};
