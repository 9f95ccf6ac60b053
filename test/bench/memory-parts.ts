import { readFileSync } from "node:fs";
import { processTree } from "../lab/proc.ts";

/** Where the memory of a process and its descendants goes, as proportional set size in MB. */
export interface MemoryParts {
  readonly total: number;
  /** Code and constants of programs and libraries: the kernel may drop them and read them again, unless they are locked. */
  readonly code: number;
  /** V8's heap of all threads, the code that it compiled included. */
  readonly heap: number;
  /** malloc, stacks, and what libraries write. */
  readonly rest: number;
}

/** V8 takes its heap in pages of this size, and nobody else does. */
const V8_PAGE_BYTES = 256 * 1024;

export function memoryParts(pid: number): MemoryParts {
  const parts = { code: 0, heap: 0, rest: 0 };
  for (const process of processTree(pid)) {
    for (const mapping of readFileSync(`/proc/${process}/smaps`, "utf8").split(/^(?=[0-9a-f]+-)/m)) {
      parts[useOf(mapping)] += Number(/^Pss:\s+(\d+) kB/m.exec(mapping)?.[1] ?? 0) / 1024;
    }
  }
  return { total: parts.code + parts.heap + parts.rest, ...parts };
}

function useOf(mapping: string): keyof Omit<MemoryParts, "total"> {
  const [, from = "", to = "", permissions = "", inode, file] =
    /^([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ (\d+) *(\S*)/.exec(mapping) ?? [];
  if (inode !== "0") return permissions[1] === "-" ? "code" : "rest";
  const bytes = Number.parseInt(to, 16) - Number.parseInt(from, 16);
  const isV8 = file === "" && (permissions.includes("x") || bytes % V8_PAGE_BYTES === 0);
  return isV8 ? "heap" : "rest";
}
