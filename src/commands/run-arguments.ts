import { parseArgs } from "node:util";
import type { RunOptions } from "./run.ts";

/** The same options as in `cli.ts`, with the same defaults. */
const OPTIONS = {
  config: { type: "string", short: "c", default: "/etc/cloudvip/cloudvip.yaml" },
  "control-socket": { type: "string" },
  "log-level": { type: "string", default: "info" },
  "socket-adapter": { type: "string" },
} as const;

/**
 * The arguments of `cloudvip run`, without the 10 ms and the memory of a full command line. Undefined for what a person should
 * read an answer to: a request for help, or a mistake.
 */
export function readRunArguments(args: readonly string[]): Omit<RunOptions, "version"> | undefined {
  const values = parsed(args);
  if (!values) return undefined;
  const {
    config,
    "control-socket": controlSocket,
    "log-level": logLevel,
    "socket-adapter": adapter,
  } = values;
  const options = { config, logLevel, ...(controlSocket === undefined ? {} : { controlSocket }) };
  if (adapter === undefined) return options;
  return adapter === "libc" || adapter === "raw-socket" ? { ...options, socketAdapter: adapter } : undefined;
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch {
    return undefined;
  }
}
