import { type Document, isAlias, isMap, isNode, isScalar, isSeq, type LineCounter, type Node } from "yaml";
import type { Locate, Place } from "./mistake.ts";
import type { DocumentPath } from "./problem.ts";

/** Finds the line and column of a path in a YAML document that stays in memory. */
export function yamlLocator(document: Document.Parsed, lines: LineCounter): Locate {
  return (path, at = "value") => {
    const found = find(document, path);
    if (!found) return undefined;
    const { key, value } = found;
    const pointsAtKey = at === "key" || value === undefined || isEmptyScalar(value) || isBlock(value);
    const node = pointsAtKey ? (key ?? value) : value;
    return node?.range ? placeOf(node.range[0], lines) : undefined;
  };
}

interface Found {
  readonly key: Node | undefined;
  readonly value: Node | undefined;
}

function find(document: Document.Parsed, path: DocumentPath): Found | undefined {
  let found: Found | undefined = { key: undefined, value: document.contents ?? undefined };
  for (const part of path) {
    const { value }: Found = found;
    const container: Node | undefined = isAlias(value) ? value.resolve(document) : value;
    found = typeof part === "number" ? inList(container, part) : inMap(container, part);
    if (!found) return undefined;
  }
  return found;
}

/** The last of several equal keys is the one whose value counts. */
function inMap(container: Node | undefined, name: string): Found | undefined {
  if (!isMap(container)) return undefined;
  const pair = container.items.findLast(({ key }) => isScalar(key) && String(key.value) === name);
  if (!pair) return undefined;
  return { key: isNode(pair.key) ? pair.key : undefined, value: isNode(pair.value) ? pair.value : undefined };
}

function inList(container: Node | undefined, index: number): Found | undefined {
  const item = isSeq(container) ? container.items[index] : undefined;
  return isNode(item) ? { key: undefined, value: item } : undefined;
}

function isEmptyScalar(node: Node): boolean {
  return isScalar(node) && node.value === null && node.source === "";
}

/** A block collection begins on the line after its key, where nothing is wrong. */
function isBlock(node: Node): boolean {
  return (isMap(node) || isSeq(node)) && !node.flow;
}

function placeOf(offset: number, lines: LineCounter): Place {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}
