import { isAbsolute, join } from "node:path";
import { expandBraces, hasWildcard, matchPaths } from "./glob.ts";

/** What keepalived's `include_check` can demand of an include. */
export type IncludeCheck = "readable" | "match" | "wildcard_match" | "brace_match";

export const ALL_INCLUDE_CHECKS: readonly IncludeCheck[] = [
  "readable",
  "match",
  "wildcard_match",
  "brace_match",
];

/** An `include` line. */
export interface IncludeLine {
  readonly pattern: string;
  /** What the letter behind `include` adds to the checks in force. */
  readonly checks: readonly IncludeCheck[];
}

/** The files that an include stands for, and what an `include_check` would complain about. */
export interface IncludeMatches {
  readonly paths: readonly string[];
  /** Patterns that match nothing, and the check that makes that an error. */
  readonly missing: readonly { readonly pattern: string; readonly check: IncludeCheck }[];
}

const CHECKS_OF_KEYWORD: ReadonlyMap<string, readonly IncludeCheck[]> = new Map([
  ["include", []],
  ["includer", ["readable"]],
  ["includem", ["match"]],
  ["includew", ["wildcard_match"]],
  ["includeb", ["brace_match"]],
  ["includea", ALL_INCLUDE_CHECKS],
]);

/** Reads an include line; undefined for any other line. */
export function readInclude(line: string): IncludeLine | undefined {
  const match = /^(\S+)\s+(.+)$/s.exec(line);
  const checks = CHECKS_OF_KEYWORD.get(match?.[1] ?? "");
  if (match === null || checks === undefined) return undefined;
  return { pattern: (match[2] ?? "").trim().replace(/^"(.*)"$/s, "$1"), checks };
}

/** `include_check [+|-]option…`: the checks that are in force after it. */
export function readIncludeCheck(
  options: readonly string[],
  inForce: ReadonlySet<IncludeCheck>,
): { readonly checks: ReadonlySet<IncludeCheck>; readonly unknown: readonly string[] } {
  if (options.length === 0) return { checks: new Set(ALL_INCLUDE_CHECKS), unknown: [] };
  const changes = options.every((option) => /^[+-]/.test(option));
  const checks = new Set(changes ? inForce : []);
  const unknown: string[] = [];
  for (const option of options) {
    const check = ALL_INCLUDE_CHECKS.find((name) => name === option.replace(/^[+-]/, ""));
    if (check === undefined) unknown.push(option);
    else if (option.startsWith("-")) checks.delete(check);
    else checks.add(check);
  }
  return { checks, unknown };
}

/** Finds the files of an include; relative names are looked for in `directory`, the folder of the including file. */
export async function matchInclude(pattern: string, directory: string): Promise<IncludeMatches> {
  const alternatives = expandBraces(pattern);
  const paths: string[] = [];
  const missing: { pattern: string; check: IncludeCheck }[] = [];
  for (const alternative of alternatives) {
    const absolute = isAbsolute(alternative) ? alternative : join(directory, alternative);
    const found = await matchPaths(absolute);
    paths.push(...found);
    if (found.length > 0) continue;
    const check = hasWildcard(alternative) ? "wildcard_match" : "match";
    missing.push({ pattern: alternative, check: alternatives.length > 1 ? "brace_match" : check });
  }
  return { paths, missing };
}
