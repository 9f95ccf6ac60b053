import { NO_BFD } from "./reasons.ts";
import { block, leftOut, type Rule } from "./rule.ts";
import type { Scope } from "./settings.ts";
import type { Position } from "./source.ts";
import type { Statement } from "./statement.ts";
import type { TrackerKind } from "./tracker-block.ts";
import { readWeight, type Weight } from "./weight.ts";

/** One line of a `track_*` block of an instance. */
export interface TrackEntry {
  readonly kind: TrackerKind | "interface";
  /** Of the tracker; of an interface, its own. */
  readonly name: string;
  readonly weight: Weight | undefined;
  readonly at: Position;
}

interface HasEntries {
  readonly tracked: TrackEntry[];
}

export const TRACK_RULES: Readonly<Record<string, Rule<HasEntries>>> = {
  track_interface: entries("interface"),
  track_script: entries("script"),
  track_file: entries("file"),
  track_process: entries("process"),
  track_bfd: leftOut(NO_BFD),
};

function entries(kind: TrackEntry["kind"]): Rule<HasEntries> {
  return block([0, 0], (statement, target, scope) => {
    const within = { ...scope, path: [...scope.path, statement.words[0] ?? ""] };
    for (const entry of statement.block ?? []) readEntry(entry, kind, target, within);
  });
}

function readEntry(statement: Statement, kind: TrackEntry["kind"], target: HasEntries, scope: Scope): void {
  const [name = "", option, ...rest] = statement.words;
  if (target.tracked.some((other) => other.kind === kind && other.name === name)) {
    const message = `${name} is tracked twice: keepalived ignores the second, and so does cloudvip`;
    scope.log.warn(statement.at, { path: scope.path, value: name, message, fix: "keep one of the lines" });
    return;
  }
  if (option !== undefined && option !== "weight") {
    const message = `"${option}" is no option: keepalived ignores the line, and so does cloudvip`;
    scope.log.warn(statement.at, { path: scope.path, value: option, message, fix: `write ${name} weight N` });
    return;
  }
  const weight = option === undefined ? undefined : readWeight(rest, statement, scope);
  target.tracked.push({ kind, name, weight, at: statement.at });
}
