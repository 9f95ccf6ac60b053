import { type ChildProcess, spawn } from "node:child_process";
import { messageOf } from "../base/errors.ts";
import { whyUntrusted } from "./trusted-file.ts";
import { type UserIds, userIds } from "./user.ts";

export interface Program {
  /** An absolute path and the arguments; no shell reads them. */
  readonly command: readonly [path: string, ...args: string[]];
  /** Undefined is this process's own user. */
  readonly user: string | undefined;
  readonly group: string | undefined;
}

export interface ProgramOutcome {
  /** It ended by itself with exit code 0. */
  readonly ok: boolean;
  /** For people: how it ended, and the last line that it printed. */
  readonly detail: string;
  /** The end of what it printed, standard output and standard error as they came. */
  readonly output: string;
}

export interface ProgramRun {
  /** How it went; known at the timeout at the latest. Never rejects. */
  readonly outcome: Promise<ProgramOutcome>;
  /** The program is gone; only then may it be started again. */
  readonly ended: Promise<void>;
}

/** What a program prints is evidence, and its end says most. */
const OUTPUT_CHARACTERS_MAX = 64 * 1024;
const LAST_LINE_CHARACTERS_MAX = 300;
/** From SIGTERM to SIGKILL, as in keepalived. */
const KILL_AFTER_MS = 2_000;
/** Output that lies in the pipe when the program ends is read; a child that it left behind may hold the pipe open for ever. */
const LAST_OUTPUT_MS = 50;

const ENVIRONMENT = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  HOME: "/",
  LC_ALL: "C",
};

/**
 * Runs a program in a process group of its own and with an environment of its own, and ends the whole group at the timeout. It is
 * refused when somebody else could have replaced it. Nothing that the program does makes this throw.
 */
export function runProgram(program: Program, timeoutMs: number): ProgramRun {
  const started = start(program).catch((error: unknown) => refusalOf(program, error));
  const run = started.then((child) => ("detail" in child ? child : follow(child, timeoutMs)));
  return {
    outcome: run.then((one) => ("outcome" in one ? one.outcome : one)),
    ended: run.then((one) => ("outcome" in one ? one.ended : undefined)),
  };
}

async function start({
  command: [path, ...args],
  user,
  group,
}: Program): Promise<ChildProcess | ProgramOutcome> {
  const ids = user === undefined ? undefined : await userIds(user, group);
  const own = process.getuid?.() ?? 0;
  const reason = await whyUntrusted(path, ids ? [own, ids.uid] : [own]);
  if (reason !== undefined) return failed(`not run, because others could replace it: ${reason}`);
  return await spawned(path, args, ids);
}

function spawned(path: string, args: readonly string[], ids: UserIds | undefined): Promise<ChildProcess> {
  const stdio = ["ignore", "pipe", "pipe"] as const;
  // `detached` makes it the leader of a process group.
  const child = spawn(path, args, { ...ids, cwd: "/", env: ENVIRONMENT, detached: true, stdio: [...stdio] });
  return new Promise((resolve, reject) => {
    child.once("spawn", () => resolve(child));
    child.once("error", reject);
  });
}

function follow(child: ChildProcess, timeoutMs: number): ProgramRun {
  const tail = collectTail(child);
  let timedOut = false;
  let kill: NodeJS.Timeout | undefined;
  const ended = new Promise<string>((resolve) => {
    child.once("exit", (code, signal) => {
      clearTimeout(kill);
      // What it started must not outlive it when it was told to end.
      if (timedOut) signalGroup(child, "SIGKILL");
      resolve(signal ? `killed by ${signal}` : `exit code ${code}`);
    });
  });
  const outcome = new Promise<ProgramOutcome>((resolve) => {
    const timeout = setTimeout(() => {
      timedOut = true;
      signalGroup(child, "SIGTERM");
      kill = setTimeout(() => signalGroup(child, "SIGKILL"), KILL_AFTER_MS);
      resolve(failed(`no end after ${timeoutMs / 1000} s, so it was killed`, tail()));
    }, timeoutMs);
    void ended.then(async (how) => {
      clearTimeout(timeout);
      await lastOutput(child);
      resolve(child.exitCode === 0 ? { ok: true, ...said("exit code 0", tail()) } : failed(how, tail()));
    });
  });
  return { outcome, ended: ended.then(() => undefined) };
}

/** Keeps reading until the pipes close, so that a program that prints on never blocks, and remembers the end. */
function collectTail(child: ChildProcess): () => string {
  let tail = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      tail = `${tail}${text}`.slice(-OUTPUT_CHARACTERS_MAX);
    });
  }
  return () => tail;
}

async function lastOutput(child: ChildProcess): Promise<void> {
  await new Promise<void>((resolve) => {
    child.once("close", () => resolve());
    setTimeout(resolve, LAST_OUTPUT_MS).unref();
  });
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // The group is gone already.
  }
}

function failed(how: string, output = ""): ProgramOutcome {
  return { ok: false, ...said(how, output) };
}

function said(how: string, output: string): Pick<ProgramOutcome, "detail" | "output"> {
  const line = output.trimEnd().split("\n").at(-1)?.trim() ?? "";
  const shown = line.replaceAll(/\p{C}/gu, "").slice(0, LAST_LINE_CHARACTERS_MAX);
  return { detail: shown === "" ? how : `${how}: ${shown}`, output };
}

function refusalOf({ command: [path] }: Program, error: unknown): ProgramOutcome {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT") return failed(`${path} does not exist`);
  if (code === "EACCES") return failed(`${path} is not executable`);
  if (code === "EPERM") return failed(`${path} cannot run as another user: only root may start it so`);
  return failed(`${path} did not start: ${messageOf(error)}`);
}
