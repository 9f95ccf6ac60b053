/**
 * What travels over the control socket: the client sends one line, `{"command":"status"}`, the agent answers with one line
 * and closes. The envelope is the same for every command.
 */
export type Reply =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error: ReplyError };

interface ReplyError {
  /** Stable, such as `unknown-command`. */
  readonly code: string;
  readonly message: string;
  /** What the person who asked can do, where the agent knows. */
  readonly hint?: string;
}

/** Far more than any command needs. A request never decides how much memory the agent spends on it. */
export const REQUEST_BYTES_MAX = 4_096;
