import { closeSync, constants, fstatSync, openSync, writeSync } from "node:fs";
import { messageOf } from "../../base/errors.ts";
import type { RunProgram } from "./switchboards.ts";

const MKFIFO = "/usr/bin/mkfifo";
const MKFIFO_MS = 5_000;

/**
 * keepalived's `notify_fifo`: a named pipe that another program reads. It is opened for both directions, so that it stays open
 * when its reader ends, and never waits: what does not fit is dropped, and said so.
 */
export class Fifo {
  readonly path: string;
  readonly #fd: number;
  readonly #onDrop: (why: string) => void;

  private constructor(path: string, fd: number, onDrop: (why: string) => void) {
    this.path = path;
    this.#fd = fd;
    this.#onDrop = onDrop;
  }

  /** @throws Error when the path is no pipe, belongs to somebody else, or cannot be made */
  static async open(path: string, run: RunProgram, onDrop: (why: string) => void): Promise<Fifo> {
    try {
      return new Fifo(path, openPipe(path), onDrop);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    }
    const program = { command: [MKFIFO, "-m", "600", path] as const, user: undefined, group: undefined };
    const made = await run(program, MKFIFO_MS).outcome;
    if (!made.ok) throw new Error(`${path} could not be made: ${made.detail}`);
    return new Fifo(path, openPipe(path), onDrop);
  }

  write(line: string): void {
    try {
      writeSync(this.#fd, line);
    } catch (error) {
      this.#onDrop(`${this.path} did not take ${line.trim()}: ${messageOf(error)}`);
    }
  }

  close(): void {
    closeSync(this.#fd);
  }
}

function openPipe(path: string): number {
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  const stats = fstatSync(fd);
  const own = process.getuid?.() ?? 0;
  if (stats.isFIFO() && (stats.uid === own || stats.uid === 0)) return fd;
  closeSync(fd);
  throw new Error(`${path} is ${stats.isFIFO() ? "another user's" : "no named pipe"}`);
}
