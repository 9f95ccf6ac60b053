import { type ProgramDraft, readProgram } from "./program-line.ts";
import { applyRules, leftOut, line, type Reason, type Rule, type RuleTable, ruleTable } from "./rule.ts";
import type { Scope, Setting } from "./settings.ts";
import type { Position } from "./source.ts";
import type { Statement } from "./statement.ts";
import { readNumber } from "./values.ts";
import { readWeight, type Weight } from "./weight.ts";

/** The blocks that say what can be tracked. */
export type TrackerKind = "script" | "file" | "process";

/** A `vrrp_script`, `track_file` or `vrrp_track_process` as it was written. */
export interface TrackerDraft {
  readonly kind: TrackerKind;
  readonly name: string;
  readonly at: Position;
  readonly options: Map<string, Setting<unknown>>;
  program?: Setting<ProgramDraft>;
  user?: Setting<Pick<ProgramDraft, "user" | "group">>;
  weight?: Setting<Weight>;
}

/** Reads the block of a tracker. */
export function readTracker(kind: TrackerKind, statement: Statement, scope: Scope): TrackerDraft {
  const name = statement.words[1] ?? "";
  const draft: TrackerDraft = { kind, name, at: statement.at, options: new Map() };
  applyRules(statement.block ?? [], RULES[kind], draft, { ...scope, path: [statement.words[0] ?? "", name] });
  return draft;
}

const INIT_FILE: Reason = {
  why: "cloudvip writes no file that it tracks, and takes a missing one for 0",
  fix: "write the file before cloudvip starts",
};
const PROCESS_DETAILS: Reason = {
  why: "cloudvip looks at the names of processes, once an interval",
  fix: "use a script if the arguments matter",
};

const weight: Rule<TrackerDraft> = line([1, 2], (statement, draft, scope) => {
  const value = readWeight(statement.words.slice(1), statement, scope);
  if (value !== undefined) draft.weight = { value, at: statement.at };
});

const RULES: Readonly<Record<TrackerKind, RuleTable<TrackerDraft>>> = {
  script: ruleTable<TrackerDraft>({
    script: line([1, 99], (statement, draft) => {
      draft.program = { value: readProgram(statement), at: statement.at };
    }),
    interval: amount("interval"),
    timeout: amount("timeout"),
    rise: count("rise"),
    fall: count("fall"),
    user: line([1, 2], ({ words: [, user, group], at }, draft) => {
      draft.user = { value: { user, group }, at };
    }),
    init_fail: line([0, 0], ({ at }, draft) => {
      draft.options.set("init_fail", { value: true, at });
    }),
    weight,
  }),
  file: ruleTable<TrackerDraft>({
    file: line([1, 1], ({ words: [, path], at }, draft) => {
      draft.options.set("file", { value: path, at });
    }),
    init_file: leftOut(INIT_FILE),
    weight,
  }),
  process: ruleTable<TrackerDraft>({
    process: line([1, 1], ({ words: [, path], at }, draft) => {
      // keepalived compares the program's name, and so does the kernel that cloudvip asks.
      draft.options.set("process", { value: (path ?? "").split("/").at(-1), at });
    }),
    quorum: count("quorum"),
    weight,
    param_match: leftOut(PROCESS_DETAILS),
    full_command: leftOut(PROCESS_DETAILS),
    quorum_max: leftOut(PROCESS_DETAILS),
    fork_delay: leftOut(PROCESS_DETAILS),
    terminate_delay: leftOut(PROCESS_DETAILS),
    delay: leftOut(PROCESS_DETAILS),
  }),
};

/** Seconds; 0 counts as 1, as in keepalived. */
function amount(name: string): Rule<TrackerDraft> {
  return line([1, 1], (statement, draft, scope) => {
    const value = readNumber(statement, { min: 0, decimal: true, otherwise: 1 }, scope);
    if (value !== undefined) draft.options.set(name, { value: value === 0 ? 1 : value, at: statement.at });
  });
}

function count(name: string): Rule<TrackerDraft> {
  return line([1, 1], (statement, draft, scope) => {
    const value = readNumber(statement, { min: 1, otherwise: 1 }, scope);
    if (value !== undefined) draft.options.set(name, { value, at: statement.at });
  });
}
