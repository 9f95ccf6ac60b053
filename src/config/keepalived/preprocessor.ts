import { dirname, resolve } from "node:path";
import { messageOf } from "../../base/errors.ts";
import { decomment } from "./comments.ts";
import { Conditions } from "./conditions.ts";
import { type DefinitionContext, Definitions, readDefinition } from "./definitions.ts";
import type { ReadFile } from "./files.ts";
import {
  type IncludeCheck,
  type IncludeLine,
  matchInclude,
  readInclude,
  readIncludeCheck,
} from "./include.ts";
import { FILES_MAX, LINE_BYTES_MAX, LINES_MAX, NESTING_MAX } from "./limits.ts";
import { type Repetition, readRepetition } from "./repetition.ts";
import type { Position, ProblemLog } from "./source.ts";
import { splitAtBrace, words } from "./tokens.ts";

/** A line of the configuration proper: `{`, `}`, or a statement without braces. */
export interface LogicalLine {
  readonly text: string;
  readonly at: Position;
}

export interface PreprocessorOptions extends DefinitionContext {
  readonly readFile: ReadFile;
  readonly log: ProblemLog;
}

/** What conditions, definitions and repetitions made of a line. */
interface Expansion {
  readonly line: string | Repetition;
  /** The further lines of a multi-line definition. */
  readonly following: readonly string[];
}

/**
 * Turns files into logical lines as keepalived's read_line() does, in its order: comment, `@` condition, `$NAME=` definition,
 * `~SEQ` and `~LST`, `$` substitution, include, braces. Whatever an expansion produces goes through all of it again, so the
 * class works by recursion: a line is taken, and what comes out of it is taken in turn. The limits end what never would.
 */
export class Preprocessor {
  readonly #options: PreprocessorOptions;
  readonly #definitions: Definitions;
  readonly #conditions: Conditions;
  readonly #lines: LogicalLine[] = [];
  /** The files that are being read, the innermost last. */
  readonly #openFiles: string[] = [];
  #includeChecks: ReadonlySet<IncludeCheck> = new Set();
  /** The multi-line definition whose lines are being collected. */
  #openDefinition: { readonly name: string; readonly lines: string[] } | undefined;
  #includes = 0;
  #linesTaken = 0;
  #nesting = 0;
  #stopped = false;

  constructor(options: PreprocessorOptions) {
    this.#options = options;
    this.#definitions = new Definitions(options);
    this.#conditions = new Conditions(options.configId);
  }

  /** The logical lines of a file and of all that it includes. `text` is what stands in `path`. */
  async read(path: string, text: string): Promise<readonly LogicalLine[]> {
    await this.#readText(path, text);
    this.#conditions.remark(this.#options.log);
    return this.#lines;
  }

  async #readText(path: string, text: string): Promise<void> {
    this.#openFiles.push(path);
    const checks = this.#includeChecks;
    for (const [index, physical] of text.split("\n").entries()) {
      const at = { file: path, line: index + 1 };
      const line = this.#comment(physical.replace(/\r+$/, ""), at);
      if (this.#openDefinition !== undefined) this.#continueDefinition(line);
      else if (line !== "") await this.#take(line, at);
      if (this.#stopped) break;
    }
    this.#openDefinition = undefined;
    this.#includeChecks = checks;
    this.#openFiles.pop();
  }

  /** The line without its comment; empty when keepalived ignores the whole line. */
  #comment(physical: string, at: Position): string {
    const { log } = this.#options;
    const tooLong = Buffer.byteLength(physical) > LINE_BYTES_MAX;
    if (tooLong || physical.includes("\0")) {
      const what = tooLong ? `is longer than ${LINE_BYTES_MAX} bytes` : "holds a zero byte";
      log.warn(at, {
        message: `the line ${what}: keepalived ignores it, and so does cloudvip`,
        fix: "shorten the line, or remove it",
      });
      return "";
    }
    const { text, unbalanced, cutWord, escaped } = decomment(physical);
    if (unbalanced) {
      log.error(at, { message: 'a double quote (") is never closed', fix: "close it on the same line" });
    }
    if (cutWord !== undefined) {
      log.warn(at, {
        message: `"${cutWord}" begins a comment even inside a word: keepalived and cloudvip drop the rest of the line`,
        fix: `put the word in double quotes, or a blank in front of "${cutWord}"`,
      });
    }
    if (escaped !== undefined) {
      log.warn(at, {
        message: `keepalived 2.2 begins a comment at "\\${escaped}" all the same; cloudvip reads "${escaped}"`,
        fix: "put the word in double quotes, without the backslash",
      });
    }
    return text;
  }

