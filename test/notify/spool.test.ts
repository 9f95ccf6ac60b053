import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Spool } from "../../src/notify/spool.ts";

let directory: string;
let errors: string[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "cloudvip-spool-"));
  errors = [];
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

const open = () => new Spool(directory, (why) => errors.push(why));
const file = () => join(directory, "notifications.spool");
const waiting = (spool: Spool) => spool.pending().map(({ json, channels }) => [json, ...channels]);

describe("the spool", () => {
  it("remembers what was not done, in order, for each channel", () => {
    const spool = open();
    const first = spool.add('{"n":1}', ["a", "b"]);
    const second = spool.add('{"n":2}', ["a", "b"]);
    spool.add('{"n":3}', ["b"]);
    spool.done([first, second], "a");
    spool.done([first], "b");
    // The file as a killed process leaves it: never closed.
    expect(waiting(open())).toEqual([
      ['{"n":2}', "b"],
      ['{"n":3}', "b"],
    ]);
    expect(errors).toEqual([]);
  });

  it("never uses a number twice", () => {
    const first = open();
    const used = [first.add("1", ["a"]), first.add("2", ["a"])];
    first.done([used[0] ?? 0], "a");
    const second = open();
    const next = second.add("3", ["a"]);
    expect(used).not.toContain(next);
  });

  it("leaves out a line that a crash cut short", () => {
    const spool = open();
    spool.add('{"n":1}', ["a"]);
    spool.add('{"n":2}', ["a"]);
    truncateSync(file(), statSync(file()).size - 5);
    const again = open();
    expect(waiting(again)).toEqual([['{"n":1}', "a"]]);
    expect(again.damaged).toBe(1);
  });

  it("leaves out what a disk changed, and keeps the rest", () => {
    const spool = open();
    for (const n of [1, 2, 3]) spool.add(`{"n":${n}}`, ["a"]);
    writeFileSync(file(), readFileSync(file(), "utf8").replace('"n":2', '"n":7'));
    const again = open();
    expect(waiting(again)).toEqual([
      ['{"n":1}', "a"],
      ['{"n":3}', "a"],
    ]);
    expect(again.damaged).toBe(1);
  });

  it.each([
    ["random bytes", Buffer.from(Array.from({ length: 4_096 }, (_, index) => (index * 7_919) % 251))],
    ["zeros", Buffer.alloc(4_096)],
    ["a text", Buffer.from("hello\nworld\n\n{}\n")],
  ])("takes %s for no notification", (_, bytes) => {
    writeFileSync(file(), bytes);
    const spool = open();
    expect(spool.pending()).toEqual([]);
    expect(spool.damaged).toBeGreaterThan(0);
    spool.add('{"n":1}', ["a"]);
    expect(waiting(open())).toEqual([['{"n":1}', "a"]]);
  });

  it("does not grow without end", () => {
    const spool = open();
    const json = JSON.stringify({ text: "x".repeat(1_000) });
    for (let n = 0; n < 5_000; n++) spool.done([spool.add(json, ["a"])], "a");
    expect(statSync(file()).size).toBeLessThan(2 * 1024 * 1024);
  });

  it("lets nobody else read it", () => {
    open();
    expect(statSync(file()).mode & 0o077).toBe(0);
  });

  it("works in memory alone where it cannot write, and says so once", () => {
    const nowhere = join(directory, "file");
    appendFileSync(nowhere, "");
    const spool = new Spool(join(nowhere, "below"), (why) => errors.push(why));
    const id = spool.add("1", ["a"]);
    expect(spool.pending()).toHaveLength(1);
    spool.done([id], "a");
    expect(spool.pending()).toEqual([]);
    expect(errors).toHaveLength(1);
  });
});
