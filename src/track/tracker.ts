import { messageOf } from "../base/errors.ts";
import { toSeconds } from "../base/units.ts";
import type { TrackerConfig } from "../config/track-config.ts";
import type { Check, Finding } from "./check.ts";
import { countResult, type Health, type ResultCounter, startCounter } from "./counter.ts";
import type { TrackerState } from "./influence.ts";
import { TimeLimit } from "./time-limit.ts";

/** What became known of a tracker. */
export interface TrackerReport {
  readonly name: string;
  readonly state: TrackerState;
  /** The evidence, for people. */
  readonly detail: string;
  readonly warning: string | undefined;
}

/** A check that is told that its time is up may still say what it knows. */
const LAST_WORD_MS = 100;

/** Runs one check at its interval, never twice at a time, and reports what changes. */
export class Tracker {
  readonly #config: TrackerConfig;
  readonly #check: Check;
  readonly #report: (report: TrackerReport) => void;
  readonly #start: NodeJS.Timeout;
  #interval: NodeJS.Timeout | undefined;
  #counter: ResultCounter;
  #running = false;
  #closed = false;
  /** Of the last failure. */
  #complaint = "";
  /** As text, to see what differs. */
  #reported = "";

  /**
   * @param known what an earlier process knew; a restart is no reason to forget it
   * @param delayMs until the first run, so that many checks do not run at the same time
   */
  constructor(
    config: TrackerConfig,
    check: Check,
    {
      report,
      known,
      delayMs,
    }: {
      readonly report: (report: TrackerReport) => void;
      readonly known: Health | undefined;
      readonly delayMs: number;
    },
  ) {
    this.#config = config;
    this.#check = check;
    this.#report = report;
    this.#counter = startCounter(config, known ?? (config.initFail ? "down" : undefined));
    if (config.initFail && !known) this.#tell({ ok: false, detail: "not checked yet" });
    check.watch?.(() => this.#look());
    this.#start = setTimeout(() => {
      this.#interval = setInterval(() => this.#look(), config.interval);
      this.#look();
    }, delayMs);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#start);
    clearInterval(this.#interval);
    this.#check.close?.();
  }

  #look(): void {
    if (this.#running || this.#closed) return;
    const limit = new TimeLimit();
    const run = this.#begin(limit);
    if (run instanceof Promise) this.#await(run, limit);
    else if (run) this.#found(run);
  }

  #begin(limit: TimeLimit): ReturnType<Check["run"]> {
    try {
      return this.#check.run(limit);
    } catch (error) {
      return { ok: false, detail: messageOf(error) };
    }
  }

  #await(run: Promise<Finding>, limit: TimeLimit): void {
    this.#running = true;
    const { timeout } = this.#config;
    let isOpen = true;
    const end = (finding: Finding) => {
      if (!isOpen) return;
      isOpen = false;
      clearTimeout(timer);
      this.#running = false;
      if (!this.#closed) this.#found(finding);
    };
    let timer = setTimeout(() => {
      limit.end();
      const late: Finding = { ok: false, detail: `no answer within ${toSeconds(timeout)} s` };
      timer = setTimeout(() => end(late), LAST_WORD_MS);
    }, timeout);
    run.then(end, (error: unknown) => end({ ok: false, detail: messageOf(error) }));
  }

  #found(finding: Finding): void {
    this.#counter = countResult(this.#counter, finding.ok);
    this.#tell(finding);
  }

  #tell({ ok, detail, value, warning }: Finding): void {
    const { health } = this.#counter;
    const state: TrackerState =
      value === undefined ? { kind: health ?? "unknown" } : { kind: "value", value };
    // Why it fails may change while it does, and people should see the last word.
    if (!ok) this.#complaint = detail;
    const told = JSON.stringify([state, warning, state.kind === "down" ? this.#complaint : ""]);
    if (told === this.#reported) return;
    this.#reported = told;
    this.#report({ name: this.#config.name, state, detail, warning });
  }
}
