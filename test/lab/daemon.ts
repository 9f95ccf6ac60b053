import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Host } from "./host.ts";
import type { Lab } from "./lab.ts";
import { processTree } from "./proc.ts";
import type { Exit, RunningProcess } from "./process.ts";
import { waitFor } from "./wait-for.ts";

export type RouterStateName = "INIT" | "BACKUP" | "MASTER" | "FAULT";

/** A VRRP program that runs on a host of the lab. cloudvip and keepalived are driven alike, by the same keepalived.conf. */
export abstract class Daemon {
  abstract readonly program: "cloudvip" | "keepalived";
  readonly host: Host;
  readonly configFile: string;
  protected readonly process: RunningProcess;

  protected constructor(facts: { host: Host; configFile: string; process: RunningProcess }) {
    this.host = facts.host;
    this.configFile = facts.configFile;
    this.process = facts.process;
  }

  /** The state that the program itself claims; undefined while it has not said anything. */
  abstract state(instance?: string): Promise<RouterStateName | undefined>;

  get pid(): number {
    return this.process.pid;
  }

  /** How it ended; undefined while it runs. */
  get exit(): Exit | undefined {
    return this.process.exit;
  }

  /** Everything that it printed. */
  log(): string {
    return this.process.stdout() + this.process.stderr();
  }

  async waitForState(state: RouterStateName, options: { readonly instance?: string } = {}): Promise<void> {
    await waitFor(async () => this.exit !== undefined || (await this.state(options.instance)) === state, {
      what: `${this.program} on ${this.host.name} to be ${state}`,
      pollMs: 20,
      seen: () => this.log().slice(-3000),
    });
    if (this.exit) throw new Error(`${this.program} on ${this.host.name} has ended:\n${this.log()}`);
  }

  /** SIGHUP, after its file was replaced by `conf` if one is given. Returns at once: what the reload does is to be waited for. */
  reload(conf?: string): void {
    if (conf !== undefined) writeFileSync(this.configFile, conf);
    this.process.signal("SIGHUP");
  }

  /** SIGTERM, and waits for the end. */
  stop(): Promise<Exit> {
    return this.process.stop("SIGTERM");
  }

  /** SIGKILL to all its processes at once: nothing is said, nothing is tidied up. */
  kill(): Promise<void> {
    return this.process.killTree();
  }

  /** SIGSTOP to all its processes, as when a virtual machine is suspended. */
  freeze(): void {
    for (const pid of processTree(this.pid)) process.kill(pid, "SIGSTOP");
  }

  thaw(): void {
    for (const pid of processTree(this.pid)) process.kill(pid, "SIGCONT");
  }
}

/** A new path in the lab's directory for a file of `host`. */
export function labPath(lab: Lab, host: Host, suffix: string): string {
  files += 1;
  return join(lab.directory, `${host.name}-${files}${suffix}`);
}

let files = 0;
