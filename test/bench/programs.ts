import { Cloudvip, type CloudvipOptions } from "../lab/cloudvip.ts";
import type { Daemon } from "../lab/daemon.ts";
import type { Host } from "../lab/host.ts";
import { Keepalived } from "../lab/keepalived.ts";
import type { Lab } from "../lab/lab.ts";

/** The two programs that are compared, on the same configuration text. */
export type ProgramName = "keepalived" | "cloudvip";

export const PROGRAMS: readonly ProgramName[] = ["keepalived", "cloudvip"];

export interface StartFacts {
  readonly lab: Lab;
  readonly host: Host;
  readonly conf: string;
}

export function startProgram(
  program: ProgramName,
  { lab, host, conf }: StartFacts,
  options?: CloudvipOptions,
): Daemon {
  switch (program) {
    case "keepalived":
      return Keepalived.start(lab, host, conf, { log: "transitions" });
    case "cloudvip":
      return Cloudvip.start(lab, host, conf, options);
  }
}
