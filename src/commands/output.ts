/** Where a command writes. `process.stdout` is one; a test passes its own. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  /** The width of the terminal. */
  readonly columns?: number | undefined;
}

/** Colour is for people at a terminal who did not decline it (https://no-color.org). */
export function wantsColor(out: Output, environment: NodeJS.ProcessEnv): boolean {
  return out.isTTY === true && !environment["NO_COLOR"];
}

/** How a report looks there: colour, and the width of a terminal. */
export function styleOf(out: Output): { readonly color: boolean; readonly columns: number | undefined } {
  return { color: wantsColor(out, process.env), columns: out.isTTY ? out.columns : undefined };
}

/** A signal that aborts at the first Ctrl-C or SIGTERM; a second Ctrl-C ends the process as usual. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  const abort = () => controller.abort();
  process.once("SIGINT", abort);
  process.once("SIGTERM", abort);
  return controller.signal;
}
