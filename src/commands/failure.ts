import { messageOf, OperatorError } from "../base/errors.ts";
import { EXIT } from "./exit-codes.ts";

/** Says on standard error why a command could not do its work, and what to do. */
export function reportFailure(error: unknown): void {
  if (error instanceof OperatorError) {
    process.stderr.write(`cloudvip: ${error.message}\n  ${error.hint}\n`);
    process.exitCode = EXIT.failed;
    return;
  }
  process.stderr.write(
    `cloudvip: unexpected error: ${error instanceof Error ? error.stack : messageOf(error)}\n`,
  );
  process.exitCode = EXIT.bug;
}
