import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { askStatus } from "../../src/status/client.ts";
import type { AgentSnapshot, InstanceCounters, InstanceSnapshot } from "../../src/status/snapshot.ts";
import { Daemon, labPath, type RouterStateName } from "./daemon.ts";
import type { Host } from "./host.ts";
import type { Lab } from "./lab.ts";
import type { RunningProcess } from "./process.ts";

export interface CloudvipOptions {
  /** The Node executable; the one that runs this by default. */
  readonly node?: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** The ending decides how the file is read. */
  readonly format?: "conf" | "yaml";
  /** Further arguments of `run`. */
  readonly args?: readonly string[];
}

/** The built command line, `dist/src/cli.js`, seen from the sources and from the compiled form of this file. */
export const CLI = fileURLToPath(new URL("../../dist/src/cli.js", import.meta.url)).replace(
  "/dist/dist/",
  "/dist/",
);

/** The agent, as it is installed: a process of its own that runs the built command line. */
export class Cloudvip extends Daemon {
  readonly program = "cloudvip";
  readonly socket: string;

  private constructor(facts: { host: Host; configFile: string; process: RunningProcess; socket: string }) {
    super(facts);
    this.socket = facts.socket;
  }

  static start(lab: Lab, host: Host, conf: string, options: CloudvipOptions = {}): Cloudvip {
    const configFile = labPath(lab, host, options.format === "yaml" ? ".yaml" : ".conf");
    const socket = `${configFile}.sock`;
    const node = options.node ?? process.execPath;
    writeFileSync(configFile, conf);
    const started = host.spawn(
      // Several agents share this machine's file system, so each gets a control socket of its own.
      [node, CLI, "run", "--config", configFile, "--control-socket", socket, ...(options.args ?? [])],
      options.environment,
    );
    return new Cloudvip({ host, configFile, process: started, socket });
  }

  /** What the agent says of itself over its control socket. */
  status(): Promise<AgentSnapshot> {
    return askStatus({ path: this.socket });
  }

  async instance(name = "V1"): Promise<InstanceSnapshot> {
    const { instances } = await this.status();
    const found = instances.find((instance) => instance.name === name);
    if (!found) throw new Error(`cloudvip on ${this.host.name} has no instance ${name}`);
    return found;
  }

  async counters(instance?: string): Promise<InstanceCounters> {
    return (await this.instance(instance)).counters;
  }

  override async state(instance = "V1"): Promise<RouterStateName | undefined> {
    try {
      const { instances } = await this.status();
      return instances.find(({ name }) => name === instance)?.state;
    } catch {
      // It does not listen yet.
      return undefined;
    }
  }
}
