import { execFileSync } from "node:child_process";
import { isRunning } from "./proc.ts";
import { killQuietly, TOOL_ENVIRONMENT } from "./process.ts";

/**
 * The lab's network namespaces are called `cv<pid>-<lab>-<host>` after the process that made them. So whoever comes
 * later can tell leftovers of a dead process from the namespaces of a test that runs beside this one.
 */
const NAME_PATTERN = /^cv(\d+)-/;

export function namespaceName(lab: number, host: string): string {
  return `cv${process.pid}-${lab}-${host}`;
}

/** Removes what dead processes left behind: their namespaces, and the programs that still run inside. */
export function sweepLeftovers(): void {
  for (const name of listNamespaces()) {
    const owner = NAME_PATTERN.exec(name)?.[1];
    if (owner !== undefined && !isRunning(Number(owner))) removeNamespace(name);
  }
}

/** Removes all namespaces of this process on exit, Ctrl-C included. Synchronous, for there is no time after. */
export function removeOwnNamespacesOnExit(): void {
  if (armed) return;
  armed = true;
  process.once("exit", removeOwnNamespaces);
  for (const [signal, exitCode] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const) {
    process.once(signal, () => process.exit(exitCode));
  }
}

/** Ends the programs inside and removes the namespace; its end of every veth takes the other end with it. */
export function removeNamespace(name: string): void {
  try {
    for (const pid of ip(["netns", "pids", name]).split("\n").filter(Boolean)) killQuietly(Number(pid));
    ip(["netns", "del", name]);
  } catch (error) {
    // Another process may be sweeping too.
    if (listNamespaces().includes(name)) throw error;
  }
}

let armed = false;

function removeOwnNamespaces(): void {
  for (const name of listNamespaces()) {
    if (name.startsWith(`cv${process.pid}-`)) removeNamespace(name);
  }
}

function listNamespaces(): readonly string[] {
  const lines = ip(["netns", "list"]).split("\n");
  return lines.map((line) => line.split(" ")[0] ?? "").filter(Boolean);
}

function ip(args: readonly string[]): string {
  return execFileSync("ip", args, { env: TOOL_ENVIRONMENT, encoding: "utf8" });
}
