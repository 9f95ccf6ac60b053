import { styleText } from "node:util";
import { formatPrefix } from "../base/ip.ts";
import type { Millis } from "../base/units.ts";
import type { Config, InstanceConfig, SyncGroupConfig } from "../config/config.ts";
import { formatDuration } from "../config/duration.ts";
import type { ConfigProblem } from "../config/problem.ts";
import { backupWait } from "../vrrp/timers.ts";
import { type Excerpts, readExcerpts } from "./check-excerpts.ts";

/** A file that was checked. */
export interface Checked {
  readonly config: Config | undefined;
  readonly problems: readonly ConfigProblem[];
}

/** What an instance of a good file would do, in numbers; durations are milliseconds. */
export function summariseInstance(instance: InstanceConfig) {
  const { router } = instance;
  return {
    name: instance.name,
    interface: instance.interfaceName,
    virtualRouterId: router.virtualRouterId,
    version: router.version,
    priority: router.priority,
    sourceAddress: instance.sourceAddress ?? null,
    peers: instance.peers.map(({ address }) => address),
    virtualAddresses: [...instance.virtualAddresses, ...instance.excludedAddresses].map(formatPrefix),
    provider: instance.provider?.name ?? null,
    advertIntervalMs: router.advertInterval,
    /** Silence after which this node takes over from a MASTER with the same settings. */
    masterDownMs: silenceBeforeTakeover(instance),
  };
}

/** From the last advert of a MASTER with the same settings. */
function silenceBeforeTakeover({ router, peers: [peer] }: InstanceConfig): Millis {
  const master = peer && { address: peer.address, priority: router.priority };
  return backupWait(
    { settings: router, priority: router.priority },
    { master, masterAdvertInterval: router.advertInterval },
  );
}

/** Every problem with the line it is on, a summary, and what the file would do. */
export async function formatChecked(
  file: string,
  checked: Checked,
  style: { color: boolean },
): Promise<string> {
  const excerpts = await readExcerpts(file, checked.problems);
  const problems = checked.problems.map((problem) => formatProblem(file, problem, excerpts, style));
  const instances = checked.config?.instances.map(formatInstance) ?? [];
  const groups = checked.config?.syncGroups.map(formatGroup) ?? [];
  const lines = [...problems, summary(file, checked.problems), ...instances, ...groups];
  return lines.map((text) => `${text}\n`).join("");
}

function formatProblem(
  file: string,
  problem: ConfigProblem,
  excerpts: Excerpts,
  style: { color: boolean },
): string {
  const place = [problem.file ?? file, problem.line, problem.column]
    .filter((part) => part !== undefined)
    .join(":");
  const severity = problem.severity.padEnd("warning".length);
  const paint = problem.severity === "error" ? "red" : "yellow";
  // The caller decided about colour; styleText would ask the process's own stdout again.
  const shown = style.color ? styleText(paint, severity, { validateStream: false }) : severity;
  const subject = problem.path === "" ? "" : `${problem.path}: `;
  const sentence = printable(`${subject}${problem.message}; ${problem.fix}`);
  return [`${place}  ${shown}  ${sentence}`, ...excerpts(problem)].join("\n");
}

function summary(file: string, problems: readonly ConfigProblem[]): string {
  const count = (severity: ConfigProblem["severity"]) =>
    problems.filter((problem) => problem.severity === severity).length;
  const errors = plural(count("error"), "error");
  const warnings = plural(count("warning"), "warning");
  const verdict = count("error") > 0 ? "cannot be used" : "can be used";
  return `${file} ${verdict}: ${errors}, ${warnings}`;
}

function formatInstance(instance: InstanceConfig): string {
  const facts = summariseInstance(instance);
  const from = facts.sourceAddress === null ? "" : ` from ${facts.sourceAddress}`;
  const addresses = facts.virtualAddresses.length === 0 ? "no virtual address" : some(facts.virtualAddresses);
  const cloud = instance.provider
    ? `; provider ${instance.provider.name}, verified every ${formatDuration(instance.provider.verifyInterval)}`
    : "";
  const times = `adverts every ${formatDuration(instance.router.advertInterval)}, takeover after ${formatDuration(facts.masterDownMs)} of silence`;
  return [
    `  ${facts.name}: VRRPv${facts.version}, virtual router ${facts.virtualRouterId} on ${facts.interface}${from}, priority ${facts.priority}, ${plural(facts.peers.length, "peer")}: ${some(facts.peers)}`,
    `  ${" ".repeat(facts.name.length)}  ${addresses}; ${times}${cloud}`,
  ].join("\n");
}

function formatGroup({ name, members }: SyncGroupConfig): string {
  return `  sync group ${name}: ${some(members)} are MASTER together, or none of them`;
}

/** A list for one line; a hundred addresses are counted, not shown. */
function some(items: readonly string[]): string {
  const shown = items.slice(0, 4);
  const rest = items.length - shown.length;
  return rest > 0 ? `${shown.join(", ")} and ${rest} more` : shown.join(", ");
}

function plural(count: number, noun: string): string {
  return `${count === 0 ? "no" : count} ${noun}${count === 1 ? "" : "s"}`;
}

/** A file is not to be trusted with the terminal's control sequences. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, " ");
}
