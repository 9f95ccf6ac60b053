import type { CST } from "yaml";

/** A configuration has six levels. */
const LEVELS_MAX = 32;

/**
 * Whether lists and maps are nested beyond all reason. The YAML package composes a document recursively, and a stack that
 * runs over inside a regular expression ends the whole process; its parser, which comes before that, uses no recursion.
 */
export function isNestedTooDeeply(tokens: readonly CST.Token[]): boolean {
  const open = tokens.map((token): Level => ({ token, depth: 0 }));
  for (let next = open.pop(); next; next = open.pop()) {
    if (next.depth > LEVELS_MAX) return true;
    open.push(...childrenOf(next));
  }
  return false;
}

interface Level {
  readonly token: CST.Token;
  readonly depth: number;
}

function childrenOf({ token, depth }: Level): readonly Level[] {
  if (token.type === "document") return token.value ? [{ token: token.value, depth }] : [];
  if (!("items" in token)) return [];
  return token.items.flatMap(({ key, value }) =>
    [key, value].flatMap((child) => (child ? [{ token: child, depth: depth + 1 }] : [])),
  );
}
