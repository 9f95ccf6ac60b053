import type { DocumentPath } from "./problem.ts";

/** Longer values are cut in messages. */
const SHOWN_CHARACTERS_MAX = 60;

/** A YAML map as plain data, neither a list nor a scalar. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What the document holds at a path; undefined when there is nothing. */
export function valueAt(document: unknown, path: DocumentPath): unknown {
  return path.reduce<unknown>((value, part) => {
    if (Array.isArray(value)) return typeof part === "number" ? value[part] : undefined;
    return isMap(value) && Object.hasOwn(value, part) ? value[part] : undefined;
  }, document);
}

/** A value for a message: short, on one line, and never a secret. */
export function showValue(value: unknown, path: DocumentPath): string | undefined {
  if (value === undefined) return undefined;
  if (isSecretPath(path)) return "the value";
  if (Array.isArray(value)) return "a list";
  if (isMap(value)) return "a map";
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}…` : text;
}

/** Whether the value at `path` may be a secret, misspelt keys included. */
export function isSecretPath(path: DocumentPath): boolean {
  const option = path.findLast((part) => typeof part === "string");
  return option !== undefined && (mayHoldSecret(String(option)) || COMMANDS.test(String(option)));
}

/** A command may have a password among its arguments. */
const COMMANDS = /^(script|notify(_(?!fifo).*)?)$/;

/** Whether a name, or a line of text, speaks of a secret; `auth_pass_file` and `auth_pass_env` only say where one is. */
export function mayHoldSecret(text: string): boolean {
  return /pass|secret|token|authorization|(?<![a-z])(key|url)(?![a-z])/i.test(
    text.replaceAll(/\w+_(file|env)\b/g, ""),
  );
}
