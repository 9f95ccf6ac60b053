import { getPriority, setPriority } from "node:os";
import { setOrdinary, setRoundRobin } from "./libc.ts";

/** The lowest real-time priority: before every ordinary thread, and behind the kernel's own. */
const REAL_TIME_PRIORITY = 1;
/** Where real time is not granted. */
const ELECTION_NICE = -15;

/** How the kernel treats a thread. */
export interface Preference {
  readonly policy: "SCHED_RR" | "SCHED_OTHER";
  readonly nice: number;
}

/** Lets `work` be as preferred as an agent's elections are, and no longer than it lasts. */
export async function asElectionThread<T>(work: () => Promise<T>): Promise<T> {
  const realTime = setRoundRobin(REAL_TIME_PRIORITY) === 0;
  try {
    return await work();
  } finally {
    if (realTime) setOrdinary();
  }
}

/**
 * Asks the kernel to prefer this thread: an advert that is late looks like a MASTER that is gone. A nice value alone is not
 * enough: it counts within a control group or session only, and on a machine that is too busy the group as a whole waits for
 * its share, which our own service thread may have used up. With twelve programs on two processors, adverts were late by
 * 50 ms (p99.9) at nice -15, and by 3 ms at the lowest real-time priority.
 *
 * @returns what the thread has now, whether or not it was granted (that takes CAP_SYS_NICE, or the unit's `LimitRTPRIO=` and `Nice=`)
 */
export function preferThisThread(): Preference {
  const realTime = setRoundRobin(REAL_TIME_PRIORITY) === 0;
  try {
    if (!realTime && getPriority() > ELECTION_NICE) setPriority(ELECTION_NICE);
  } catch {
    // Not permitted; the caller says what it got.
  }
  return { policy: realTime ? "SCHED_RR" : "SCHED_OTHER", nice: getPriority() };
}
