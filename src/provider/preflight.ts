/**
 * What a provider tells `cloudvip doctor` before the night. Its checks are data, so that each code can be listed and explained;
 * a preflight answers them one by one, as soon as each is known, and moves nothing.
 */
import { messageOf } from "../base/errors.ts";
import type { IpAddress } from "../base/ip.ts";
import type { PlannedCall } from "./contract.ts";
import { ProviderError } from "./errors.ts";

/** `failure` means that a failover would fail or split, `warning` that it may, `info` that it is worth knowing. */
export type PreflightSeverity = "failure" | "warning" | "info";

/** One question of a preflight. Codes are public: scripts match them, and `doctor explain` tells about them. */
export interface PreflightCheck {
  /** Stable, and beginning with the provider's name: `aws/sg-vrrp-blocked`. */
  readonly code: string;
  /** What is fine when nothing is found, in a few words. */
  readonly title: string;
  /** Of its findings, unless one says another. */
  readonly severity: PreflightSeverity;
  /** The background: why it matters, and what is usually behind it. */
  readonly why: string;
}

/** What a preflight is about. */
export interface PreflightSubject {
  readonly vips: readonly IpAddress[];
  /** The configured peers, by the addresses that their adverts come from. */
  readonly peers: readonly IpAddress[];
  /** Only these checks are of interest; all of them unless given. A provider may answer others too. */
  readonly codes?: readonly string[] | undefined;
}

/** The answer to one check. A check that does not concern this configuration gets none. */
export type PreflightAnswer =
  /** `note` says what was looked at, in a few words. */
  | { readonly kind: "fine"; readonly code: string; readonly note: string }
  | { readonly kind: "found"; readonly code: string; readonly findings: readonly PreflightFinding[] }
  /** It could not look: the cloud did not answer, or refused. */
  | { readonly kind: "unseen"; readonly code: string; readonly why: string };

/** One thing that is wrong. */
export interface PreflightFinding {
  readonly severity?: PreflightSeverity;
  /** What is wrong, in one sentence. */
  readonly message: string;
  /** What was seen, line by line: rules, values, ids. Never a secret. */
  readonly evidence: readonly string[];
  /** What will happen, at failover or before. */
  readonly consequence: string;
  readonly fix?: PreflightFix;
}

export interface PreflightFix {
  /** What to do, for people. */
  readonly advice: string;
  /** Exactly that as calls, which `doctor --fix` makes after asking; empty when only people can decide. */
  readonly calls: readonly FixCall[];
  /** The same for a command line elsewhere, program first. */
  readonly commands: readonly (readonly string[])[];
}

/** A call that repairs. It may need rights that the agent does not have. */
export interface FixCall extends PlannedCall {
  /** @throws {ProviderError} */
  apply(signal: AbortSignal): Promise<void>;
}

/** A check with the way to its verdict; `Facts` is what a provider reads from its cloud once, for all its checks. */
export interface AskedCheck<Facts> extends PreflightCheck {
  /** @throws {ProviderError} when the cloud did not let it look */
  ask(facts: Facts): Verdict | Promise<Verdict>;
}

/** Undefined: the question does not arise in this configuration. */
export type Verdict =
  | { readonly kind: "fine"; readonly note: string }
  | { readonly kind: "found"; readonly findings: readonly PreflightFinding[] }
  | { readonly kind: "unseen"; readonly why: string }
  | undefined;

/** Fine with a note when nothing was found. */
export function verdict(findings: readonly PreflightFinding[], note: string): Verdict {
  return findings.length > 0 ? { kind: "found", findings } : { kind: "fine", note };
}

/** A finding that only people can put right. */
export function byHand(
  message: string,
  evidence: readonly string[],
  about: { readonly consequence: string; readonly advice: string },
): PreflightFinding {
  const { consequence, advice } = about;
  return { message, evidence, consequence, fix: { advice, calls: [], commands: [] } };
}

/** The checks without the way to their verdicts, as a definition lists them. */
export function tableOf(checks: readonly PreflightCheck[]): readonly PreflightCheck[] {
  return checks.map(({ code, title, severity, why }) => ({ code, title, severity, why }));
}

/** The checks that the subject is interested in. */
export function wanted<One extends PreflightCheck>(
  checks: readonly One[],
  { codes }: PreflightSubject,
): readonly One[] {
  return codes ? checks.filter(({ code }) => codes.includes(code)) : checks;
}

/**
 * Asks all checks at once and gives each answer as soon as it is there. What cannot be answered is unseen, and the others go on.
 *
 * @throws the signal's reason when it was aborted
 */
export async function* answersTo<Facts>(
  checks: readonly AskedCheck<Facts>[],
  facts: Facts,
  signal: AbortSignal,
): AsyncGenerator<PreflightAnswer> {
  signal.throwIfAborted();
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  // It may abort when nobody waits any more.
  aborted.catch(() => undefined);
  const open = new Map(
    checks.map((check) => [check, answerTo(check, facts).then((answer) => ({ check, answer }))]),
  );
  while (open.size > 0) {
    const { check, answer } = await Promise.race([...open.values(), aborted]);
    open.delete(check);
    if (answer) yield answer;
  }
}

async function answerTo<Facts>(check: AskedCheck<Facts>, facts: Facts): Promise<PreflightAnswer | undefined> {
  const { code } = check;
  try {
    const found = await check.ask(facts);
    return found && { ...found, code };
  } catch (error) {
    // What all checks meet, such as an API that does not answer, is a check's own finding, and explained there once.
    const denied = error instanceof ProviderError && error.facts.kind === "denied";
    return { kind: "unseen", code, why: denied ? `${error.message}. ${error.facts.hint}` : messageOf(error) };
  }
}
