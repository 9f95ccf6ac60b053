import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { INCLUDE_NAMES_MAX } from "./limits.ts";

/** Expands `{a,b}` as the C shell does, braces within braces too. At most `INCLUDE_NAMES_MAX` patterns come out. */
export function expandBraces(pattern: string): readonly string[] {
  const done: string[] = [];
  const waiting = [pattern];
  while (waiting.length > 0 && done.length + waiting.length <= INCLUDE_NAMES_MAX) {
    const next = waiting.shift() ?? "";
    const group = firstGroup(next);
    if (group === undefined) done.push(next);
    else waiting.unshift(...group.alternatives.map((text) => group.before + text + group.behind));
  }
  return done;
}

/** True when the pattern holds a wildcard and so may match several files, or none. */
export function hasWildcard(pattern: string): boolean {
  return /[*?[]/.test(pattern);
}

/**
 * The existing paths that match a pattern with `*`, `?` and `[…]`, in order. A pattern without wildcards is returned as it
 * is. A leading dot of a name must be written out, as in glob(3).
 */
export async function matchPaths(pattern: string): Promise<readonly string[]> {
  if (!hasWildcard(pattern)) return [pattern];
  let found = [pattern.startsWith("/") ? "/" : ""];
  for (const segment of pattern.split("/").filter((part) => part !== "")) {
    const next: string[] = [];
    for (const folder of found) next.push(...(await matchSegment(folder, segment)));
    found = next.slice(0, INCLUDE_NAMES_MAX);
  }
  return found;
}

async function matchSegment(folder: string, segment: string): Promise<readonly string[]> {
  if (!hasWildcard(segment)) return [join(folder, segment)];
  const names = await readdir(folder === "" ? "." : folder).catch(() => []);
  const parts = wildcardParts(segment);
  const visible = names.filter((name) => segment.startsWith(".") || !name.startsWith("."));
  return visible
    .filter((name) => matchesParts(name, parts))
    .sort()
    .map((name) => join(folder, name));
}

/** One element of a pattern: a star, or a test for a single character. */
type WildcardPart = "*" | ((char: string) => boolean);

function wildcardParts(segment: string): readonly WildcardPart[] {
  const pieces = segment.match(/\[[!^]?\]?[^\]]*\]|[\s\S]/gu) ?? [];
  return pieces.map((piece): WildcardPart => {
    if (piece === "*") return "*";
    if (piece === "?") return () => true;
    return piece.length > 2 && piece.startsWith("[")
      ? characterSet(piece.slice(1, -1))
      : (char) => char === piece;
  });
}

/** `abc`, `a-z`, and `!` or `^` in front for any other character. */
function characterSet(text: string): (char: string) => boolean {
  const negated = /^[!^]/.test(text);
  const ranges = [...(negated ? text.slice(1) : text).matchAll(/(.)-(.)|(.)/gsu)].map(
    ([, from, to, single]) => [from ?? single ?? "", to ?? single ?? ""] as const,
  );
  return (char) => ranges.some(([from, to]) => from <= char && char <= to) !== negated;
}

/** Goes back to the last star only, so that no pattern takes longer than its length times the name's. */
function matchesParts(name: string, parts: readonly WildcardPart[]): boolean {
  const chars = [...name];
  let part = 0;
  let char = 0;
  let star: { part: number; char: number } | undefined;
  while (char < chars.length) {
    const current = parts[part];
    if (current === "*") {
      star = { part: part++, char };
    } else if (current?.(chars[char] ?? "")) {
      part++;
      char++;
    } else if (star !== undefined) {
      star = { part: star.part, char: star.char + 1 };
      part = star.part + 1;
      char = star.char;
    } else return false;
  }
  return parts.slice(part).every((rest) => rest === "*");
}

interface BraceGroup {
  readonly before: string;
  readonly alternatives: readonly string[];
  readonly behind: string;
}

/** The first balanced `{…}`; an open brace that is never closed is an ordinary character. */
function firstGroup(pattern: string): BraceGroup | undefined {
  const open = pattern.indexOf("{");
  if (open < 0) return undefined;
  const alternatives: string[] = [];
  let depth = 0;
  let start = open + 1;
  for (let index = open; index < pattern.length; index++) {
    const char = pattern.charAt(index);
    if (char === "{") depth++;
    if (char === "}") depth--;
    if (depth === 0 || (depth === 1 && char === ",")) {
      alternatives.push(pattern.slice(start, index));
      start = index + 1;
    }
    if (depth === 0)
      return { before: pattern.slice(0, open), alternatives, behind: pattern.slice(index + 1) };
  }
  return undefined;
}
