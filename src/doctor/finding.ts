import type { FixCall } from "../provider/preflight.ts";

/** How bad it is: `failure` means that a failover would fail or split, `warning` that it may, `info` that it is worth knowing. */
export type Severity = "failure" | "warning" | "info";

/** One thing that is wrong, on one host. The JSON form of `doctor` is made of these. */
export interface Finding {
  /** The code of the check that found it. */
  readonly code: string;
  readonly severity: Severity;
  /** What is wrong, in one sentence. */
  readonly message: string;
  /** What was seen, line by line: rules, values, addresses. Never a secret. */
  readonly evidence: readonly string[];
  /** What will happen, at failover or before. */
  readonly consequence: string;
  readonly fix: Fix | undefined;
}

export interface Fix {
  /** What to do, for people. */
  readonly advice: string;
  /** Exactly that as commands, program first; empty when only people can decide. */
  readonly commands: readonly (readonly string[])[];
  /** The same as calls of a cloud's API; where there are any, `--fix` makes these and leaves the commands to people. */
  readonly calls?: readonly FixCall[];
  /** How to make it outlast a restart; undefined when it does anyway. */
  readonly lasting?: string | undefined;
}

/** A call for people, such as `ec2:ReplaceRoute RouteTableId=rtb-1`. */
export function callText({ operation, parameters }: FixCall): string {
  const words = Object.entries(parameters).map(([name, value]) => `${name}=${[value].flat().join(",")}`);
  return [operation, ...words].join(" ");
}

/** A command as it is typed into a shell. */
export function shellText(command: readonly string[]): string {
  return command
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(" ");
}
