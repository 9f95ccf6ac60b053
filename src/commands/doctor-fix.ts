import { createInterface } from "node:readline/promises";
import { messageOf, OperatorError } from "../base/errors.ts";
import type { Check } from "../doctor/check.ts";
import { callText, type Finding, shellText } from "../doctor/finding.ts";
import type { DoctorHost } from "../doctor/host.ts";
import type { CheckResult } from "../doctor/runner.ts";
import type { FixCall } from "../provider/preflight.ts";
import { findingsOf, formatFinding } from "./doctor-view.ts";
import { type Output, styleOf } from "./output.ts";

/** Puts a question and returns what was typed. */
export type Ask = (question: string) => Promise<string>;

export interface FixOptions {
  readonly out: Output;
  /** Asks at the terminal by default. */
  readonly ask: Ask | undefined;
  /** Carries out everything without a question. */
  readonly yes: boolean;
}

/**
 * Carries out the fixes that are commands or calls of a cloud's API, each after it was shown and agreed to.
 *
 * @returns how many there were to agree to, and the checks to run again because something was changed for them
 * @throws {OperatorError} `doctor/needs-root`
 */
export async function applyFixes(
  results: readonly CheckResult[],
  host: DoctorHost,
  { out, ask = askAtTerminal, yes }: FixOptions,
): Promise<{ readonly offered: number; readonly changed: readonly Check[] }> {
  const fixable = findingsOf(results).filter(
    (finding) => callsOf(finding).length > 0 || commandsOf(finding).length > 0,
  );
  if (fixable.length === 0) return { offered: 0, changed: [] };
  // A cloud knows by the credentials who may.
  if (!host.isRoot && fixable.some((finding) => callsOf(finding).length === 0)) {
    throw new OperatorError({
      code: "doctor/needs-root",
      message: "only root may change what doctor wants to change",
      hint: "run doctor --fix as root, or give its commands to somebody who may",
    });
  }
  const changed = new Set<string>();
  const carriedOut = new Set<string>();
  for (const finding of fixable) {
    // Several findings may have one remedy, of several checks.
    const text = [...callsOf(finding).map(callText), ...commandsOf(finding).map(shellText)].join("\n");
    if (carriedOut.has(text)) {
      changed.add(finding.code);
      continue;
    }
    out.write(`\n${formatFinding(finding, styleOf(out)).join("\n")}\n`);
    if (!yes && !/^y(es)?$/i.test((await ask("      do it? [y/N] ")).trim())) continue;
    carriedOut.add(text);
    changed.add(finding.code);
    if (callsOf(finding).length > 0) await makeCalls(finding, out);
    else await carryOut(finding, host, out);
  }
  return {
    offered: fixable.length,
    changed: results.map(({ check }) => check).filter(({ code }) => changed.has(code)),
  };
}

/**
 * A fix that asks needs somebody who answers; without, nothing is looked at either.
 *
 * @throws {OperatorError} `doctor/nobody-to-ask`
 */
export function refuseFixThatNobodyAnswers({
  ask,
  yes,
}: {
  readonly ask?: Ask;
  readonly yes?: boolean;
}): void {
  if (yes || ask || process.stdin.isTTY) return;
  throw new OperatorError({
    code: "doctor/nobody-to-ask",
    message: "doctor --fix asks before each change, and there is no terminal to ask at",
    hint: "add --yes to agree to every change",
  });
}

/** A command that fails ends its own fix; the others go on. */
async function carryOut(finding: Finding, host: DoctorHost, out: Output): Promise<void> {
  for (const command of commandsOf(finding)) {
    const ran = await host.run(command);
    out.write(ran.ok ? `      done     ${shellText(command)}\n` : `      failed   ${ran.failure.message}\n`);
    if (!ran.ok) return;
  }
}

/** Like the commands: one that fails ends its own fix. */
async function makeCalls(finding: Finding, out: Output): Promise<void> {
  for (const call of callsOf(finding)) {
    // Each call has a deadline of its own.
    const { signal } = new AbortController();
    try {
      await call.apply(signal);
      out.write(`      done     ${callText(call)}\n`);
    } catch (error) {
      out.write(`      failed   ${messageOf(error)}\n`);
      if (commandsOf(finding).length > 0)
        out.write("               whoever has the right can run the command above anywhere\n");
      return;
    }
  }
}

function callsOf({ fix }: Finding): readonly FixCall[] {
  return fix?.calls ?? [];
}

function commandsOf({ fix }: Finding): readonly (readonly string[])[] {
  return fix?.commands ?? [];
}

async function askAtTerminal(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}
