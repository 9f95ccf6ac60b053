import { existsSync, readdirSync, readFileSync } from "node:fs";

/** `pid` and all its descendants, parents first. */
export function processTree(pid: number): readonly number[] {
  const children = tasksOf(pid).flatMap((task) => words(read(`/proc/${pid}/task/${task}/children`)));
  return [pid, ...children.flatMap((child) => processTree(Number(child)))];
}

/** CPU time used so far by the process and its descendants, all threads, in ms. */
export function cpuTimeMs(pid: number): number {
  const nanoseconds = processTree(pid).flatMap((process) =>
    tasksOf(process).map((task) => Number(words(read(`/proc/${process}/task/${task}/schedstat`))[0] ?? 0)),
  );
  return sum(nanoseconds) / 1e6;
}

/** Whether a raw socket of IP protocol 112 (VRRP) is open in the network namespace that process `pid` lives in. */
export function listensToVrrp(pid: number): boolean {
  // The "port" of a raw socket in this table is its protocol, in hexadecimal.
  return /^\s*\d+: [0-9A-F]{8}:0070 /m.test(read(`/proc/${pid}/net/raw`));
}

export function isRunning(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}

function tasksOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** A process may end between two looks at it: then its files are gone, and it counts as empty. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function words(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
