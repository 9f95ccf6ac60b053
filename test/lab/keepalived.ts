import { writeFileSync } from "node:fs";
import { Daemon, labPath, type RouterStateName } from "./daemon.ts";
import type { Host } from "./host.ts";
import type { Lab } from "./lab.ts";

export interface KeepalivedOptions {
  /**
   * `everything` by default. With a few hundred instances keepalived is busy writing down each gratuitous ARP, and moves them in
   * seconds instead of half of one.
   */
  readonly log?: "everything" | "transitions";
}

/** keepalived, its VRRP part only, in the foreground. */
export class Keepalived extends Daemon {
  readonly program = "keepalived";

  static start(
    lab: Lab,
    host: Host,
    conf: string,
    { log = "everything" }: KeepalivedOptions = {},
  ): Keepalived {
    const configFile = labPath(lab, host, ".keepalived.conf");
    writeFileSync(configFile, conf);
    const pidFiles = ["-p", `${configFile}.pid`, "-r", `${configFile}.vrrp.pid`];
    const detail = log === "everything" ? ["-D"] : [];
    const process = host.spawn(["keepalived", "-n", "-l", ...detail, "-P", "-f", configFile, ...pidFiles]);
    return new Keepalived({ host, configFile, process });
  }

  /** The last state that its log says it entered. */
  override async state(instance = "V1"): Promise<RouterStateName | undefined> {
    const entered = [...this.log().matchAll(/\((\S+)\) Entering (MASTER|BACKUP|FAULT) STATE/g)];
    return entered.findLast(([, name]) => name === instance)?.[2] as RouterStateName | undefined;
  }
}
