import { messageOf } from "../base/errors.ts";
import { type Answer, type Check, DEADLINE_MS, type DoctorContext } from "./check.ts";
import type { Finding } from "./finding.ts";

/** What became of one check. */
export type CheckResult =
  | {
      readonly kind: "fine";
      readonly check: Check;
      readonly note: string;
      readonly details: readonly string[];
    }
  | { readonly kind: "found"; readonly check: Check; readonly findings: readonly Finding[] }
  | { readonly kind: "unseen"; readonly check: Check; readonly why: string };

/**
 * Runs the checks at once, each with its own deadline, and those that measure time when only patient ones are left. One that throws or hangs is a thing
 * not seen, and the others go on. Results come in the order of the checks.
 */
export async function runChecks(
  checks: readonly Check[],
  context: DoctorContext,
  onDone: (check: Check) => void = () => {},
): Promise<readonly CheckResult[]> {
  const results = new Map<Check, CheckResult>();
  const run = async (check: Check) => {
    const result = await runCheck(check, context);
    if (result) results.set(check, result);
    onDone(check);
  };
  const patient = checks.filter(({ isPatient, isQuiet }) => isPatient && !isQuiet).map(run);
  await Promise.all(checks.filter(({ isPatient, isQuiet }) => !isPatient && !isQuiet).map(run));
  await Promise.all([...patient, ...checks.filter(({ isQuiet }) => isQuiet).map(run)]);
  return checks.flatMap((check) => results.get(check) ?? []);
}

async function runCheck(check: Check, context: DoctorContext): Promise<CheckResult | undefined> {
  try {
    return resultOf(check, await withDeadline(check, context));
  } catch (error) {
    return { kind: "unseen", check, why: `the check failed: ${messageOf(error)}` };
  }
}

function withDeadline(check: Check, context: DoctorContext): Promise<Answer> {
  const deadlineMs = check.deadlineMs ?? DEADLINE_MS;
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<Answer>((resolve) => {
    const why = `no answer within ${deadlineMs / 1000} s`;
    timer = setTimeout(() => resolve({ kind: "unseen", why }), deadlineMs);
  });
  const answered = new Promise<Answer>((resolve) => resolve(check.run(context)));
  return Promise.race([answered, deadline]).finally(() => clearTimeout(timer));
}

function resultOf(check: Check, answer: Answer): CheckResult | undefined {
  switch (answer.kind) {
    case "idle":
      return undefined;
    case "fine":
      return { kind: "fine", check, note: answer.note, details: answer.details ?? [] };
    case "unseen":
      return { kind: "unseen", check, why: answer.why };
    case "found": {
      const { code, severity } = check;
      const findings = answer.discoveries.map((discovery) => ({ code, severity, ...discovery }));
      return { kind: "found", check, findings };
    }
  }
}
