import type { z } from "zod";
import type { Mistake } from "./mistake.ts";
import { type OptionNode, optionAt } from "./option-tree.ts";
import type { DocumentPath } from "./problem.ts";
import { describeUnknownKey } from "./unknown-key.ts";
import { isSecretPath, showValue, valueAt } from "./value.ts";

type Issue = z.core.$ZodIssue;

/** What zod found wrong, in an operator's words: the value, what is wrong with it, and what to write. */
export function describeIssues(issues: readonly Issue[], document: unknown): readonly Mistake[] {
  return issues.flatMap((issue) => describeIssue(issue, [], document));
}

function describeIssue(issue: Issue, base: DocumentPath, document: unknown): readonly Mistake[] {
  const path = [...base, ...issue.path.map((part) => (typeof part === "number" ? part : String(part)))];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => describeUnknownKey([...path, key]));
    case "invalid_union": {
      const branch = intendedForm(issue.errors);
      if (!branch) return [describeValue(path, document)];
      return branch.flatMap((inner) => describeIssue(inner, path, document));
    }
    case "invalid_key":
      return issue.issues.map((inner) => ({ ...describeOwnWords(inner, path, document), at: "key" }));
    case "too_small":
    case "too_big":
      return [describeRange(issue, path, document)];
    case "custom":
      return [describeOwnWords(issue, path, document)];
    default:
      return [describeValue(path, document)];
  }
}

/** Of an option with several forms, the one whose outer type fits: its mistakes are the ones to tell. */
function intendedForm(forms: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  return forms.find((issues) => issues.every((issue) => issue.path.length > 0 || !isTypeMismatch(issue)));
}

function isTypeMismatch(issue: Issue): boolean {
  return issue.code === "invalid_type" || issue.code === "invalid_value";
}

/** An issue that `reading` in option.ts made: it carries its own message and fix. */
function describeOwnWords(issue: Issue, path: DocumentPath, document: unknown): Mistake {
  const fix = issue.code === "custom" ? issue.params?.["fix"] : undefined;
  return {
    severity: "error",
    path,
    at: "value",
    value: showValue(valueAt(document, path), path),
    message: issue.message,
    fix: typeof fix === "string" ? fix : fixFor(optionAt(path)),
  };
}

function describeRange(
  issue: Issue & { code: "too_small" | "too_big" },
  path: DocumentPath,
  document: unknown,
): Mistake {
  const value = valueAt(document, path);
  const option = optionAt(path);
  const bound = issue.code === "too_small" ? `below ${issue.minimum}` : `above ${issue.maximum}`;
  const message = Array.isArray(value)
    ? value.length === 0
      ? (option?.ifEmpty ?? "the list is empty")
      : `the list has ${value.length} entries`
    : `${showValue(value, path)} is ${bound}`;
  return {
    severity: "error",
    path,
    at: "value",
    value: showValue(value, path),
    message,
    fix: fixFor(option),
  };
}

/** A value that is missing or of the wrong type. */
function describeValue(path: DocumentPath, document: unknown): Mistake {
  const value = valueAt(document, path);
  const option = optionAt(path);
  const shared = { severity: "error", path, fix: fixFor(option) } as const;
  if (value === undefined) {
    return {
      ...shared,
      at: "key",
      message: option?.ifEmpty ?? "is missing",
      fix: fixForMissing(path, option),
    };
  }
  if (value === null) return { ...shared, at: "key", message: "has no value" };
  const shown = showValue(value, path);
  const message = `${shown} is ${sortOf(value, option)}`;
  return {
    ...shared,
    at: "value",
    value: shown,
    message,
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
  if (wants === "string" && (typeof value === "number" || typeof value === "boolean")) {
    return isSecretPath(path) ? "write it in quotes" : `write it in quotes: "${value}"`;
  }
  if (typeof value !== "string") return undefined;
  if (wants === "boolean" && /^(yes|on|true)$/i.test(value)) return "write true, without quotes";
  if (wants === "boolean" && /^(no|off|false)$/i.test(value)) return "write false, without quotes";
  const isNumber = /^\d{1,9}$/.test(value) && wants !== "array" && wants !== "object";
  return isNumber ? `${fixFor(option)}, without quotes` : undefined;
}

function fixFor(option: OptionNode | undefined): string {
  return `write ${option?.expects ?? "what conf/cloudvip.yaml shows"}`;
}

function fixForMissing(path: DocumentPath, option: OptionNode | undefined): string {
  const example = option?.example;
  if (example === undefined || option?.expects?.includes("such as")) return fixFor(option);
  return `${fixFor(option)}, such as ${String(path.at(-1))}: ${Array.isArray(example) ? `[${example.join(", ")}]` : String(example)}`;
}
