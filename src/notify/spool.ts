/**
 * Notifications on disk until they are delivered: one file of lines that is only ever appended to and rewritten when most of it
 * is over. A line is `CRC32 JSON`; a line that a crash cut short, or that a broken disk changed, is left out and counted. The
 * write reaches the kernel before it returns, which survives the end of the process; a moment later it is on the disk, which
 * survives the end of the machine.
 */
import {
  closeSync,
  fdatasync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { messageOf } from "../base/errors.ts";

/** One notification and the channels that do not have it yet. */
export interface Spooled {
  readonly id: number;
  readonly json: string;
  readonly channels: ReadonlySet<string>;
}

/** Several times what full queues need; what is larger is no spool of ours. */
const FILE_BYTES_MAX = 64 * 1024 * 1024;
/** A smaller file is not worth rewriting. */
const REWRITE_BYTES_MIN = 1024 * 1024;

type Pending = Map<number, { readonly json: string; readonly channels: Set<string> }>;

export class Spool {
  readonly #path: string;
  readonly #onError: (why: string) => void;
  readonly #pending: Pending;
  /** Lines of the file as it was found that could not be read. */
  readonly damaged: number;
  #file: number | undefined;
  #size = 0;
  /** Of the file's bytes, those about what still waits. */
  #liveSize = 0;
  #lastId: number;
  #failing = false;
  #syncing = false;
  #unsynced = false;

  /** Never throws: without a disk the notifications wait in memory alone, and `onError` says so once. */
  constructor(directory: string, onError: (why: string) => void) {
    this.#path = join(directory, "notifications.spool");
    this.#onError = onError;
    const { pending, damaged, lastId } = this.#attempt(() => readSpool(directory, this.#path)) ?? NOTHING();
    this.#pending = pending;
    this.damaged = damaged;
    this.#lastId = lastId;
    this.#rewrite();
  }

  /** What waits, in order. */
  pending(): readonly Spooled[] {
    return [...this.#pending].map(([id, { json, channels }]) => ({ id, json, channels }));
  }

  /** @returns the number that `done` wants */
  add(json: string, channels: readonly string[]): number {
    const id = ++this.#lastId;
    this.#pending.set(id, { json, channels: new Set(channels) });
    const line = addedLine(id, json, channels);
    this.#liveSize += line.length;
    this.#append(line);
    return id;
  }

  /** `channel` has it, or will never get it. */
  done(ids: readonly number[], channel: string): void {
    if (ids.length === 0) return;
    for (const id of ids) {
      const entry = this.#pending.get(id);
      entry?.channels.delete(channel);
      if (entry?.channels.size !== 0) continue;
      this.#pending.delete(id);
      this.#liveSize -= entry.json.length;
    }
    this.#append(lineOf(JSON.stringify({ done: ids, channel })));
  }

  close(): void {
    if (this.#file !== undefined) this.#attempt(() => closeSync(Number(this.#file)));
    this.#file = undefined;
  }

  #append(line: string): void {
    const file = this.#file;
    if (file === undefined) return;
    // After a failure the file may end within a line.
    const written = this.#attempt(() => writeSync(file, this.#failing ? `\n${line}` : line));
    if (written === undefined) return;
    this.#size += written;
    if (this.#size > REWRITE_BYTES_MIN && this.#size > 2 * this.#liveSize) this.#rewrite();
    else this.#sync(file);
  }

  /** One at a time, so that a slow disk gets one request for many lines. */
  #sync(file: number): void {
    this.#unsynced = true;
    if (this.#syncing) return;
    this.#syncing = true;
    this.#unsynced = false;
    fdatasync(file, (error) => {
      this.#syncing = false;
      if (error && this.#file === file) this.#failed(error);
      else if (this.#unsynced && this.#file === file) this.#sync(file);
    });
  }

  /** Replaces the file by what still waits: whole, or not at all. */
  #rewrite(): void {
    this.#attempt(() => {
      const next = `${this.#path}.new`;
      const file = openSync(next, "w", 0o600);
      const lines = [...this.#pending].map(([id, { json, channels }]) => addedLine(id, json, [...channels]));
      const text = lines.join("");
      writeFileSync(file, text);
      fsyncSync(file);
      renameSync(next, this.#path);
      this.close();
      this.#file = file;
      this.#size = text.length;
      this.#liveSize = text.length;
    });
  }

  #attempt<T>(work: () => T): T | undefined {
    try {
      const result = work();
      this.#failing = false;
      return result;
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
  }

  #failed(error: unknown): void {
    if (!this.#failing) this.#onError(messageOf(error));
    this.#failing = true;
  }
}

interface Found {
  readonly pending: Pending;
  readonly damaged: number;
  readonly lastId: number;
}

function NOTHING(): Found {
  return { pending: new Map(), damaged: 0, lastId: 0 };
}

function readSpool(directory: string, path: string): Found {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0) return NOTHING();
  if (size > FILE_BYTES_MAX) return { ...NOTHING(), damaged: 1 };
  const pending: Pending = new Map();
  let [damaged, lastId] = [0, 0];
  for (const line of readFileSync(path, "utf8").split("\n")) {
    if (line === "") continue;
    const record = readLine(line);
    if (!record) damaged++;
    else lastId = Math.max(lastId, apply(record, pending));
  }
  return { pending, damaged, lastId };
}

type Record =
  | { readonly id: number; readonly channels: readonly string[]; readonly notification: unknown }
  | { readonly done: readonly number[]; readonly channel: string };

function apply(record: Record, pending: Pending): number {
  if ("id" in record) {
    pending.set(record.id, { json: JSON.stringify(record.notification), channels: new Set(record.channels) });
    return record.id;
  }
  for (const id of record.done) {
    const channels = pending.get(id)?.channels;
    channels?.delete(record.channel);
    if (channels?.size === 0) pending.delete(id);
  }
  return 0;
}

function addedLine(id: number, json: string, channels: readonly string[]): string {
  return lineOf(`{"id":${id},"channels":${JSON.stringify(channels)},"notification":${json}}`);
}

function lineOf(json: string): string {
  return `${checksum(json)} ${json}\n`;
}

/** What the checksum agrees with was written by us, and has one of our shapes. */
function readLine(line: string): Record | undefined {
  const [sum = "", json = ""] = [line.slice(0, 8), line.slice(9)];
  return checksum(json) === sum ? JSON.parse(json) : undefined;
}

function checksum(json: string): string {
  return crc32(json).toString(16).padStart(8, "0");
}
