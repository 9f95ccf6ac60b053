/** Where a command writes. `process.stdout` is one; a test passes its own. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
}

/** Colour is for people at a terminal who did not decline it (https://no-color.org). */
export function wantsColor(out: Output, environment: NodeJS.ProcessEnv): boolean {
  return out.isTTY === true && !environment["NO_COLOR"];
}

/** A signal that aborts at the first Ctrl-C or SIGTERM; a second Ctrl-C ends the process as usual. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  const abort = () => controller.abort();
  process.once("SIGINT", abort);
  process.once("SIGTERM", abort);
  return controller.signal;
}
