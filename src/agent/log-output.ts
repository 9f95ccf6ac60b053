import { fstatSync, write } from "node:fs";
import { setNonBlocking } from "../linux/libc.ts";

/** Some thousand lines: a reader that restarts misses none, and one that is gone costs no more than this. */
const BACKLOG_BYTES_MAX = 1024 * 1024;
const CHUNK_BYTES_MAX = 64 * 1024;
const RETRY_MS = 100;
/** What has not gone out by then is lost with the process. */
const FLUSH_MS_MAX = 500;

/**
 * Where the log's lines go, so that nothing on their way can stop the elections: not a pipe that nobody reads, not a full disk.
 * Lines wait in memory, in order and bounded; what does not fit is dropped, counted, and told when lines go out again.
 */
export class LogOutput {
  readonly #fd: number;
  readonly #onResumed: (dropped: number) => void;
  #waiting: string[] = [];
  /** Of `waiting` and `chunk` together. */
  #bytes = 0;
  /** What is being written. */
  #chunk: Buffer = Buffer.alloc(0);
  #isWriting = false;
  /** The reader has closed its end for good. */
  #isClosed = false;
  #dropped = 0;
  #flushed: (() => void)[] = [];

  /** `onResumed` is called when lines go out again after some were dropped. */
  constructor(fd: number, onResumed: (dropped: number) => void) {
    this.#fd = fd;
    this.#onResumed = onResumed;
    // A write to a full pipe would hold one of the few threads of Node's pool, and the end of the process with it.
    if (!fstatSync(fd).isFile()) setNonBlocking(fd);
  }

  write(line: string): void {
    const bytes = Buffer.byteLength(line);
    if (this.#isClosed) return;
    if (this.#bytes + bytes > BACKLOG_BYTES_MAX) {
      this.#dropped += 1;
      return;
    }
    this.#waiting.push(line);
    this.#bytes += bytes;
    if (!this.#isWriting) this.#writeNext();
  }

  /** Calls back when everything is out, or when it takes too long. */
  flush(done: () => void): void {
    if (this.#bytes === 0) {
      done();
      return;
    }
    const giveUp = setTimeout(done, FLUSH_MS_MAX);
    this.#flushed.push(() => {
      clearTimeout(giveUp);
      done();
    });
  }

  #writeNext(): void {
    if (this.#chunk.length === 0) this.#chunk = this.#nextChunk();
    if (this.#chunk.length === 0) {
      this.#isWriting = false;
      for (const done of this.#flushed.splice(0)) done();
      return;
    }
    this.#isWriting = true;
    write(this.#fd, this.#chunk, 0, this.#chunk.length, null, (error, written) => {
      if (error) this.#failed(error);
      else this.#written(written);
    });
  }

  #nextChunk(): Buffer {
    let bytes = 0;
    let lines = 0;
    for (const line of this.#waiting) {
      if (bytes > CHUNK_BYTES_MAX) break;
      bytes += line.length;
      lines += 1;
    }
    return Buffer.from(this.#waiting.splice(0, lines).join(""));
  }

  #written(bytes: number): void {
    this.#chunk = this.#chunk.subarray(bytes);
    this.#bytes -= bytes;
    // Not before there is room for what is told.
    if (this.#dropped > 0 && this.#bytes < BACKLOG_BYTES_MAX / 2) {
      const dropped = this.#dropped;
      this.#dropped = 0;
      this.#onResumed(dropped);
    }
    this.#writeNext();
  }

  #failed(error: NodeJS.ErrnoException): void {
    if (error.code !== "EPIPE") {
      // The reader is slow, or the disk is full: both may pass.
      setTimeout(() => this.#writeNext(), RETRY_MS).unref();
      return;
    }
    this.#isClosed = true;
    this.#waiting = [];
    this.#chunk = Buffer.alloc(0);
    this.#bytes = 0;
    this.#writeNext();
  }
}
