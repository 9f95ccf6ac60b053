import { readdirSync, readFileSync } from "node:fs";
import type { Check, Finding } from "../check.ts";

/** The kernel cuts the names of processes here (TASK_COMM_LEN without the closing zero). */
const NAME_LENGTH = 15;
/** Checks that look within this time share one scan. */
const SCAN_HOLDS_MS = 200;

/**
 * The processes of this host by name, from /proc. A process that was found is asked for alone the next time, so a scan of all of
 * them is rare. /proc is memory: reading it does not wait.
 */
export class ProcessTable {
  #scan: { readonly at: number; readonly pids: ReadonlyMap<string, readonly number[]> } | undefined;

  pidsOf(name: string): readonly number[] {
    const now = performance.now();
    if (!this.#scan || now - this.#scan.at > SCAN_HOLDS_MS) this.#scan = { at: now, pids: scan() };
    return this.#scan.pids.get(name) ?? [];
  }
}

/** So many living processes of a name are a success. */
export class ProcessCheck implements Check {
  readonly #name: string;
  readonly #quorum: number;
  readonly #table: ProcessTable;
  #known: readonly number[] = [];

  constructor(settings: { readonly process: string; readonly quorum: number }, table: ProcessTable) {
    this.#name = settings.process.slice(0, NAME_LENGTH);
    this.#quorum = settings.quorum;
    this.#table = table;
  }

  run(): Finding {
    const alive = this.#known.filter((pid) => nameOf(pid) === this.#name);
    this.#known = alive.length >= this.#quorum ? alive : this.#search();
    const found = this.#known.length;
    const detail =
      this.#quorum === 1
        ? `${found === 0 ? "no process" : "a process"} ${this.#name}`
        : `${found} of ${this.#quorum} processes ${this.#name}`;
    return { ok: found >= this.#quorum, detail };
  }

  /** The scan may be older than the end of a process. */
  #search(): readonly number[] {
    const pids = this.#table.pidsOf(this.#name).filter((pid) => nameOf(pid) === this.#name);
    return pids.slice(0, this.#quorum);
  }
}

function scan(): ReadonlyMap<string, readonly number[]> {
  const pids = new Map<string, number[]>();
  for (const entry of readdirSync("/proc")) {
    const pid = Number(entry);
    const name = Number.isInteger(pid) ? nameOf(pid) : undefined;
    if (name === undefined) continue;
    const namesakes = pids.get(name);
    if (namesakes) namesakes.push(pid);
    else pids.set(name, [pid]);
  }
  return pids;
}

/** Undefined when the process is gone, or dead and only not waited for (proc(5), the states Z and X). */
function nameOf(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined;
  }
  // `1234 (name) S …`; a name may hold parentheses.
  const end = stat.lastIndexOf(")");
  return /[ZX]/.test(stat.charAt(end + 2)) ? undefined : stat.slice(stat.indexOf("(") + 1, end);
}