  /** Takes one line and all that it expands to. */
  async #take(line: string, at: Position): Promise<void> {
    if (++this.#linesTaken > LINES_MAX) this.#stop(at, `the file expands to more than ${LINES_MAX} lines`);
    if (++this.#nesting > NESTING_MAX) {
      this.#stop(at, `definitions, repetitions and includes are nested more than ${NESTING_MAX} deep`);
    }
    let rest: string | undefined = line;
    while (rest !== undefined && !this.#stopped) rest = await this.#step(rest, at);
    this.#nesting--;
  }

  /** Reads up to the first brace; what stands behind it is returned, to be read as a line of its own. */
  async #step(line: string, at: Position): Promise<string | undefined> {
    if (this.#openDefinition !== undefined) {
      this.#continueDefinition(line);
      return undefined;
    }
    const expansion = this.#expand(line, at);
    if (expansion === undefined) return undefined;
    const rest = await this.#apply(expansion.line, at);
    if (expansion.following.length === 0) return rest;
    for (const next of [rest ?? "", ...expansion.following]) {
      if (next !== "" && !this.#stopped) await this.#take(next, at);
    }
    return undefined;
  }

  /** Conditions, definitions and substitution; undefined when the line cannot be read. */
  #expand(line: string, at: Position): Expansion | undefined {
    let text = line;
    let following: readonly string[] = [];
    for (;;) {
      const applicable = this.#conditions.apply(text, at);
      if (applicable === "" || this.#define(applicable)) return { line: "", following };
      const repetition = this.#repetition(applicable, at);
      if (repetition !== undefined) return { line: repetition, following };
      const substitution = this.#definitions.substitute(applicable, this.#directory());
      if (!substitution.ok) {
        this.#stop(at, substitution.message);
        return undefined;
      }
      if (!substitution.changed) return { line: applicable, following };
      following = [...substitution.following, ...following];
      text = decomment(substitution.text).text;
    }
  }

  #define(line: string): boolean {
    const definition = readDefinition(line);
    if (definition === undefined) return false;
    const lines = definition.value === "" && definition.continues ? [] : [definition.value];
    if (definition.continues) this.#openDefinition = { name: definition.name, lines };
    this.#definitions.set(definition.name, lines);
    return true;
  }

  /** A line without a closing backslash, an empty one too, ends a multi-line definition. */
  #continueDefinition(line: string): void {
    const open = this.#openDefinition;
    if (open === undefined) return;
    const text = line.replace(/[ \t]*\\$/, "");
    if (text !== "" && open.lines.length < LINES_MAX) open.lines.push(text);
    this.#definitions.set(open.name, open.lines);
    if (!line.endsWith("\\")) this.#openDefinition = undefined;
  }

  #repetition(line: string, at: Position): Repetition | undefined {
    const reading = readRepetition(line, (text) => {
      const substitution = this.#definitions.substitute(text, this.#directory());
      return substitution.ok ? substitution.text : text;
    });
    if (reading === undefined || reading.ok) return reading?.repetition;
    this.#options.log.error(at, { value: line, message: reading.message, fix: reading.fix });
    return NO_TURNS;
  }

  /** Repeats, includes or emits a line; returns what stands behind its first brace. */
  async #apply(line: string | Repetition, at: Position): Promise<string | undefined> {
    if (typeof line !== "string") {
      await this.#repeat(line, at);
      return undefined;
    }
    const include = readInclude(line);
    if (include !== undefined) {
      await this.#include(include, at);
      return undefined;
    }
    const { piece, rest } = splitAtBrace(line);
    if (piece !== "") this.#lines.push({ text: piece, at });
    const [keyword, ...options] = words(piece);
    if (keyword === "include_check") this.#setIncludeChecks(options, at);
    return rest;
  }

  async #repeat(repetition: Repetition, at: Position): Promise<void> {
    for (const values of repetition.turns) {
      if (this.#stopped) return;
      for (const [index, name] of repetition.variables.entries()) {
        this.#definitions.set(name, [values[index] ?? ""]);
      }
      await this.#take(repetition.rest, at);
    }
  }

  #setIncludeChecks(options: readonly string[], at: Position): void {
    const { checks, unknown } = readIncludeCheck(options, this.#includeChecks);
    this.#includeChecks = checks;
    for (const option of unknown) {
      this.#options.log.warn(at, {
        value: option,
        message: `include_check has no option "${option}": keepalived ignores it, and so does cloudvip`,
        fix: "write readable, match, wildcard_match or brace_match",
      });
    }
  }

  async #include(include: IncludeLine, at: Position): Promise<void> {
    const checks = new Set([...this.#includeChecks, ...include.checks]);
    const { paths, missing } = await matchInclude(include.pattern, this.#directory());
    this.#includes += paths.length + missing.length;
    if (this.#includes > FILES_MAX) return this.#stop(at, `more than ${FILES_MAX} files are included`);
    for (const { pattern, check } of missing) {
      const strict = checks.has(check) || checks.has("wildcard_match");
      this.#notIncluded(at, pattern, "matches no file", strict);
    }
    for (const path of paths) {
      if (this.#stopped) return;
      if (path.endsWith("/")) continue;
      await this.#includeFile(path, at, checks.size > 0);
    }
  }

  async #includeFile(path: string, at: Position, strict: boolean): Promise<void> {
    if (this.#openFiles.some((open) => resolve(open) === path)) {
      return this.#stop(at, `${path} includes itself`);
    }
    let text: string;
    try {
      text = await this.#options.readFile(path);
    } catch (error) {
      return this.#notIncluded(at, path, `cannot be read: ${messageOf(error)}`, strict);
    }
    await this.#readText(path, text);
  }

  /** keepalived goes on without a file that it cannot include, unless include_check says otherwise. */
  #notIncluded(at: Position, value: string, what: string, strict: boolean): void {
    const report = {
      value,
      message: `the included file ${value} ${what}`,
      fix: "correct or remove the include line",
    };
    if (strict) this.#options.log.error(at, report);
    else
      this.#options.log.warn(at, { ...report, message: `${report.message}; keepalived goes on without it` });
  }

  /** The folder of the file being read: keepalived works in it. */
  #directory(): string {
    return dirname(resolve(this.#openFiles.at(-1) ?? "."));
  }

  #stop(at: Position, message: string): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#options.log.error(at, {
      message: `${message}; reading stops here`,
      fix: "write it without the expansion",
    });
  }
}

/** Stands in for a repetition that could not be read: its line is dropped, as in keepalived. */
const NO_TURNS: Repetition = { variables: [], turns: [], rest: "" };
