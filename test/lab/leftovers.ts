import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isRunning } from "./proc.ts";
import { signalQuietly, TOOL_ENVIRONMENT } from "./process.ts";

/**
 * What a lab makes on the machine, network namespaces and a directory, is called `cv<pid>-<lab>…` after the process that made it.
 * So whoever comes later can tell leftovers of a dead process from the lab of a test that runs beside this one.
 */
const NAME_PATTERN = /^cv(\d+)-/;

export function labName(lab: number, part: string): string {
  return `${ownPrefix()}${lab}-${part}`;
}

/** Makes a directory for a lab's files. */
export function makeLabDirectory(lab: number): string {
  const path = join(tmpdir(), labName(lab, "files"));
  mkdirSync(path);
  return path;
}

/** Removes what dead processes left behind, and the programs that still run there. */
export function sweepLeftovers(): void {
  removeWhere((name) => {
    const owner = NAME_PATTERN.exec(name)?.[1];
    return owner !== undefined && !isRunning(Number(owner));
  });
}

/** Removes everything of this process on exit, Ctrl-C included. Synchronous, for there is no time after. */
export function removeOwnOnExit(): void {
  if (armed) return;
  armed = true;
  process.once("exit", () => removeWhere((name) => name.startsWith(ownPrefix())));
  const endings = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
  for (const [signal, exitCode] of Object.entries(endings))
    process.once(signal, () => process.exit(exitCode));
}

/** Ends the programs inside and removes the namespace; its end of every veth takes the other end with it. */
export function removeNamespace(name: string): void {
  try {
    for (const pid of ip(["netns", "pids", name]).split("\n").filter(Boolean))
      signalQuietly(Number(pid), "SIGKILL");
    ip(["netns", "del", name]);
  } catch (error) {
    // Another process may be sweeping too.
    if (listNamespaces().includes(name)) throw error;
  }
}

export function removeDirectory(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

let armed = false;

function ownPrefix(): string {
  return `cv${process.pid}-`;
}

function removeWhere(unwanted: (name: string) => boolean): void {
  for (const name of listNamespaces().filter(unwanted)) removeNamespace(name);
  for (const name of readdirSync(tmpdir()).filter(unwanted)) removeDirectory(join(tmpdir(), name));
}

function listNamespaces(): readonly string[] {
  const lines = ip(["netns", "list"]).split("\n");
  return lines.map((line) => line.split(" ")[0] ?? "").filter(Boolean);
}

function ip(args: readonly string[]): string {
  return execFileSync("ip", args, { env: TOOL_ENVIRONMENT, encoding: "utf8" });
}
