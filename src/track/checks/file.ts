import { constants, type FSWatcher, watch } from "node:fs";
import { open } from "node:fs/promises";
import { basename, dirname } from "node:path";
import type { Check, Finding } from "../check.ts";

/** keepalived reads so much and looks for a number at the beginning. */
const READ_BYTES = 127;
/** A watched file is read all the same, in case the watch missed something. */
const REREAD_MS = 10_000;

/**
 * The number in a file; 0 when the file is missing or holds none. inotify tells of changes at once, and the interval is for file
 * systems that have none.
 */
export class FileCheck implements Check {
  readonly #path: string;
  #reading = false;
  #watcher: FSWatcher | undefined;
  #last: { readonly at: number; readonly finding: Finding } | undefined;
  /** Counted, so that a change during a read is not taken for read. */
  #changes = 0;

  constructor(path: string) {
    this.#path = path;
  }

  run(): Promise<Finding> | Finding | undefined {
    // A file on a network file system whose server is gone is read for ever.
    if (this.#reading) return undefined;
    const last = this.#last;
    if (this.#watcher && last && performance.now() - last.at < REREAD_MS) return last.finding;
    return this.#read();
  }

  watch(onChange: () => void): void {
    const name = basename(this.#path);
    try {
      this.#watcher = watch(dirname(this.#path), (_event, changed) => {
        if (changed !== null && changed !== name) return;
        this.#changes += 1;
        this.#last = undefined;
        onChange();
      });
    } catch {
      // Its directory may come later; the interval finds the file then.
      return;
    }
    this.#watcher.on("error", () => this.close());
  }

  close(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  async #read(): Promise<Finding> {
    this.#reading = true;
    const changes = this.#changes;
    try {
      const value = numberIn(await readStart(this.#path));
      const finding = { ok: value === 0, detail: `holds ${value}`, value };
      if (changes === this.#changes) this.#last = { at: performance.now(), finding };
      return finding;
    } finally {
      this.#reading = false;
    }
  }
}

/** Without waiting for a writer, should the file be a pipe. */
async function readStart(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined);
  if (!file) return "";
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(READ_BYTES), 0, READ_BYTES);
    return buffer.toString("latin1", 0, bytesRead);
  } catch {
    return "";
  } finally {
    await file.close();
  }
}

/** As strtol(3) with base 0 reads it: decimal, 0x for hexadecimal, a leading 0 for octal; text behind it does not matter. */
function numberIn(text: string): number {
  const match = /^\s*([+-]?)(?:0[xX]([0-9a-fA-F]+)|(0[0-7]*)|([1-9]\d*))/.exec(text);
  if (!match) return 0;
  const [, sign, hexadecimal, octal, decimal] = match;
  const digits = hexadecimal ?? octal ?? decimal ?? "0";
  const value = Number.parseInt(digits, hexadecimal ? 16 : octal ? 8 : 10);
  return sign === "-" ? -value || 0 : value;
}
