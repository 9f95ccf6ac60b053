/** One piece of a line that was cut at its first brace outside double quotes. */
export interface BraceSplit {
  /** `{`, `}`, or the text before the brace. */
  readonly piece: string;
  /** What is read as the next line; undefined when nothing is left. */
  readonly rest: string | undefined;
}

/**
 * Cuts a line at the first `{` or `}` outside double quotes: braces need no blanks around them, and what stands behind one is
 * read as a line of its own.
 */
export function splitAtBrace(line: string): BraceSplit {
  const at = braceIndex(line);
  if (at === undefined) return { piece: line.trim(), rest: undefined };
  const cut = at === 0 ? 1 : at;
  const rest = line.slice(cut).trim();
  return { piece: line.slice(0, cut).trim(), rest: rest === "" ? undefined : rest };
}

/**
 * The words of a statement. `"…"` makes one word without its quotes and knows no escapes; a quote in the middle of a word
 * begins a new one, as in keepalived. An open quote takes the rest of the line.
 */
export function words(line: string): readonly string[] {
  return [...line.matchAll(/"([^"]*)"?|[^\s"]+/g)].map(([whole, quoted]) => quoted ?? whole);
}

function braceIndex(line: string): number | undefined {
  let quoted = false;
  for (let index = 0; index < line.length; index++) {
    const char = line.charAt(index);
    if (char === '"') quoted = !quoted;
    else if (!quoted && (char === "{" || char === "}")) return index;
  }
  return undefined;
}
