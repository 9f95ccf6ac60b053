import { LINE_BYTES_MAX } from "./limits.ts";

/** What the predefined definitions are made of. */
export interface DefinitionContext {
  /** `${_INSTANCE}`: the config id, keepalived's option `-i`. */
  readonly configId: string;
  /** At least 0 and below 1, for `${_RANDOM}`. */
  readonly random: () => number;
  /** For `${_ENV NAME}`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A line after its definitions were put in. */
export type Substitution =
  | {
      readonly ok: true;
      readonly changed: boolean;
      readonly text: string;
      /** The further lines of a multi-line definition, to be read after this one. */
      readonly following: readonly string[];
    }
  | { readonly ok: false; readonly message: string };

/** A line that defines something. */
export interface DefinitionLine {
  readonly name: string;
  /** Without the closing backslash of a multi-line definition. */
  readonly value: string;
  readonly continues: boolean;
}

/** A definition that names itself would be put in for ever. */
const SUBSTITUTIONS_MAX = 2000;
/** In one reading; ten for each line that a file may expand to. */
const ALL_SUBSTITUTIONS_MAX = 1_000_000;

/** `$NAME=value`: no blank before the `=`. */
const DEFINITION = /^\$([A-Za-z_][A-Za-z0-9_]*)=[ \t]*(.*)$/s;
/** `${NAME}`, `${NAME parameters}`, or `$NAME` before a blank, a comma, a closing parenthesis or the end. */
const USE =
  /\$(?:\{([A-Za-z_][A-Za-z0-9_]*)(?: +([A-Za-z0-9_ ]*[A-Za-z0-9_]))?\}|([A-Za-z_][A-Za-z0-9_]*)(?=[ \t,)]|$))/g;

type Builtin = (parameters: string, directory: string) => string | undefined;

/** The `$NAME` definitions of one reading. Each is put in as late as it is used, so it may be defined anew. */
export class Definitions {
  readonly #lines = new Map<string, readonly string[]>();
  readonly #builtins: ReadonlyMap<string, Builtin>;
  #substitutions = 0;

  constructor(context: DefinitionContext) {
    this.#builtins = builtins(context);
  }

  /** Sets a definition; more than one line makes it a multi-line one. */
  set(name: string, lines: readonly string[]): void {
    this.#lines.set(name, lines);
  }

  /**
   * Puts the definitions into a line, from left to right; what was put in is looked at again. An unknown name stays as it is.
   *
   * @param directory the folder of the file being read, for `${_PWD}`
   */
  substitute(line: string, directory: string): Substitution {
    let text = line;
    let following: readonly string[] = [];
    let from = 0;
    for (let count = 0; ; ) {
      USE.lastIndex = from;
      const use = USE.exec(text);
      if (use === null) return { ok: true, changed: count > 0, text, following };
      const before = text.slice(0, use.index);
      const behind = text.slice(use.index + use[0].length);
      const lines = this.#value(use, behind === "", directory);
      if (lines === undefined) {
        from = use.index + 1;
        continue;
      }
      const [first = "", ...more] = lines;
      text = before + first + behind;
      following = [...more, ...following];
      from = use.index;
      if (++this.#substitutions > ALL_SUBSTITUTIONS_MAX) {
        return { ok: false, message: `definitions are used more than ${ALL_SUBSTITUTIONS_MAX} times` };
      }
      if (++count > SUBSTITUTIONS_MAX) return { ok: false, message: `${use[0]} is defined by itself` };
      if (Buffer.byteLength(text) > LINE_BYTES_MAX) {
        return { ok: false, message: `${use[0]} makes the line longer than ${LINE_BYTES_MAX} bytes` };
      }
      // What a repetition repeats is filled in once per turn, when its variable has a value.
      if (first.trimStart().startsWith("~")) return { ok: true, changed: true, text, following };
    }
  }

  #value(use: RegExpExecArray, endsLine: boolean, directory: string): readonly string[] | undefined {
    const name = use[1] ?? use[3] ?? "";
    const parameters = use[2];
    const defined = this.#lines.get(name);
    if (defined !== undefined) {
      const usable = parameters === undefined && (defined.length === 1 || endsLine);
      return usable ? defined : undefined;
    }
    const value = this.#builtins.get(name)?.(parameters ?? "", directory);
    return value === undefined ? undefined : [value];
  }
}

/** Reads a line that defines something; undefined for any other line. */
export function readDefinition(line: string): DefinitionLine | undefined {
  const match = DEFINITION.exec(line);
  if (match === null) return undefined;
  const [, name = "", value = ""] = match;
  if (!value.endsWith("\\")) return { name, value, continues: false };
  return { name, value: value.slice(0, -1).trimEnd(), continues: true };
}

function builtins(context: DefinitionContext): ReadonlyMap<string, Builtin> {
  const fixed =
    (value: string): Builtin =>
    (parameters) =>
      parameters === "" ? value : undefined;
  return new Map<string, Builtin>([
    ["_PWD", (parameters, directory) => (parameters === "" ? directory : undefined)],
    ["_INSTANCE", fixed(context.configId)],
    ["_HASH", fixed("#")],
    ["_BANG", fixed("!")],
    ["_RANDOM", (parameters) => randomWithin(parameters, context.random)],
    ["_ENV", (parameters) => environmentValue(parameters, context.environment)],
  ]);
}

/** A name without a value is the empty text; a use without a name stays as it is. */
function environmentValue(name: string, environment: DefinitionContext["environment"]): string | undefined {
  return name === "" ? undefined : (environment[name] ?? "");
}

/** `${_RANDOM [MIN [MAX]]}`: a whole number from MIN to MAX, 0 to 32767 by default. */
function randomWithin(parameters: string, random: () => number): string | undefined {
  const bounds = parameters.split(/ +/).filter((word) => word !== "");
  if (!bounds.every((word) => /^\d{1,9}$/.test(word))) return undefined;
  const [min = 0, max = 32_767] = bounds.map(Number);
  return String(min + Math.floor(random() * Math.max(1, max - min + 1)));
}
