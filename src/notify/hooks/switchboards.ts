import { access, constants, readFile, writeFile } from "node:fs/promises";
import type { AcceptRules } from "../../config/hooks-config.ts";
import type { ProgramConfig } from "../../config/program.ts";
import type { Switchboard } from "./held-settings.ts";

/** Runs a program; `ok` is exit code 0. */
export type RunProgram = (
  program: ProgramConfig,
  timeoutMs: number,
) => {
  readonly outcome: Promise<{ readonly ok: boolean; readonly detail: string; readonly output: string }>;
};

/** Kernel settings, as sysctl(8) names them: `net.ipv4.ip_forward`, or with slashes where a name holds a dot. */
export const kernelSettings: Switchboard = {
  before: async (name) => (await readFile(sysctlPath(name), "utf8")).trim(),
  write: (name, value) => writeFile(sysctlPath(name), `${value}\n`),
};

function sysctlPath(name: string): string {
  return `/proc/sys/${name.includes("/") ? name : name.replaceAll(".", "/")}`;
}

/** systemd units; whatever ran before, they stop when no instance wants them. */
export function units(run: RunProgram): Switchboard {
  return {
    before: async () => "stop",
    write: async (unit, verb) => {
      await succeed(run, ["systemctl", verb, unit]);
    },
  };
}

/** A firewall rule that lets something in, and where it stands. */
export interface AcceptRule {
  readonly where: AcceptRules;
  /** As the firewall's own command line has it. */
  readonly match: readonly string[];
}

/** By `JSON.stringify` of an {@link AcceptRule}; a rule of ours is told from others by its comment. */
export function acceptRules(run: RunProgram): Switchboard {
  return {
    before: async () => "absent",
    write: async (key, value) => {
      const rule: AcceptRule = JSON.parse(key);
      await (rule.where.kind === "iptables"
        ? setIptablesRule(run, { chain: rule.where.chain, match: rule.match }, value)
        : setNftRule(run, { ...rule.where, match: rule.match }, value));
    },
  };
}

async function setIptablesRule(
  run: RunProgram,
  { chain, match }: { readonly chain: string; readonly match: readonly string[] },
  value: string,
): Promise<void> {
  const rule = [chain, ...match, "-m", "comment", "--comment", COMMENT, "-j", "ACCEPT"];
  const [path, ...lock] = [await programPath("iptables"), "-w"];
  const check = await run({ ...AS_OURSELVES, command: [path, ...lock, "-C", ...rule] }, TOOL_MS).outcome;
  if (check.ok === (value === "present")) return;
  await succeed(run, ["iptables", ...lock, value === "present" ? "-I" : "-D", ...rule]);
}

async function setNftRule(
  run: RunProgram,
  rule: {
    readonly family: string;
    readonly table: string;
    readonly chain: string;
    readonly match: readonly string[];
  },
  value: string,
): Promise<void> {
  const chain = [rule.family, rule.table, rule.chain];
  const comment = `"${COMMENT} ${rule.match.join(" ")}"`;
  const listed = await succeed(run, ["nft", "-a", "list", "chain", ...chain]);
  const ours = listed.split("\n").filter((line) => line.includes(`comment ${comment}`));
  const handles = ours.flatMap((line) => /# handle (\d+)/.exec(line)?.[1] ?? []);
  if (value === "present") {
    if (handles.length > 0) return;
    await succeed(run, ["nft", "insert", "rule", ...chain, ...rule.match, "accept", "comment", comment]);
    return;
  }
  for (const handle of handles) await succeed(run, ["nft", "delete", "rule", ...chain, "handle", handle]);
}

const COMMENT = "cloudvip";
const TOOL_MS = 10_000;
const AS_OURSELVES = { user: undefined, group: undefined };

async function succeed(run: RunProgram, [name = "", ...args]: readonly string[]): Promise<string> {
  const command = [await programPath(name), ...args] as const;
  const { ok, detail, output } = await run({ ...AS_OURSELVES, command }, TOOL_MS).outcome;
  if (!ok) throw new Error(`${[name, ...args].join(" ")}: ${detail}`);
  return output;
}

const DIRECTORIES = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

async function programPath(name: string): Promise<string> {
  for (const directory of DIRECTORIES) {
    const path = `${directory}/${name}`;
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  throw new Error(`${name} is not installed`);
}
