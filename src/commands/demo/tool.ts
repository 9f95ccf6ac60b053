import { execFile } from "node:child_process";
import { OperatorError } from "../../base/errors.ts";

/** Administrators' tools live in sbin, which is not on everyone's PATH. */
export const TOOL_ENVIRONMENT: NodeJS.ProcessEnv = {
  ...process.env,
  PATH: `${process.env["PATH"] ?? ""}:/usr/local/sbin:/usr/sbin:/sbin`,
  LC_ALL: "C",
};

/**
 * Runs a program to its end and returns what it printed.
 *
 * @throws {OperatorError} `demo/tool-failed` with the program's complaint
 */
export function runTool(command: readonly [string, ...string[]], input = ""): Promise<string> {
  const [file, ...args] = command;
  return new Promise((resolve, reject) => {
    const child = execFile(file, args, { env: TOOL_ENVIRONMENT }, (error, stdout, stderr) => {
      if (!error) resolve(stdout);
      else reject(failed(command, stderr.trim() || `it says nothing (${error.code ?? error.signal})`));
    });
    // A program that fails at once may close its input before it was written; its exit status tells the story.
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
  });
}

function failed(command: readonly [string, ...string[]], complaint: string): OperatorError {
  return new OperatorError({
    code: "demo/tool-failed",
    message: `\`${command[0]}\` failed: ${complaint}`,
    hint: "The demo needs iproute2 with bridges and veth pairs in the kernel; `cloudvip demo --simulated` needs none of it.",
  });
}
