/**
 * Runs an operator's program once: a request on its stdin, an answer from its stdout, and an end in any case. The program
 * leads a process group of its own, so that whatever it started ends with it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";

export interface ProgramRun {
  /** An absolute path and its arguments; no shell reads them. */
  readonly command: readonly [string, ...string[]];
  readonly input: string;
  readonly timeoutMs: number;
  /** Ends the program early. */
  readonly signal: AbortSignal;
}

export type ProgramEnd =
  | { readonly kind: "exited"; readonly code: number; readonly stdout: string; readonly stderr: string }
  /** By a signal that we did not send. */
  | { readonly kind: "killed"; readonly signal: string; readonly stderr: string }
  | { readonly kind: "not-started"; readonly code: string }
  | { readonly kind: "timed-out"; readonly stderr: string }
  | { readonly kind: "too-much-output" }
  | { readonly kind: "aborted" };

/** An answer about a hundred addresses is about 10 KiB; a program that writes more than this is writing something else. */
const STDOUT_MAX_BYTES = 64 * 1024;
/** Only the end is kept: the last line of a trace is the one that tells what went wrong. */
const STDERR_KEPT_BYTES = 4 * 1024;
/** From SIGTERM to SIGKILL. Short, because a program that holds on to a lost mastership is in the way of the next one. */
const GRACE_MS = 500;
/** How long output may still arrive after the program ended: its own children may hold the pipe open for ever. */
const DRAIN_MS = 200;

/** Never rejects: how the program ended is the result. */
export async function runProgram(run: ProgramRun): Promise<ProgramEnd> {
  if (run.signal.aborted) return { kind: "aborted" };
  const [file, ...args] = run.command;
  const child = spawn(file, args, { detached: true, stdio: ["pipe", "pipe", "pipe"], cwd: "/" });
  const output = collectOutput(child);
  // The program may end without reading its request, which is its right.
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(run.input);
  const cut = new AbortController();
  const exited = exitOf(child);
  const first = await Promise.race([
    exited,
    output.overflow,
    abortOf(run.signal, cut.signal),
    delay(run.timeoutMs, "timed-out" as const, { signal: cut.signal }).catch(() => "aborted" as const),
  ]);
  cut.abort();
  if (typeof first === "string") {
    await endGroup(child, exited);
    return first === "timed-out" ? { kind: first, stderr: output.stderr() } : { kind: first };
  }
  if ("error" in first) return { kind: "not-started", code: first.error };
  await Promise.race([output.closed, delay(DRAIN_MS)]);
  signalGroup(child, "SIGKILL");
  if (first.signal) return { kind: "killed", signal: first.signal, stderr: output.stderr() };
  return { kind: "exited", code: first.code, stdout: output.stdout(), stderr: output.stderr() };
}

type Exit = { readonly error: string } | { readonly code: number; readonly signal: NodeJS.Signals | null };

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once("error", (error: NodeJS.ErrnoException) => resolve({ error: error.code ?? error.message }));
    child.once("exit", (code, signal) => resolve({ code: code ?? 0, signal }));
  });
}

function abortOf(signal: AbortSignal, until: AbortSignal): Promise<"aborted"> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve("aborted"), { once: true, signal: until });
  });
}

function collectOutput(child: ChildProcess) {
  let [stdout, stderr] = [Buffer.alloc(0), Buffer.alloc(0)];
  const overflow = new Promise<"too-much-output">((resolve) => {
    child.stdout?.on("data", (chunk: Buffer) => {
      if (stdout.length + chunk.length > STDOUT_MAX_BYTES) resolve("too-much-output");
      else stdout = Buffer.concat([stdout, chunk]);
    });
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr = Buffer.concat([stderr, chunk]).subarray(-STDERR_KEPT_BYTES);
  });
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  return { overflow, closed, stdout: () => stdout.toString("utf8"), stderr: () => stderr.toString("utf8") };
}

/** Asks the whole group to end, then makes it. */
async function endGroup(child: ChildProcess, exited: Promise<Exit>): Promise<void> {
  signalGroup(child, "SIGTERM");
  const ended = await Promise.race([exited.then(() => true), delay(GRACE_MS, false)]);
  signalGroup(child, "SIGKILL");
  if (!ended) await Promise.race([exited, delay(GRACE_MS)]);
  child.stdout?.destroy();
  child.stderr?.destroy();
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is gone, which is what was wanted.
  }
}
