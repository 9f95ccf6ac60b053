import { line, type Rule } from "./rule.ts";
import { type HasSettings, type Scope, type SettingNameOf, set } from "./settings.ts";
import type { Statement } from "./statement.ts";

/** A number that keepalived accepts, and what it uses in place of one that it does not. */
export interface NumberRange {
  readonly min: number;
  /** No upper limit when left out; the schema has one of its own. */
  readonly max?: number;
  /** Fractions are allowed. */
  readonly decimal?: true;
  /** What keepalived uses when the value is refused. */
  readonly otherwise: number;
}

/** A directive that sets a number. A value that keepalived refuses leaves the setting as it was. */
export function number<Target extends HasSettings>(
  name: SettingNameOf<number>,
  range: NumberRange,
): Rule<Target> {
  return line([1, 1], (statement, target, scope) => {
    const value = readNumber(statement, range, scope);
    if (value !== undefined) set(target.settings, name, value, statement, scope);
  });
}

/** A directive that sets how often something is done; keepalived does it once where the file says 0. */
export function repeat<Target extends HasSettings>(
  name: SettingNameOf<number>,
  otherwise: number,
): Rule<Target> {
  return line([1, 1], (statement, target, scope) => {
    const value = readNumber(statement, { min: 0, otherwise }, scope);
    if (value === undefined) return;
    set(target.settings, name, Math.max(1, value), statement, scope);
    if (value > 0) return;
    const message = `${name} is 0: keepalived uses 1, and so does cloudvip`;
    scope.log.warn(statement.at, { path: [...scope.path, name], message, fix: "write 1 or more" });
  });
}

/** Reads the first value of a statement; undefined, and a warning, when keepalived would not take it. */
export function readNumber(statement: Statement, range: NumberRange, scope: Scope): number | undefined {
  const [keyword = "", text = ""] = statement.words;
  const value = parseNumber(text, range.decimal === true);
  if (value !== undefined && value >= range.min && value <= (range.max ?? Number.MAX_SAFE_INTEGER))
    return value;
  scope.log.warn(statement.at, {
    path: [...scope.path, keyword],
    value: text,
    message: `"${text}" is not ${rangeText(range)}: keepalived uses ${range.otherwise}, and so does cloudvip`,
    fix: `write ${rangeText(range)}`,
  });
  return undefined;
}

/** A number without sign, as keepalived reads it; undefined for any other text. */
export function parseNumber(text: string, decimal: boolean): number | undefined {
  return (decimal ? /^(\d{1,15}(\.\d*)?|\.\d+)$/ : /^\d{1,15}$/).test(text) ? Number(text) : undefined;
}

/** A directive that sets a word as it is; the schema checks it. */
export function text<Target extends HasSettings>(name: "interface" | "unicast_src_ip"): Rule<Target> {
  return line([1, 1], (statement, target, scope) => {
    set(target.settings, name, statement.words[1] ?? "", statement, scope);
  });
}

/** A directive without a value: that it is there is all it says. */
export function flag<Target extends HasSettings>(name: SettingNameOf<boolean>, value = true): Rule<Target> {
  return line([0, 0], (statement, target, scope) => set(target.settings, name, value, statement, scope));
}

/** A directive that may say on or off; the bare keyword means on. */
export function onOff<Target extends HasSettings>(name: SettingNameOf<boolean>): Rule<Target> {
  return line([0, 1], (statement, target, scope) => {
    const value = readOnOff(statement, scope);
    if (value !== undefined) set(target.settings, name, value, statement, scope);
  });
}

/** Reads an optional on/off; undefined, and a warning, for any other word. */
export function readOnOff(statement: Statement, scope: Scope): boolean | undefined {
  const [keyword = "", word] = statement.words;
  if (word === undefined || ON.has(word)) return true;
  if (OFF.has(word)) return false;
  scope.log.warn(statement.at, {
    path: [...scope.path, keyword],
    value: word,
    message: `"${word}" is neither on nor off: keepalived ignores the line, and so does cloudvip`,
    fix: "write on or off",
  });
  return undefined;
}

const ON: ReadonlySet<string> = new Set(["true", "on", "yes"]);
const OFF: ReadonlySet<string> = new Set(["false", "off", "no"]);

function rangeText({ min, max, decimal }: NumberRange): string {
  const sort = decimal ? "a number" : "a whole number";
  return max === undefined ? `${sort} from ${min}` : `${sort} from ${min} to ${max}`;
}
