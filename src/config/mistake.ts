import { type ConfigProblem, type DocumentPath, formatPath, sortProblems } from "./problem.ts";

/** A mistake in the document before anybody has looked up its line. */
export interface Mistake {
  readonly severity: ConfigProblem["severity"];
  readonly path: DocumentPath;
  /** Whether to point at the key or at what it holds. */
  readonly at: "key" | "value";
  readonly value?: string | undefined;
  readonly message: string;
  readonly fix: string;
}

export function configError(
  path: DocumentPath,
  message: string,
  fix: string,
  at: Mistake["at"] = "value",
): Mistake {
  return { severity: "error", path, at, message, fix };
}

export function configWarning(
  path: DocumentPath,
  message: string,
  fix: string,
  at: Mistake["at"] = "value",
): Mistake {
  return { severity: "warning", path, at, message, fix };
}

/** A place in a file, counted from 1; `file` only when it is another one than was asked for. */
interface Place {
  readonly file?: string | undefined;
  readonly line: number;
  readonly column?: number | undefined;
}

/** Finds a path of the document in the text it was read from. */
export type Locate = (path: DocumentPath, at?: "key" | "value") => Place | undefined;

/** The mistakes with their places, in the order of the text. */
export function locateMistakes(mistakes: readonly Mistake[], locate: Locate): readonly ConfigProblem[] {
  const problems = mistakes.map(({ severity, path, at, value, message, fix }): ConfigProblem => {
    const place = nearestPlace(path, at, locate);
    return { severity, ...place, path: formatPath(path), value, message, fix };
  });
  return sortProblems(problems);
}

/** What is missing has no place of its own; the map that should hold it has one. */
function nearestPlace(path: DocumentPath, at: Mistake["at"], locate: Locate): Place | undefined {
  const own = locate(path, at);
  if (own) return own;
  for (let length = path.length - 1; length >= 0; length--) {
    const place = locate(path.slice(0, length), "key");
    if (place) return place;
  }
  return undefined;
}
