import { type ChildProcess, execFile, spawn } from "node:child_process";
import { processTree } from "./proc.ts";
import { waitFor } from "./wait-for.ts";

/** What the caller's shell tells Node: no service manager does, and reading NODE_EXTRA_CA_CERTS alone takes 30 ms of a start. */
const { NODE_EXTRA_CA_CERTS: _, NODE_OPTIONS: __, ...inherited } = process.env;

/** Administrators' tools live in sbin, which is not on everyone's PATH; timestamps of tools are easiest in UTC. */
export const TOOL_ENVIRONMENT: NodeJS.ProcessEnv = {
  ...inherited,
  PATH: `${process.env["PATH"] ?? ""}:/usr/local/sbin:/usr/sbin:/sbin`,
  LC_ALL: "C",
  TZ: "UTC",
};

const OUTPUT_MAX_BYTES = 64 * 1024 * 1024;

/** Runs a command to its end and returns its standard output; throws, quoting its complaint, when it fails. */
export function run(command: readonly string[], input?: string): Promise<string> {
  const [file = "", ...args] = command;
  return new Promise((resolve, reject) => {
    const options = { env: TOOL_ENVIRONMENT, maxBuffer: OUTPUT_MAX_BYTES };
    const child = execFile(file, args, options, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      reject(new Error(`${command.join(" ")}: ${stderr.trim() || error.message}`, { cause: error }));
    });
    // A command that fails at once may close its input before it was written; its exit status tells the story.
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
  });
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A program that keeps running, its output gathered. */
export class RunningProcess {
  readonly name: string;
  /** Resolves when the program has ended, however it ended. */
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  readonly #output: Record<"stdout" | "stderr", Buffer[]> = { stdout: [], stderr: [] };
  #exit: Exit | undefined;

  constructor(command: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    const [file = "", ...args] = command;
    this.name = command.join(" ");
    this.#child = spawn(file, args, {
      env: { ...TOOL_ENVIRONMENT, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of ["stdout", "stderr"] as const) {
      this.#child[stream]?.on("data", (chunk: Buffer) => this.#output[stream].push(chunk));
    }
    this.exited = new Promise((resolve) => {
      const end = (exit: Exit) => {
        this.#exit = exit;
        resolve(exit);
      };
      this.#child.once("error", (error) => {
        this.#output.stderr.push(Buffer.from(error.message));
        end({ code: null, signal: null });
      });
      this.#child.once("close", (code, signal) => end({ code, signal }));
    });
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error(`${this.name} did not start: ${this.stderr()}`);
    return pid;
  }

  /** How it ended; undefined while it runs. */
  get exit(): Exit | undefined {
    return this.#exit;
  }

  stdout(): string {
    return this.stdoutBytes().toString();
  }

  stdoutBytes(): Buffer {
    return Buffer.concat(this.#output.stdout);
  }

  stderr(): string {
    return Buffer.concat(this.#output.stderr).toString();
  }

  /** Calls `listener` with each chunk of standard output, those that came before included. */
  onStdout(listener: (chunk: Buffer) => void): void {
    for (const chunk of this.#output.stdout) listener(chunk);
    this.#child.stdout?.on("data", listener);
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.#exit) process.kill(this.pid, signal);
  }

  /** Sends `signal` and waits for the end. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<Exit> {
    this.signal(signal);
    return await this.ended(`${signal} to end`);
  }

  /** SIGKILL to the program and all its descendants, with the effect of all at once. */
  async killTree(): Promise<void> {
    if (this.#exit || this.#child.pid === undefined) return;
    const tree = processTree(this.#child.pid);
    // Stopped first: a child may ask the kernel for a SIGTERM when its parent dies, and would use the chance to say goodbye.
    for (const pid of tree) signalQuietly(pid, "SIGSTOP");
    for (const pid of tree) signalQuietly(pid, "SIGKILL");
    await this.ended("SIGKILL to end");
  }

  async ended(what: string): Promise<Exit> {
    return await waitFor(() => this.#exit, {
      what: `${what} ${this.name}`,
      seen: () => this.stderr().slice(-2000),
    });
  }
}

/** A process that is gone already needs no signal. */
export function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
