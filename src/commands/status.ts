import { setTimeout as wait } from "node:timers/promises";
import { OperatorError } from "../base/errors.ts";
import { askStatus } from "../status/client.ts";
import type { AgentSnapshot } from "../status/snapshot.ts";
import { EXIT } from "./exit-codes.ts";
import { interruptSignal, type Output, wantsColor } from "./output.ts";
import { formatSnapshot } from "./status-view.ts";

export interface StatusOptions {
  /** The agent's `control_socket`. */
  readonly socket: string;
  /** The snapshot as the agent gave it, instead of a view: one object, with `watch` one a line. */
  readonly json?: boolean;
  /** Refreshes in place until interrupted. */
  readonly watch?: boolean;
  /** @default process.stdout */
  readonly out?: Output;
  /** @default process.stderr */
  readonly err?: Output;
  /** Ends `watch`; Ctrl-C does without it. */
  readonly signal?: AbortSignal;
  readonly refreshMs?: number;
}

/** What `cloudvip status` exits with, for scripts and monitoring. */
const STATUS_EXIT = { fine: EXIT.ok, fault: 1, unreachable: 2 } as const;

const REFRESH_MS = 1_000;
/** ANSI: to the top left corner; erase to the end of the line; erase to the end of the screen. */
const [HOME, ERASE_LINE, ERASE_BELOW] = ["\x1b[H", "\x1b[K", "\x1b[J"];

/**
 * Shows what the running agent says of itself.
 *
 * @returns 0 when all is well, 1 when an instance is in FAULT, 2 when the agent cannot be reached; in `watch`, of the last look
 */
export async function status(options: StatusOptions): Promise<number> {
  const { out = process.stdout, err = process.stderr } = options;
  const request = { socket: options.socket, json: options.json === true, out, err };
  if (!options.watch) return showOnce(request);
  const { signal = interruptSignal(), refreshMs = REFRESH_MS } = options;
  for (;;) {
    const code = await refresh(request);
    // The wait rejects for one reason only: it was interrupted.
    const interrupted = await wait(refreshMs, false, { signal }).catch(() => true);
    if (interrupted) return code;
  }
}

type Request = Required<Pick<StatusOptions, "socket" | "json" | "out" | "err">>;

async function showOnce({ socket, json, out, err }: Request): Promise<number> {
  const seen = await look(socket);
  if (!seen.ok) {
    err.write(seen.text);
    return STATUS_EXIT.unreachable;
  }
  out.write(json ? `${JSON.stringify(seen.snapshot, null, 2)}\n` : view(seen.snapshot, out));
  return exitCode(seen.snapshot);
}

/** An agent that restarts comes back into view: failing to reach it does not end the watch. */
async function refresh({ socket, json, out, err }: Request): Promise<number> {
  const seen = await look(socket);
  if (json && seen.ok) out.write(`${JSON.stringify(seen.snapshot)}\n`);
  else if (json && !seen.ok) err.write(seen.text);
  else paint(seen.ok ? view(seen.snapshot, out) : seen.text, out);
  return seen.ok ? exitCode(seen.snapshot) : STATUS_EXIT.unreachable;
}

type Seen =
  | { readonly ok: true; readonly snapshot: AgentSnapshot }
  | { readonly ok: false; readonly text: string };

async function look(path: string): Promise<Seen> {
  try {
    return { ok: true, snapshot: await askStatus({ path }) };
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return { ok: false, text: `cloudvip: ${error.message}\n  ${error.hint}\n` };
  }
}

function view(snapshot: AgentSnapshot, out: Output): string {
  return formatSnapshot(snapshot, { color: wantsColor(out, process.env), now: Date.now() });
}

/** Overwrites the last view line by line, which does not flicker as clearing would; a pipe gets one view after the other. */
function paint(text: string, out: Output): void {
  const inPlace = `${HOME}${text.replaceAll("\n", `${ERASE_LINE}\n`)}${ERASE_BELOW}`;
  out.write(out.isTTY ? inPlace : `${text}\n`);
}

function exitCode({ instances }: AgentSnapshot): number {
  return instances.some(({ state }) => state === "FAULT") ? STATUS_EXIT.fault : STATUS_EXIT.fine;
}
