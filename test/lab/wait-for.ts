export interface WaitOptions {
  /** Completes the sentence "waited in vain for …". */
  readonly what: string;
  /** Generous by default: it decides when a broken test gives up, never how long a good one takes. */
  readonly deadlineMs?: number;
  readonly pollMs?: number;
  /** Evidence for the error: what the world looked like when time was up. */
  readonly seen?: () => unknown;
}

const DEFAULT_DEADLINE_MS = 15_000;
const DEFAULT_POLL_MS = 5;

/**
 * Asks `condition` until it answers with something other than `undefined`, `null` or `false`, and returns that. Throws an error that
 * says what was awaited and what was seen last when the deadline passes.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  options: WaitOptions,
): Promise<NonNullable<Exclude<T, false>>> {
  const deadlineMs = options.deadlineMs ?? DEFAULT_DEADLINE_MS;
  const giveUpAt = performance.now() + deadlineMs;
  for (;;) {
    const answer = await condition();
    if (answer !== undefined && answer !== null && answer !== false) {
      return answer as NonNullable<Exclude<T, false>>;
    }
    if (performance.now() >= giveUpAt) {
      throw new Error(`waited ${deadlineMs} ms in vain for ${options.what}${evidence(options.seen)}`);
    }
    await pause(options.pollMs ?? DEFAULT_POLL_MS);
  }
}

/** Lets time pass. For pacing a poll or letting a measurement run, never to wait for something to happen. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function evidence(seen: WaitOptions["seen"]): string {
  if (!seen) return "";
  const last = seen();
  return `\nlast seen: ${typeof last === "string" ? last : JSON.stringify(last)}`;
}
