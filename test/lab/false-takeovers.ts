import type { Host } from "./host.ts";
import type { Observer } from "./observer.ts";

/** Adverts that must be missing before a BACKUP may take over. */
const MISSED = 3;
/** The clocks of a capture and of the kernel's timers are not the same to the last millisecond. */
const TOLERANCE = 0.97;
/** Between a decision and its packet a program may be stopped, or another may have the processor. */
const UNDERWAY_MS = 60;

/**
 * The times at which `backup` began to advertise although `master` had not been missing on the wire for three intervals; in ms
 * of its longest silence just before. A MASTER that a busy machine did not let speak is silent, and to be replaced.
 */
export function falseTakeovers(
  observer: Observer,
  { master, backup, advertMs }: { readonly master: Host; readonly backup: Host; readonly advertMs: number },
): readonly number[] {
  const heard = observer.advertsOf(master).map(({ atMs }) => atMs);
  const said = observer.advertsOf(backup).map(({ atMs }) => atMs);
  // What it says while it is MASTER, and when it yields, is no new beginning.
  const begun = said.filter((atMs, index) => atMs - (said[index - 1] ?? 0) >= MISSED * advertMs);
  return begun
    .map((atMs) => longestSilence([...heard.filter((before) => before < atMs), atMs], atMs - UNDERWAY_MS))
    .filter((silentMs) => silentMs < TOLERANCE * MISSED * advertMs);
}

/** Between two of `times`, the later of them after `since`. */
function longestSilence(times: readonly number[], since: number): number {
  return Math.max(
    ...times.map((atMs, index) => (atMs > since ? atMs - (times[index - 1] ?? Number.NEGATIVE_INFINITY) : 0)),
  );
}
