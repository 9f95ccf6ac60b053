import { readFile } from "node:fs/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import { adviseMemory, errnoName, lockMemory, MADV_DONTNEED, MLOCK_ONFAULT } from "./libc.ts";
import { type Mapping, readMappings } from "./memory-map.ts";

/** What became of the program's code and constants in memory. */
export interface SettledMemory {
  /** Mapped pages that were let go, most of which only the start had used. */
  readonly releasedBytes: number;
  /** `locked`: pages stay in memory once they were used; or the errno's name of the refusal. */
  readonly lock: string;
}

/**
 * Lets go of the program's pages, so that only those come back which are used from now on, and locks these as they come: on a
 * machine that runs out of memory the kernel drops code first, and an election that waits for the disk is late. Of Node's 40 MB
 * that start-up maps, an agent goes on using about 10.
 *
 * Only code and constants are locked. `mlockall` would take in V8's heap as well, and V8 ends the process when the kernel
 * refuses to take back a locked page (`Check failed` in `DiscardUnusedMemory`); the unit's `MemorySwapMax=0` keeps the heap in
 * memory. Each range takes a turn of the event loop, the largest about 1 ms.
 *
 * @returns what it got; locking takes `LimitMEMLOCK=` of as many bytes as the program has, not as it uses
 */
export async function settleMemory(): Promise<SettledMemory> {
  const program = readMappings(await readFile("/proc/self/smaps", "utf8")).filter(
    ({ isProgram }) => isProgram,
  );
  let releasedBytes = 0;
  let refusal: string | undefined;
  for (const mapping of program) {
    releasedBytes += release(mapping);
    const answer = lockMemory(mapping.start, mapping.bytes, MLOCK_ONFAULT);
    if (answer < 0) refusal ??= errnoName(answer);
    await nextTurn();
  }
  return { releasedBytes, lock: refusal ?? "locked" };
}

/** What is locked already stays, and counts as nothing. */
function release({ start, bytes, residentBytes }: Mapping): number {
  return adviseMemory(start, bytes, MADV_DONTNEED) < 0 ? 0 : residentBytes;
}
