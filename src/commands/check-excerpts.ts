import { readFile } from "node:fs/promises";
import type { ConfigProblem } from "../config/problem.ts";
import { mayHoldSecret } from "../config/value.ts";

/** The lines to print below a problem: the one it is on, and a caret. Empty where that is no help. */
export type Excerpts = (problem: ConfigProblem) => readonly string[];

/** A longer line would wrap, and its caret point nowhere. */
const LINE_CHARACTERS_MAX = 140;

/** Reads the files that the problems are in; one that cannot be read has no excerpts. */
export async function readExcerpts(mainFile: string, problems: readonly ConfigProblem[]): Promise<Excerpts> {
  const files = new Set(problems.flatMap(({ file, line }) => (line === undefined ? [] : [file ?? mainFile])));
  const texts = new Map<string, readonly string[]>();
  for (const file of files) {
    const text = await readFile(file, "utf8").catch(() => "");
    texts.set(file, text.split(/\r?\n/));
  }
  return (problem) => excerpt(problem, texts.get(problem.file ?? mainFile) ?? []);
}

function excerpt({ line, column }: ConfigProblem, lines: readonly string[]): readonly string[] {
  const text = line === undefined ? undefined : lines[line - 1];
  if (line === undefined || text === undefined || text.trim() === "" || text.length > LINE_CHARACTERS_MAX)
    return [];
  if (mayHoldSecret(text) || continuesSecret(lines[line - 2] ?? "")) return [];
  const margin = `  ${line} | `;
  const shown = `${margin}${text.replaceAll(/\p{Cc}/gu, " ")}`;
  if (column === undefined) return [shown];
  const caret = "^".repeat(tokenLength(text.slice(column - 1)));
  return [shown, `${" ".repeat(margin.length - 2)}| ${" ".repeat(column - 1)}${caret}`];
}

/** YAML lets the value begin on the line below its key. */
function continuesSecret(lineAbove: string): boolean {
  return mayHoldSecret(lineAbove) && /[:|>][-+\d]*\s*$/.test(lineAbove);
}

/** The length of the word, or quoted text, that `rest` begins with. */
function tokenLength(rest: string): number {
  const token = /^(?:"[^"]*"|'[^']*'|[^\s,\]}:#]+|.)/.exec(rest);
  return Math.max(1, token?.[0].length ?? 1);
}
