import type { z } from "zod";
import { millis, toSeconds } from "../../src/base/units.ts";
import { ProviderError, type ProviderErrorKind } from "../../src/provider/errors.ts";
import { type ProgramEnd, runProgram } from "./program.ts";
import { type ExecRequest, errorAnswer } from "./protocol.ts";

/**
 * Asks the program one question.
 *
 * @throws {ProviderError} for a refusal, a failure, or an answer that is none
 * @throws the signal's reason when it was aborted
 */
export async function ask<Schema extends z.ZodType>(
  command: readonly [string, ...string[]],
  request: ExecRequest,
  schema: Schema,
  signal: AbortSignal,
): Promise<z.output<Schema>> {
  const input = `${JSON.stringify(request)}\n`;
  const end = await runProgram({ command, input, timeoutMs: request.timeout_ms, signal });
  signal.throwIfAborted();
  const fail = failureOf(`${command[0]} ${request.operation}`);
  if (end.kind !== "exited") throw fail(...whyItEnded(end, request));
  const answer = parseJson(end.stdout);
  const refusal = errorAnswer.safeParse(answer);
  if (refusal.success) {
    const { kind, message, hint, retry_after_ms } = refusal.data.error;
    throw fail(kind, message, hint ?? "Read the program's own log.", retry_after_ms);
  }
  if (end.code !== 0) {
    throw fail(
      "unreachable",
      `exit status ${end.code}${lastLine(end.stderr)}`,
      "Run it by hand with the same input.",
    );
  }
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw fail("misconfigured", nonsense(end.stdout, answer, parsed.error), PROTOCOL_HINT);
}

const PROTOCOL_HINT =
  "Write one JSON object to stdout, as providers/exec/README.md describes, and all else to stderr.";

function failureOf(operation: string) {
  return (kind: ProviderErrorKind, message: string, hint: string, retryAfterMs?: number) =>
    new ProviderError({ kind, operation, message, hint, retryAfterMs });
}

function whyItEnded(
  end: Exclude<ProgramEnd, { kind: "exited" }>,
  request: ExecRequest,
): [ProviderErrorKind, string, string] {
  switch (end.kind) {
    case "not-started":
      return ["misconfigured", `the program could not be started (${end.code})`, startHint(end.code)];
    case "timed-out": {
      const after = `no answer within ${toSeconds(millis(request.timeout_ms))} s, so it was ended${lastLine(end.stderr)}`;
      return ["unreachable", after, "Give the program a shorter time limit of its own, or raise `timeout`."];
    }
    case "killed":
      return [
        "unreachable",
        `ended by ${end.signal}${lastLine(end.stderr)}`,
        "Find out who ended it, such as the OOM killer.",
      ];
    case "too-much-output":
      return ["misconfigured", "it wrote more to stdout than any answer needs", PROTOCOL_HINT];
    case "aborted":
      return ["unreachable", "it was ended because the question no longer mattered", "Nothing."];
  }
}

function startHint(code: string): string {
  if (code === "ENOENT")
    return "Check the path in `command`, and the interpreter in the program's first line.";
  if (code === "EACCES") return "Make it executable: chmod 755.";
  return "Start it by hand as the user that runs cloudvip.";
}

/** Undefined when it is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function nonsense(stdout: string, answer: unknown, error: z.ZodError): string {
  if (stdout.trim() === "") return "it answered nothing";
  if (answer === undefined) return "its answer is not JSON";
  const [issue] = error.issues;
  const path = issue?.path.join(".") ?? "";
  return `its answer is not as agreed${path === "" ? "" : ` at ${path}`}: ${issue?.message ?? "unknown"}`;
}

/** The program's last word, cut to what fits a log line. */
function lastLine(stderr: string): string {
  const line = stderr.trimEnd().split("\n").at(-1) ?? "";
  return line === "" ? "" : `: ${line.slice(0, LAST_LINE_MAX)}`;
}

const LAST_LINE_MAX = 200;
