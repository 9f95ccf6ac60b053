import type { z } from "zod";
import type { Mistake } from "./mistake.ts";
import { documentManual, type Manual, type OptionNode, optionAt } from "./option-tree.ts";
import type { DocumentPath } from "./problem.ts";
import { describeUnknownKey } from "./unknown-key.ts";
import { isSecretPath, showValue, valueAt } from "./value.ts";

type Issue = z.core.$ZodIssue;

/** What was checked, and what it was checked by. */
interface Subject {
  readonly document: unknown;
  readonly manual: Manual;
}

/** What zod found wrong, in an operator's words: the value, what is wrong with it, and what to write. */
export function describeIssues(
  issues: readonly Issue[],
  document: unknown,
  manual: Manual = documentManual(),
): readonly Mistake[] {
  return issues.flatMap((issue) => describeIssue(issue, [], { document, manual }));
}

function describeIssue(issue: Issue, base: DocumentPath, subject: Subject): readonly Mistake[] {
  const path = [...base, ...issue.path.map((part) => (typeof part === "number" ? part : String(part)))];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => describeUnknownKey([...path, key], subject.manual));
    case "invalid_union": {
      const branch = intendedForm(issue.errors);
      if (!branch) return [describeValue(path, subject)];
      return branch.flatMap((inner) => describeIssue(inner, path, subject));
    }
    case "invalid_key":
      return issue.issues.map((inner) => ({
        ...describeRefusal(inner, path, path.at(-1), subject.manual),
        at: "key",
      }));
    case "too_small":
    case "too_big":
      return [describeRange(issue, path, subject)];
    case "invalid_format":
    case "custom":
      return [describeRefusal(issue, path, valueAt(subject.document, path), subject.manual)];
    default:
      return [describeValue(path, subject)];
  }
}

/** Of an option with several forms, the one whose outer type fits: its mistakes are the ones to tell. */
function intendedForm(forms: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  return forms.find((issues) => issues.every((issue) => issue.path.length > 0 || !isTypeMismatch(issue)));
}

function isTypeMismatch(issue: Issue): boolean {
  return issue.code === "invalid_type" || issue.code === "invalid_value";
}

/** Something of the right type that is refused all the same. What `reading` in option.ts made brings its own words and fix. */
function describeRefusal(issue: Issue, path: DocumentPath, value: unknown, manual: Manual): Mistake {
  const shown = showValue(value, path);
  const shared = { severity: "error", path, at: "value", value: shown } as const;
  const fix = issue.code === "custom" ? issue.params?.["fix"] : undefined;
  if (typeof fix === "string") return { ...shared, message: issue.message, fix };
  const message = typeof value === "object" ? issue.message : `${shown} is ${reasonInWords(issue)}`;
  return { ...shared, message, fix: fixFor(optionAt(path, manual.tree), manual) };
}

/** The author's own words where there are any; zod's name the pattern, but not in a sentence. */
function reasonInWords(issue: Issue): string {
  if (issue.code !== "invalid_format" || !issue.message.startsWith("Invalid ")) {
    return `refused: ${issue.message}`;
  }
  return `not of the form ${issue.format === "regex" ? issue.pattern : issue.format}`;
}

function describeRange(
  issue: Issue & { code: "too_small" | "too_big" },
  path: DocumentPath,
  { document, manual }: Subject,
): Mistake {
  const value = valueAt(document, path);
  const option = optionAt(path, manual.tree);
  const bound = issue.code === "too_small" ? `below ${issue.minimum}` : `above ${issue.maximum}`;
  const shown = showValue(value, path);
  const size = sizeInWords(value, option);
  return {
    severity: "error",
    path,
    at: "value",
    value: shown,
    message: size ?? `${shown} is ${bound}`,
    fix: fixFor(option, manual),
  };
}

/** Of lists and texts it is the length that has a range. */
function sizeInWords(value: unknown, option: OptionNode | undefined): string | undefined {
  if (value === "") return "the text is empty";
  if (typeof value === "string") return `the text has ${value.length} characters`;
  if (!Array.isArray(value)) return undefined;
  return value.length === 0
    ? (option?.ifEmpty ?? "the list is empty")
    : `the list has ${value.length} entries`;
}

/** A value that is missing or of the wrong type. */
function describeValue(path: DocumentPath, { document, manual }: Subject): Mistake {
  const value = valueAt(document, path);
  const option = optionAt(path, manual.tree);
  const shared = { severity: "error", path, fix: fixFor(option, manual) } as const;
  if (value === undefined) {
    const message = option?.ifEmpty ?? "is missing";
    return { ...shared, at: "key", message, fix: fixForMissing(path, option, manual) };
  }
  if (value === null) return { ...shared, at: "key", message: "has no value" };
  const shown = showValue(value, path);
  return {
    ...shared,
    at: "value",
    value: shown,
    message: `${shown} is ${sortOf(value, option)}`,
    fix: quotingFix(value, option, path) ?? shared.fix,
  };
}

function sortOf(value: unknown, option: OptionNode | undefined): string {
  if (typeof value === "object") return "not expected here";
  if (typeof value === "number" && option?.type === "integer") return "no whole number";
  if (typeof value === option?.type || option?.anyOf?.some(({ type }) => type === typeof value)) {
    return "not among the values";
  }
  if (typeof value === "number") return "a number";
  return typeof value === "string" ? "text" : "a truth value";
}

/** YAML 1.2 reads "51" as text, 51 as a number and `no` as text, which surprises everybody at least once. */
function quotingFix(value: unknown, option: OptionNode | undefined, path: DocumentPath): string | undefined {
  const wants = option?.type;
  if (wants === "string" && !option?.enum && (typeof value === "number" || typeof value === "boolean")) {
    return isSecretPath(path) ? "write it in quotes" : `write it in quotes: "${value}"`;
  }
  if (typeof value !== "string") return undefined;
  if (wants === "boolean" && /^(yes|on|true)$/i.test(value)) return "write true, without quotes";
  if (wants === "boolean" && /^(no|off|false)$/i.test(value)) return "write false, without quotes";
  const isNumber = /^\d{1,9}$/.test(value) && wants !== "array" && wants !== "object" && option?.expects;
  return isNumber ? `write ${option.expects}, without quotes` : undefined;
}

function fixFor(option: OptionNode | undefined, { file }: Manual): string {
  return `write ${option?.expects ?? `what ${file} shows`}`;
}

function fixForMissing(path: DocumentPath, option: OptionNode | undefined, manual: Manual): string {
  const example = option?.example;
  const fix = fixFor(option, manual);
  if (option?.expects?.includes("such as")) return fix;
  // An option of a provider often has no example; what it is for helps almost as much.
  if (example === undefined) return option?.description ? `${fix}: ${asClause(option.description)}` : fix;
  const shown = Array.isArray(example) ? `[${example.join(", ")}]` : String(example);
  return `${fix}, such as ${String(path.at(-1))}: ${shown}`;
}

function asClause(sentence: string): string {
  const clause = sentence.replace(/\.$/, "");
  return /^[A-Z][a-z]/.test(clause) ? `${clause.charAt(0).toLowerCase()}${clause.slice(1)}` : clause;
}
