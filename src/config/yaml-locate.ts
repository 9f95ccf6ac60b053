import { type Document, isAlias, isMap, isNode, isScalar, isSeq, type LineCounter, type Node } from "yaml";
import type { Locate } from "./mistake.ts";

/** A key and what it holds; a list's entry has no key, and the value may be missing. */
interface Found {
  readonly key?: Node | undefined;
  readonly value?: Node | undefined;
}

/** Finds the line and column of a path in a YAML document. */
export function yamlLocator(document: Document.Parsed, lines: LineCounter): Locate {
  const childrenOf = childIndex();
  return (path, at = "value") => {
    let found: Found = { value: document.contents ?? undefined };
    let alias: Node | undefined;
    for (const part of path) {
      const { value } = found;
      // What an alias stands for is written elsewhere, perhaps for another instance: the alias itself is the place to mend.
      if (isAlias(value)) alias ??= value;
      const child = childrenOf(isAlias(value) ? value.resolve(document) : value)?.get(part);
      if (!child) return undefined;
      found = child;
    }
    const offset = (alias ?? nodeToShow(found, at))?.range?.[0];
    if (offset === undefined) return undefined;
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
}

/** The key stands for a value that is empty, and for a block, which begins on a line of its own with nothing wrong on it. */
function nodeToShow({ key, value }: Found, at: "key" | "value"): Node | undefined {
  const isBlock = (isMap(value) || isSeq(value)) && !value.flow;
  const isEmpty = isScalar(value) && value.type === "PLAIN" && value.source === "";
  return at === "key" || isBlock || isEmpty ? (key ?? value) : value;
}

/** The children of maps and lists by key and index, each collection walked once: a file may have as many mistakes as lines. */
function childIndex(): (container: Node | undefined) => ReadonlyMap<string | number, Found> | undefined {
  const known = new WeakMap<Node, ReadonlyMap<string | number, Found>>();
  return (container) => {
    if (!container) return undefined;
    const children = known.get(container) ?? indexChildren(container);
    known.set(container, children);
    return children;
  };
}

/** Of several equal keys the last one counts, as in the document's plain data. */
function indexChildren(container: Node): ReadonlyMap<string | number, Found> {
  if (isSeq(container))
    return new Map(container.items.map((item, index) => [index, { value: asNode(item) }]));
  if (!isMap(container)) return new Map();
  return new Map(
    container.items.flatMap(({ key, value }) =>
      isScalar(key) ? [[String(key.value), { key, value: asNode(value) }]] : [],
    ),
  );
}

function asNode(value: unknown): Node | undefined {
  return isNode(value) ? value : undefined;
}
