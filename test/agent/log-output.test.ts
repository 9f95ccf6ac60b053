import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LogOutput } from "../../src/agent/log-output.ts";
import { waitFor } from "../lab/wait-for.ts";

/** More than a pipe holds, and less than waits in memory. */
const MUCH = 5_000;
const LINE_BYTES = 100;

describe("the log's way out", () => {
  let directory: string;
  let open: number[];
  let resumed: number[];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "cloudvip-log-"));
    open = [];
    resumed = [];
  });

  afterEach(() => {
    for (const fd of open) closeSync(fd);
    rmSync(directory, { recursive: true });
  });

  it("is a file: every line is there, in order, when it is flushed", async () => {
    const path = join(directory, "log");
    const output = outputTo(path, constants.O_CREAT | constants.O_WRONLY);
    for (let number = 0; number < MUCH; number++) output.write(line(number));
    await flushed(output);
    expect(readFileSync(path, "utf8")).toBe(lines(0, MUCH));
  });

  it("is a pipe that nobody reads: lines wait, the oldest are kept, and what is dropped is told", async () => {
    const { output, read } = pipe();
    const fitting = Math.floor(2 ** 20 / LINE_BYTES);
    for (let number = 0; number < fitting + 7; number++) output.write(line(number));
    await flushed(output);
    expect(resumed).toEqual([]);
    await waitFor(() => read() && resumed.length > 0, { what: "lines to go out again" });
    expect(resumed).toEqual([7]);
    await waitFor(() => read().length >= fitting * LINE_BYTES, { what: "all lines" });
    expect(read()).toBe(lines(0, fitting));
    output.write(line(99));
    await waitFor(() => read().endsWith(line(99)), { what: "a line after that" });
  });

  it("is a full disk: flushing gives up, and later lines do not throw", async () => {
    const output = outputTo("/dev/full", constants.O_WRONLY);
    output.write(line(1));
    await flushed(output);
    output.write(line(2));
    expect(resumed).toEqual([]);
  });

  it("is a pipe whose reader is gone: nothing waits for it", async () => {
    const path = fifo();
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const output = outputTo(path, constants.O_WRONLY);
    closeSync(reader);
    for (let number = 0; number < 2 * MUCH; number++) output.write(line(number));
    await flushed(output);
    output.write(line(1));
    expect(resumed).toEqual([]);
  });

  function outputTo(path: string, flags: number): LogOutput {
    const fd = openSync(path, flags);
    open.push(fd);
    return new LogOutput(fd, (dropped) => resumed.push(dropped));
  }

  function fifo(): string {
    const path = join(directory, "fifo");
    execFileSync("mkfifo", [path]);
    return path;
  }

  /** `read` takes what there is, and answers all that came so far. */
  function pipe(): { readonly output: LogOutput; readonly read: () => string } {
    const path = fifo();
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    open.push(reader);
    const output = outputTo(path, constants.O_WRONLY);
    let text = "";
    const buffer = Buffer.alloc(2 ** 20);
    const read = () => {
      try {
        text += buffer.toString("utf8", 0, readSync(reader, buffer));
      } catch {
        // Nothing there now.
      }
      return text;
    };
    return { output, read };
  }
});

function flushed(output: LogOutput): Promise<void> {
  return new Promise((resolve) => output.flush(resolve));
}

function line(number: number): string {
  return `${String(number).padStart(LINE_BYTES - 1, "0")}\n`;
}

function lines(from: number, to: number): string {
  return Array.from({ length: to - from }, (_, index) => line(from + index)).join("");
}
