/** Looking into JSON of which nothing is certain yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A statement or an expression of nft is an object with one key: its kind, and what belongs to it. */
export function tagged(value: unknown): readonly [kind: string, content: unknown] | undefined {
  if (!isObject(value)) return undefined;
  const [entry] = Object.entries(value);
  return entry;
}

export function objectIn(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

export function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textIn(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function numberIn(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

/** Undefined when the text is no JSON. */
export function tryToParseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
