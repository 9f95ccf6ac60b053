/** Reads TypeScript as text, as far as the architecture test needs it: the compiler has no API for it any more. */

export interface ImportLine {
  readonly specifier: string;
  readonly typesOnly: boolean;
  /** Loaded when the line is reached, as `import("…")` is. */
  readonly lazy: boolean;
}

const COMMENT_OR_STRING =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g;

/** `import … from "x"`, `export … from "x"`, `import "x"`; `import("x")` as a value and as a type; `new URL("x", …)`. */
const STATIC = /\b(?:import|export)\s+(type\s+)?(?:([\w*{}\s,$]+?)\s+from\s+)?(["'])([^"'\n]+)\3/g;
const DYNAMIC = /\bimport\(\s*(["'])([^"'\n]+)\1/g;
const WORKER = /\bnew URL\(\s*(["'])(\.[^"'\n]+\.ts)\1/g;

export function importsOf(text: string): ImportLine[] {
  const code = withoutComments(text);
  return [
    ...[...code.matchAll(STATIC)].map(([, type, names = "", , specifier = ""]) => ({
      specifier,
      typesOnly: type !== undefined || onlyTypes(names),
      lazy: false,
    })),
    ...[...code.matchAll(DYNAMIC)].map(([, , specifier = ""]) => ({
      specifier,
      typesOnly: false,
      lazy: true,
    })),
    ...[...code.matchAll(WORKER)].map(([, , specifier = ""]) => ({
      specifier,
      typesOnly: false,
      lazy: true,
    })),
  ];
}

/** The code without comments and quoted text; what a template holds may be code, and stays. */
export function codeOf(text: string): string {
  return text.replace(COMMENT_OR_STRING, (token) => (token.startsWith("`") ? token : " "));
}

function withoutComments(text: string): string {
  return text.replace(COMMENT_OR_STRING, (token) => (token.startsWith("/") ? " " : token));
}

/** `{ type A, type B }` */
function onlyTypes(names: string): boolean {
  const list = /^\{(.*)\}$/s.exec(names.trim())?.[1]?.split(",") ?? [];
  const listed = list.map((name) => name.trim()).filter((name) => name !== "");
  return listed.length > 0 && listed.every((name) => name.startsWith("type "));
}
