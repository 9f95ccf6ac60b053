/** What `cloudvip doctor` asks the program: whether it could take over, and what it finds by itself, if it looks. */
import type { z } from "zod";
import type { IpAddress } from "../../src/base/ip.ts";
import type { Readiness } from "../../src/provider/contract.ts";
import {
  type AskedCheck,
  answersTo,
  type PreflightAnswer,
  type PreflightCheck,
  type PreflightFinding,
  tableOf,
  verdict,
} from "../../src/provider/preflight.ts";
import type { preflightAnswer } from "./protocol.ts";

export interface ExecQuestions {
  readonly vips: readonly IpAddress[];
  rehearse(): Promise<Readiness>;
  /** Undefined: the program did not say that it knows this question. */
  readonly preflight: (() => Promise<ProgramFindings>) | undefined;
}

type ProgramFindings = z.output<typeof preflightAnswer>;

const CHECKS: readonly AskedCheck<ExecQuestions>[] = [
  {
    code: "exec/not-ready",
    title: "the program could take the addresses over",
    severity: "failure",
    why: "The program's own rehearsal: credentials, reachability, permission, limits. It moves nothing.",
    ask: async ({ vips, rehearse }) => {
      const { obstacles } = await rehearse();
      const findings = obstacles.map(
        ({ code, message, hint }): PreflightFinding => ({
          message,
          evidence: [`${code}, in the program's answer to \`rehearse\``],
          consequence: "a takeover by this node would fail",
          fix: { advice: hint || "read the program's own log", calls: [], commands: [] },
        }),
      );
      return verdict(findings, vips.join(", "));
    },
  },
  {
    code: "exec/preflight",
    title: "the program finds nothing that would make a failover fail",
    severity: "warning",
    why: 'A program may look for more than a rehearsal does: firewalls of its cloud, bindings of peers, quotas. It says with `"preflight": true` in its answer to `identify` that it does.',
    ask: async ({ preflight }) => {
      if (!preflight) return undefined;
      const { findings, note } = await preflight();
      return verdict(findings.map(findingOf), note);
    },
  },
];

export const EXEC_CHECKS: readonly PreflightCheck[] = tableOf(CHECKS);

export function preflight(questions: ExecQuestions, signal: AbortSignal): AsyncIterable<PreflightAnswer> {
  return answersTo(CHECKS, questions, signal);
}

function findingOf({ code, severity, ...finding }: ProgramFindings["findings"][number]): PreflightFinding {
  const { message, evidence, consequence, fix } = finding;
  return {
    ...(severity ? { severity } : {}),
    message,
    evidence: code === undefined ? evidence : [`${code}, by the program`, ...evidence],
    consequence,
    // A command of the program's is shown, and never run by itself: nobody here can judge it.
    ...(fix === undefined ? {} : { fix: { advice: fix, calls: [], commands: [] } }),
  };
}
