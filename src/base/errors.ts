/**
 * An error that an operator reads: what happened, and what to do about it. Anything else that is thrown is a bug and keeps
 * its stack trace.
 */
export class OperatorError extends Error {
  override readonly name = "OperatorError";
  /** Stable, for scripts and tests, such as `linux/no-cap-net-raw`. */
  readonly code: string;
  /** What to do, one sentence. */
  readonly hint: string;

  constructor(facts: { code: string; message: string; hint: string }, options?: { cause?: unknown }) {
    super(facts.message, options);
    this.code = facts.code;
    this.hint = facts.hint;
  }
}

/** The text of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
