import { writeFileSync } from "node:fs";
import type { Finding } from "../../src/doctor/finding.ts";
import { CLI } from "./cloudvip.ts";
import { labPath } from "./daemon.ts";
import type { Node } from "./group.ts";
import type { Lab } from "./lab.ts";
import { waitFor } from "./wait-for.ts";

/** What `cloudvip doctor --json` says. */
export interface DoctorReport {
  readonly verdict: "ok" | "warnings" | "failures";
  readonly findings: readonly Finding[];
  readonly fine: readonly {
    readonly code: string;
    readonly note: string;
    readonly details: readonly string[];
  }[];
  readonly unseen: readonly { readonly code: string; readonly why: string }[];
}

/** A node of a group, or any other host with an agent. */
type Examined = Pick<Node, "host" | "daemon" | "cloudvip">;

export interface Examination {
  /** Only these checks; all of them by default. */
  readonly check?: readonly string[];
  /** Another configuration than the one that runs on the node. */
  readonly conf?: string;
}

/** Runs doctor on a node of a lab to its end, as it is installed. */
export async function examine(
  lab: Lab,
  node: Examined,
  { check = [], conf }: Examination = {},
): Promise<DoctorReport> {
  const { host, daemon } = node;
  const socket = daemon.program === "cloudvip" ? ["--socket", node.cloudvip.socket] : [];
  const started = host.spawn([
    process.execPath,
    CLI,
    "doctor",
    "--json",
    "--config",
    conf === undefined ? daemon.configFile : writeConf(lab, node, conf),
    ...socket,
    ...(check.length > 0 ? ["--check", ...check] : []),
  ]);
  await started.exited;
  try {
    return JSON.parse(started.stdout()) as DoctorReport;
  } catch {
    throw new Error(`doctor on ${host.name} gave no report: ${started.stdout()}${started.stderr()}`);
  }
}

/** Looks again and again until doctor finds `code`, or finds it no more; what it needs to show takes its time to happen. */
export async function waitForFinding(
  lab: Lab,
  node: Examined,
  {
    code,
    gone = false,
    ...examination
  }: Omit<Examination, "check"> & { readonly code: string; readonly gone?: boolean },
): Promise<Finding | undefined> {
  let report: DoctorReport | undefined;
  const found = await waitFor(
    async () => {
      report = await examine(lab, node, { ...examination, check: [code] });
      const [finding] = report.findings;
      return gone ? report.fine.length > 0 : finding;
    },
    {
      what: `doctor on ${node.host.name} to ${gone ? "miss" : "find"} ${code}`,
      deadlineMs: 40_000,
      seen: () => report,
    },
  );
  return found === true ? undefined : found;
}

function writeConf(lab: Lab, { host }: Examined, conf: string): string {
  const file = labPath(lab, host, ".conf");
  writeFileSync(file, conf);
  return file;
}
