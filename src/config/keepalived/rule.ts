import type { Scope } from "./settings.ts";
import type { Remark } from "./source.ts";
import type { Statement } from "./statement.ts";

/** Why something is not carried over, and what to do instead. */
export interface Reason {
  readonly why: string;
  readonly fix: string;
}

/** What becomes of one directive. */
export type Rule<Target> =
  /** It is read into `target`. */
  | {
      readonly kind: "carried";
      /** Words behind the keyword: so many are needed, so many are looked at. */
      readonly words: readonly [min: number, max: number];
      readonly opensBlock: boolean;
      readonly read: (statement: Statement, target: Target, scope: Scope) => void;
    }
  /** cloudvip behaves like this without being told. */
  | { readonly kind: "implied" }
  /** It is named in a warning, and nothing else. */
  | ({ readonly kind: "left-out" } & Reason)
  /** Going on without it would do harm: an error. */
  | ({ readonly kind: "refused" } & Reason);

export type RuleTable<Target> = ReadonlyMap<string, Rule<Target>>;

/** A table by keyword; a `Map`, because a file may well hold the word `constructor`. */
export function ruleTable<Target>(rules: Readonly<Record<string, Rule<Target>>>): RuleTable<Target> {
  return new Map(Object.entries(rules));
}

/** A directive with values on its own line. */
export function line<Target>(
  words: readonly [min: number, max: number],
  read: (statement: Statement, target: Target, scope: Scope) => void,
): Rule<Target> {
  return { kind: "carried", words, opensBlock: false, read };
}

/** A directive with a block. */
export function block<Target>(
  words: readonly [min: number, max: number],
  read: (statement: Statement, target: Target, scope: Scope) => void,
): Rule<Target> {
  return { kind: "carried", words, opensBlock: true, read };
}

export function leftOut<Target>(reason: Reason): Rule<Target> {
  return { kind: "left-out", ...reason };
}

export function refused<Target>(reason: Reason): Rule<Target> {
  return { kind: "refused", ...reason };
}

export function implied<Target>(): Rule<Target> {
  return { kind: "implied" };
}

/** Reads the statements of a block by its table. */
export function applyRules<Target>(
  statements: readonly Statement[],
  table: RuleTable<Target>,
  target: Target,
  scope: Scope,
): void {
  for (const statement of statements) {
    const rule = table.get(statement.words[0] ?? "");
    if (rule === undefined) unknownKeyword(statement, scope);
    else applyRule(statement, rule, target, scope);
  }
}

/** Names a statement as not carried over; `more` continues the sentence. */
export function reportLeftOut(statement: Statement, reason: Reason, scope: Scope, more = ""): void {
  scope.log.warn(statement.at, {
    ...head(statement, scope),
    message: `${statement.words[0]} is not carried over: ${reason.why}${more}`,
    fix: reason.fix,
  });
}

function applyRule<Target>(statement: Statement, rule: Rule<Target>, target: Target, scope: Scope): void {
  switch (rule.kind) {
    case "carried":
      if (wellFormed(statement, rule.words, rule.opensBlock, scope)) rule.read(statement, target, scope);
      return;
    case "implied":
      return;
    case "left-out":
      reportLeftOut(statement, rule, scope);
      return;
    case "refused":
      scope.log.error(statement.at, {
        ...head(statement, scope),
        message: `${statement.words[0]} cannot be carried over: ${rule.why}`,
        fix: rule.fix,
      });
  }
}

function wellFormed(
  statement: Statement,
  [min, max]: readonly [number, number],
  opensBlock: boolean,
  scope: Scope,
): boolean {
  const [keyword = ""] = statement.words;
  const given = statement.words.length - 1;
  const path = [...scope.path, keyword];
  if (statement.block !== undefined && !opensBlock) {
    scope.log.error(statement.at, {
      path,
      message: `${keyword} takes no block`,
      fix: 'remove the "{" and its "}"',
    });
    return false;
  }
  if (given < min) {
    scope.log.error(statement.at, {
      path,
      message: `${keyword} needs a value: keepalived does not start without it`,
      fix: `write the value behind ${keyword}, on the same line`,
    });
    return false;
  }
  if (given > max) {
    scope.log.warn(statement.at, {
      path,
      message: `what follows on the line of ${keyword} is ignored, by keepalived and by cloudvip`,
      fix: "write one statement per line",
    });
  }
  return true;
}

/** keepalived would go on and read the lines of an unknown block as settings of the block around it; they are left out here. */
function unknownKeyword(statement: Statement, scope: Scope): void {
  const [keyword = ""] = statement.words;
  const effect =
    statement.block === undefined
      ? "keepalived ignores the line, and so does cloudvip"
      : "cloudvip leaves out its block; keepalived reads the lines of the block as if its braces were not there";
  scope.log.warn(statement.at, {
    path: [...scope.path, keyword],
    message: `"${keyword}" is no keyword here: ${effect}`,
    fix: "correct or remove it",
  });
}

/** Only the head of a block is shown: a line may hold a password, or a command with one. */
function head(statement: Statement, scope: Scope): Pick<Remark, "path" | "value"> {
  const path = [...scope.path, statement.words[0] ?? ""];
  return statement.block === undefined ? { path } : { path, value: statement.words.join(" ") };
}
