import { isDeepStrictEqual } from "node:util";
import type { CheckConfig, TrackerConfig } from "../config/track-config.ts";
import type { Check, CheckPorts } from "./check.ts";
import { FileCheck } from "./checks/file.ts";
import { HttpCheck } from "./checks/http.ts";
import { PingCheck, Pinger } from "./checks/ping.ts";
import { ProcessCheck, ProcessTable } from "./checks/process.ts";
import { ScriptCheck } from "./checks/script.ts";
import { TcpCheck } from "./checks/tcp.ts";
import type { Health } from "./counter.ts";
import { Tracker, type TrackerReport } from "./tracker.ts";

/** What runs in the health process: an interface is watched by the agent itself, which hears of it from the kernel at once. */
export type CheckedTracker = TrackerConfig & {
  readonly check: Exclude<CheckConfig, { readonly kind: "interface" }>;
};

/** A thousand checks that start together are spread over a second, in portions: waking the process costs as much as a check. */
const PORTION = 25;
const PORTION_MS = 25;

/** All trackers of a configuration. */
export class Trackers {
  readonly #ports: CheckPorts;
  readonly #report: (report: TrackerReport) => void;
  readonly #running = new Map<string, { readonly config: CheckedTracker; readonly tracker: Tracker }>();
  readonly #processes = new ProcessTable();
  readonly #pinger: Pinger;

  constructor(ports: CheckPorts, report: (report: TrackerReport) => void) {
    this.#ports = ports;
    this.#report = report;
    this.#pinger = new Pinger(ports.openIcmp);
  }

  /** Goes over to another set; a tracker that stays as it is runs on. */
  watch(configs: readonly CheckedTracker[], known: ReadonlyMap<string, Health>): void {
    for (const [name, { config, tracker }] of this.#running) {
      if (configs.some((wanted) => isDeepStrictEqual(wanted, config))) continue;
      tracker.close();
      this.#running.delete(name);
    }
    let started = 0;
    for (const config of configs) {
      if (this.#running.has(config.name)) continue;
      const tracker = new Tracker(config, this.#open(config), {
        report: this.#report,
        known: known.get(config.name),
        delayMs: PORTION_MS * Math.floor(started / PORTION),
      });
      started += 1;
      this.#running.set(config.name, { config, tracker });
    }
  }

  close(): void {
    this.watch([], new Map());
    this.#pinger.close();
  }

  #open({ check, timeout }: CheckedTracker): Check {
    switch (check.kind) {
      case "script":
        return new ScriptCheck(check.program, timeout, this.#ports);
      case "tcp":
        return new TcpCheck(check);
      case "http":
        return new HttpCheck(check);
      case "ping":
        return new PingCheck(check, this.#pinger);
      case "process":
        return new ProcessCheck(check, this.#processes);
      case "file":
        return new FileCheck(check.path);
    }
  }
}
