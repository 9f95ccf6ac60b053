import type { Locate } from "../mistake.ts";
import type { DocumentPath } from "../problem.ts";
import type { Position } from "./source.ts";

/** A sentence about a value that keepalived sees otherwise; `cloudvip import` writes it beside the value. */
export interface Note {
  readonly path: DocumentPath;
  readonly text: string;
}

/** The document in the shape of the YAML form, built key by key with the place of each. */
export class DocumentBuilder {
  readonly #mainFile: string;
  readonly #root: Record<string, unknown> = {};
  /** By the path as JSON: an instance may have a dot in its name. */
  readonly #places = new Map<string, Position>();
  readonly #notes: Note[] = [];

  constructor(mainFile: string) {
    this.#mainFile = mainFile;
  }

  get document(): Readonly<Record<string, unknown>> {
    return this.#root;
  }

  get notes(): readonly Note[] {
    return this.#notes;
  }

  /** Sets a value; the maps above it are made as needed. Elements of an array get their places through `place`. */
  put(path: DocumentPath, value: unknown, at: Position | undefined): void {
    let parent = this.#root;
    for (const key of path.slice(0, -1)) {
      if (!Object.hasOwn(parent, key)) define(parent, String(key), {});
      parent = parent[key] as Record<string, unknown>;
    }
    define(parent, String(path.at(-1)), value);
    this.place(path, at);
  }

  place(path: DocumentPath, at: Position | undefined): void {
    if (at !== undefined) this.#places.set(JSON.stringify(path), at);
  }

  note(path: DocumentPath, text: string): void {
    this.#notes.push({ path, text });
  }

  /** Finds what was put; a path inside a value that was put as a whole has the place of that value. */
  readonly locate: Locate = (path) => {
    for (let length = path.length; length > 0; length--) {
      const at = this.#places.get(JSON.stringify(path.slice(0, length)));
      if (at !== undefined) return { line: at.line, file: at.file === this.#mainFile ? undefined : at.file };
    }
    return undefined;
  };
}

/** An instance may be called `__proto__`, which an assignment would swallow. */
function define(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}
