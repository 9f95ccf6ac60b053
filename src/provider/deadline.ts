/**
 * Runs `work` with a signal that aborts together with `signal`, or after `ms` milliseconds.
 *
 * @throws {DeadlineError} when `work` fails after its time was up, whatever it says itself
 */
export async function withDeadline<T>(
  signal: AbortSignal,
  ms: number,
  work: (bounded: AbortSignal) => Promise<T>,
): Promise<T> {
  // The timer holds its controller. `AbortSignal.any` holds an `AbortSignal.timeout` weakly: on Node 20 a garbage collection
  // takes it away, and a call to a cloud that hangs never ends.
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(new DeadlineError(ms)), ms);
  try {
    return await work(AbortSignal.any([signal, deadline.signal]));
  } catch (error) {
    throw deadline.signal.aborted && !signal.aborted ? deadline.signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
}

/** The time for an answer is up. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";

  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
  }
}

/** Work that ignores its signal is given up after so long; its answer, if one comes, is dropped. */
const ABORT_GRACE_MS = 250;

/** Ends with `work`, or soon after `signal` aborts, with the signal's reason: a plug-in may ignore the signal. */
export function givingUpOnAbort<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason);
    signal.addEventListener("abort", () => setTimeout(giveUp, ABORT_GRACE_MS), { once: true });
    // It may throw before it returns a promise.
    Promise.resolve().then(work).then(resolve, reject);
  });
}
