import { getPriority, setPriority } from "node:os";

/** As good as SCHED_RR where it was measured, and a runaway loop at this level does not stop the machine. */
const ELECTION_NICE = -15;

/**
 * Asks the kernel to prefer this thread: an advert that is late looks like a MASTER that is gone. On Linux each thread has a nice
 * value of its own, and a new thread begins with its maker's.
 *
 * @returns the nice value that the thread has now, whether or not it was granted (that takes CAP_SYS_NICE or the unit's `Nice=`)
 */
export function preferThisThread(): number {
  try {
    if (getPriority() > ELECTION_NICE) setPriority(ELECTION_NICE);
  } catch {
    // Not permitted; the caller says what it got.
  }
  return getPriority();
}
