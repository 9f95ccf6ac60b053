/** `~SEQ` or `~LST`: the rest of its line is read once for each turn. */
export interface Repetition {
  readonly variables: readonly string[];
  /** One value per variable and turn. */
  readonly turns: Iterable<readonly string[]>;
  /** What is repeated. */
  readonly rest: string;
}

export type RepetitionReading =
  | { readonly ok: true; readonly repetition: Repetition }
  | { readonly ok: false; readonly message: string; readonly fix: string };

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const SEQUENCE_FIX = "write ~SEQ(var, start, step, end), such as ~SEQ(N, 1, 4)";
const LIST_FIX = "write ~LST(var, value, value) or ~LST({a,b}, {1,2}, {3,4})";

/**
 * Reads a line that begins with `~`; undefined when it is no repetition. `parameters` puts definitions into what stands
 * between the parentheses; those in the rest wait for their turn.
 */
export function readRepetition(
  line: string,
  parameters: (text: string) => string,
): RepetitionReading | undefined {
  const head = /^~(SEQx|SEQ|LST)[ \t]*\(/.exec(line);
  if (head === null) return undefined;
  const kind = head[1];
  const end = line.indexOf(")", head[0].length);
  if (end < 0)
    return refused(`~${kind} has no closing parenthesis`, kind === "LST" ? LIST_FIX : SEQUENCE_FIX);
  const inner = parameters(line.slice(head[0].length, end));
  const rest = line.slice(end + 1).replace(/^[ \t]+/, "");
  return kind === "LST" ? readList(inner, rest) : readSequence(inner, rest, kind === "SEQx" ? 16 : 10);
}

/** `var[, start[, step]], end`; with one number from 1 or -1 to it, as keepalived counts. */
function readSequence(inner: string, rest: string, base: 10 | 16): RepetitionReading {
  const [variable = "", ...texts] = inner.split(",").map((part) => part.trim());
  const numbers = texts.map(readNumber);
  if (!NAME.test(variable)) return refused(`~SEQ has no variable but "${variable}"`, SEQUENCE_FIX);
  if (numbers.length < 1 || numbers.length > 3)
    return refused("~SEQ needs one to three numbers", SEQUENCE_FIX);
  if (!numbers.every((value) => value !== undefined)) return refused("~SEQ holds no number", SEQUENCE_FIX);
  const { start, step, end } = sequenceBounds(numbers);
  if (step === 0 || (start < end && step < 0) || (start > end && step > 0)) {
    return refused(`~SEQ never gets from ${start} to ${end} in steps of ${step}`, SEQUENCE_FIX);
  }
  if (base === 16 && (start < 0 || end < 0)) return refused("~SEQx counts from 0 up only", SEQUENCE_FIX);
  return { ok: true, repetition: { variables: [variable], turns: count(start, step, end, base), rest } };
}

function sequenceBounds(numbers: readonly number[]): { start: number; step: number; end: number } {
  const [one = 0, two = 0, three] = numbers;
  if (numbers.length === 1) return { start: one < 0 ? -1 : 1, step: one < 1 ? -1 : 1, end: one };
  if (three === undefined) return { start: one, step: one <= two ? 1 : -1, end: two };
  return { start: one, step: two, end: three };
}

function* count(start: number, step: number, end: number, base: 10 | 16): Generator<readonly string[]> {
  for (let value = start; step > 0 ? value <= end : value >= end; value += step) yield [value.toString(base)];
}

/** A whole number as C writes it: 0x hexadecimal, a leading 0 octal. */
function readNumber(text: string): number | undefined {
  const match = /^([+-]?)(0[xX][0-9a-fA-F]{1,8}|0[0-7]{1,10}|\d{1,10})$/.exec(text);
  if (match === null) return undefined;
  const [, sign, digits = ""] = match;
  const value = /^0[0-7]/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  return sign === "-" ? -value : value;
}

/** `var, value…` or `{a,b}, {1,2}…`; a turn with too few values leaves the others empty. */
function readList(inner: string, rest: string): RepetitionReading {
  const [head, ...turns] = listItems(inner);
  if (head === undefined || !head.every((name) => NAME.test(name))) {
    return refused("~LST has no variable", LIST_FIX);
  }
  if (turns.length === 0) return refused("~LST has no value", LIST_FIX);
  if (turns.some((values) => values.length > head.length)) {
    return refused("~LST has more values than variables", LIST_FIX);
  }
  return { ok: true, repetition: { variables: head, turns, rest } };
}

/** Splits at commas outside braces; the braces of an item are taken off and its own commas split it. */
function listItems(inner: string): readonly (readonly string[])[] {
  const items = inner.match(/\{[^{}]*\}|[^,{}]+/g) ?? [];
  return items
    .map((item) => item.trim())
    .filter((item) => item !== "")
    .map((item) => item.replace(/^\{|\}$/g, "").split(","))
    .map((values) => values.map((value) => value.trim()));
}

function refused(message: string, fix: string): RepetitionReading {
  return { ok: false, message, fix };
}
