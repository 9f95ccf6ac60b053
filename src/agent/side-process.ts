import { type ChildProcess, fork } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Happening, keyOf } from "../notify/hooks/happening.ts";
import type { HookReport } from "../notify/hooks/instance-hooks.ts";
import type { Health } from "../track/counter.ts";
import type { TrackerReport } from "../track/tracker.ts";
import type { FromSide, SideSetup, ToSide } from "./side-messages.ts";

/** A sign of life is asked for so often. */
const PING_MS = 1_000;
/** No check blocks the process; this is a defect, or a machine that stands still. */
const STALLED_AFTER_MS = 10_000;
/** A process that dies at once is not started in a loop. */
const RESTART_MS = 1_000;
/** A thousand checks take a tenth of it; a small heap makes for a fast start of programs. */
const HEAP_MB = 128;
const LAST_WORDS_MAX = 2_000;

export interface SideProcessEvents {
  readonly onTracker: (report: TrackerReport) => void;
  readonly onHook: (report: HookReport) => void;
  /** The process died or stalled, and is started again; the last results hold meanwhile. */
  readonly onRestart: (why: string) => void;
  /** What is known of trackers, for a process that starts. */
  readonly known: () => Readonly<Record<string, Health>>;
}

/** The agent's side of the process that runs checks and hooks. Nothing here waits for it or throws. */
export class SideProcess {
  readonly #events: SideProcessEvents;
  /** The newest state of each instance that was told, and whether its hooks are through. */
  readonly #told = new Map<string, { readonly happening: Happening; done: boolean }>();
  #setup: SideSetup | undefined;
  /** Undefined while nothing needs it, and between the end of one process and the start of the next. */
  #child: ChildProcess | undefined;
  #pings = { sent: 0, answered: 0 };
  #watch: NodeJS.Timeout | undefined;
  #onIdle: () => void = () => {};
  #closed = false;

  constructor(events: SideProcessEvents) {
    this.#events = events;
  }

  /** Starts the process where there is anything to check or to run, and not before. */
  configure(setup: SideSetup): void {
    const { trackers, hooked, notifyFifo } = setup;
    const isNeeded = trackers.length > 0 || hooked.length > 0 || notifyFifo !== undefined;
    if (!isNeeded && !this.#setup) return;
    this.#setup = setup;
    if (this.#watch) this.#sendSetup();
    else {
      this.#watch = setInterval(() => this.#checkPulse(), PING_MS);
      this.#watch.unref();
      this.#start();
    }
  }

  happened(happening: Happening): void {
    if (!this.#setup) return;
    if (happening.kind === "state") this.#told.set(keyOf(happening), { happening, done: false });
    this.#send({ kind: "happened", happening, again: false });
  }

  /** Lets the hooks finish, at most for `budgetMs`, and ends the process; scripts that run on are left to themselves. */
  async end(budgetMs: number): Promise<void> {
    this.#closed = true;
    clearInterval(this.#watch);
    if (!this.#child) return;
    const idle = new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
    this.#send({ kind: "finish" });
    await Promise.race([idle, wait(budgetMs, undefined, { ref: false })]);
    this.#child?.kill("SIGKILL");
  }

  #start(): void {
    // Compiled, this file and the other's lie side by side, and both end in .js.
    const child = fork(fileURLToPath(new URL("./side-main.js", import.meta.url)), [], {
      execArgv: [`--max-old-space-size=${HEAP_MB}`],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      env: { PATH: process.env["PATH"], TZ: process.env["TZ"] },
    });
    let lastWords = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      lastWords = `${lastWords}${text}`.slice(-LAST_WORDS_MAX);
    });
    child.on("message", (message: FromSide) => this.#receive(message));
    child.once("error", (error) => this.#lost(child, error.message));
    child.once("exit", (code, signal) =>
      this.#lost(child, `ended with ${signal ?? `code ${code}`} ${lastWords}`.trim()),
    );
    this.#child = child;
    this.#pings = { sent: 0, answered: 0 };
    this.#sendSetup();
    for (const { happening, done } of this.#told.values()) {
      this.#send({ kind: "happened", happening, again: done });
    }
  }

  #sendSetup(): void {
    if (this.#setup) this.#send({ kind: "setup", setup: this.#setup, known: this.#events.known() });
  }

  /** A message to a process that has just died is lost with it; its successor is told anew. */
  #send(message: ToSide): void {
    if (this.#child?.connected) this.#child.send(message, () => {});
  }

  #receive(message: FromSide): void {
    switch (message.kind) {
      case "tracker":
        this.#events.onTracker(message.report);
        return;
      case "hook":
        this.#events.onHook(message.report);
        return;
      case "done": {
        const told = this.#told.get(keyOf(message.happening));
        if (told && isSame(told.happening, message.happening)) told.done = true;
        return;
      }
      case "idle":
        this.#onIdle();
        return;
      case "pong":
        this.#pings.answered = message.count;
    }
  }

  #checkPulse(): void {
    if (!this.#child) return;
    const missed = (this.#pings.sent - this.#pings.answered) * PING_MS;
    if (missed >= STALLED_AFTER_MS) {
      this.#lost(this.#child, `did not answer for ${missed / 1000} s`);
      return;
    }
    this.#pings.sent += 1;
    this.#send({ kind: "ping", count: this.#pings.sent });
  }

  /** Once for each process: an error is followed by an exit. */
  #lost(child: ChildProcess, why: string): void {
    if (child !== this.#child) return;
    this.#child = undefined;
    child.kill("SIGKILL");
    this.#onIdle();
    if (this.#closed) return;
    this.#events.onRestart(`the process for checks and hooks ${why}`);
    setTimeout(() => {
      if (!this.#closed) this.#start();
    }, RESTART_MS).unref();
  }
}

function isSame(one: Happening, other: Happening): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
