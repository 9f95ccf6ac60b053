/**
 * One mistake in a configuration file. Every mistake of a file is reported at once, so that an operator fixes all of them
 * in one go and not one per attempt.
 */
export interface ConfigProblem {
  /** An error refuses the file; a warning lets it run. */
  readonly severity: "error" | "warning";
  /** The file that holds the mistake, when it is not the one that was asked for (an `include`). */
  readonly file?: string | undefined;
  /** From 1; undefined when the mistake is of the file as a whole. */
  readonly line?: number | undefined;
  /** From 1; undefined when only the line is known. */
  readonly column?: number | undefined;
  /** Where in the document, such as `vrrp_instance.VI_1.priority`; empty for the document as a whole. */
  readonly path: string;
  /** What was written, cut short; undefined when something is missing. A secret is never shown. */
  readonly value?: string | undefined;
  /** What is wrong, without the fix. */
  readonly message: string;
  /** What to write instead. */
  readonly fix: string;
}

/** A path in the document: keys of maps and indexes of lists. */
export type DocumentPath = readonly (string | number)[];

/** `["vrrp_instance", "VI_1", "unicast_peer", 0]` becomes `vrrp_instance.VI_1.unicast_peer[0]`. */
export function formatPath(path: DocumentPath): string {
  return path
    .map((part, index) => (typeof part === "number" ? `[${part}]` : index === 0 ? part : `.${part}`))
    .join("");
}

export function hasErrors(problems: readonly ConfigProblem[]): boolean {
  return problems.some((problem) => problem.severity === "error");
}

/** The problems in the order of the text; those of an included file come after those of the file itself. */
export function sortProblems(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  return problems.toSorted(
    (a, b) =>
      (a.file ?? "").localeCompare(b.file ?? "") ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0),
  );
}
