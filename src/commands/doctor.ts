import { setTimeout as wait } from "node:timers/promises";
import { OperatorError } from "../base/errors.ts";
import type { Config } from "../config/config.ts";
import { loadConfig } from "../config/load.ts";
import { CHECKS } from "../doctor/catalogue.ts";
import type { Check, DoctorContext } from "../doctor/check.ts";
import type { DoctorHost } from "../doctor/host.ts";
import { localHost } from "../doctor/local-host.ts";
import { type CheckResult, runChecks } from "../doctor/runner.ts";
import { askStatus } from "../status/client.ts";
import { formatChecked } from "./check-view.ts";
import { type Ask, applyFixes } from "./doctor-fix.ts";
import { explainCheck, formatChanges, formatReport, reportOf, verdictOf } from "./doctor-view.ts";
import { EXIT } from "./exit-codes.ts";
import { interruptSignal, type Output, wantsColor } from "./output.ts";

export interface DoctorOptions {
  readonly config: string;
  /** Only these checks. */
  readonly check?: readonly string[] | undefined;
  /** One object for programs; with `watch` one a line. */
  readonly json?: boolean;
  /** Carries out what can be repaired with commands, each after a question. */
  readonly fix?: boolean;
  /** Answers each of those questions with yes. */
  readonly yes?: boolean;
  /** Looks again and again, and reports what changed, until interrupted. */
  readonly watch?: boolean;
  readonly out?: Output;
  readonly ask?: Ask;
  /** Looks at the host anew for each run. @default localHost */
  readonly openHost?: () => DoctorHost;
  /** Ends `watch`; Ctrl-C does without it. */
  readonly signal?: AbortSignal;
  readonly refreshMs?: number;
}

/** What `cloudvip doctor` exits with. What could not be seen counts as a warning: nobody knows that it is fine. */
const DOCTOR_EXIT = { ok: EXIT.ok, warnings: 1, failures: 2 } as const;

const REFRESH_MS = 10_000;

/**
 * Looks for what would make a failover fail.
 *
 * @returns 0 when nothing is wrong, 1 with warnings or things that could not be seen, 2 when a failover would fail
 * @throws {OperatorError} `doctor/no-such-check`, or those of `--fix`
 */
export async function doctor(options: DoctorOptions): Promise<number> {
  const { out = process.stdout } = options;
  const checks = selectChecks(options.check);
  const { config, problems } = await loadConfig(options.config);
  if (!config) {
    const color = wantsColor(out, process.env);
    if (options.json)
      out.write(`${JSON.stringify({ version: 1, verdict: "failures", problems }, null, 2)}\n`);
    else out.write(await formatChecked(options.config, { config, problems }, { color }));
    return DOCTOR_EXIT.failures;
  }
  const look = async () => ({
    configFile: options.config,
    config,
    problems,
    ...(await surroundings(config, options)),
  });
  if (options.watch) return watchHost(checks, look, options);
  const context = await look();
  const results = await runWithProgress(checks, context, options);
  if (!options.fix) return report(results, context, options);
  const changed = await applyFixes(results, context.host, {
    out,
    ask: options.ask,
    yes: options.yes === true,
  });
  if (changed.length === 0) return report(results, context, options);
  const again = await runChecks(changed, await look());
  return report(
    results.map((result) => again.find(({ check }) => check.code === result.check.code) ?? result),
    context,
    options,
  );
}

/** @throws {OperatorError} `doctor/no-such-check` */
export function explain(code: string, out: Output = process.stdout): number {
  const [check] = selectChecks([code]);
  if (check) out.write(explainCheck(check));
  return EXIT.ok;
}

/** All checks when none is named. */
function selectChecks(codes: readonly string[] | undefined): readonly Check[] {
  const unknown = codes?.find((code) => !CHECKS.some((check) => check.code === code));
  if (unknown !== undefined) {
    throw new OperatorError({
      code: "doctor/no-such-check",
      message: `there is no check ${unknown}`,
      hint: `write one of ${CHECKS.map(({ code }) => code).join(", ")}`,
    });
  }
  return codes ? CHECKS.filter(({ code }) => codes.includes(code)) : CHECKS;
}

async function surroundings(
  { controlSocket }: Config,
  { openHost = localHost }: DoctorOptions,
): Promise<Pick<DoctorContext, "agent" | "host">> {
  const agent = await askStatus({ path: controlSocket }).then(
    ({ pid }) => ({ pid }),
    () => undefined,
  );
  return { agent, host: openHost() };
}

/** On a terminal one line counts the checks while they run, and is gone before the report. */
async function runWithProgress(
  checks: readonly Check[],
  context: DoctorContext,
  { out = process.stdout, json }: DoctorOptions,
): Promise<readonly CheckResult[]> {
  const shows = out.isTTY === true && !json;
  let done = 0;
  const onResult = () => {
    done += 1;
    out.write(`\rchecking ${done} of ${checks.length}\x1b[K`);
  };
  const results = await runChecks(checks, context, shows ? onResult : undefined);
  if (shows) out.write("\r\x1b[K");
  return results;
}

function report(
  results: readonly CheckResult[],
  { configFile, config }: DoctorContext,
  { out = process.stdout, json }: DoctorOptions,
): number {
  const facts = { configFile, node: config.routerId };
  if (json) out.write(`${JSON.stringify(reportOf(results, facts), null, 2)}\n`);
  else out.write(formatReport(results, facts, { color: wantsColor(out, process.env) }));
  return exitCode(results);
}

async function watchHost(
  checks: readonly Check[],
  look: () => Promise<DoctorContext>,
  options: DoctorOptions,
): Promise<number> {
  const { out = process.stdout, json, signal = interruptSignal(), refreshMs = REFRESH_MS } = options;
  let before: readonly CheckResult[] | undefined;
  for (;;) {
    const context = await look();
    const results = await runChecks(checks, context);
    const facts = { configFile: context.configFile, node: context.config.routerId };
    if (json) out.write(`${JSON.stringify(reportOf(results, facts))}\n`);
    else if (before) out.write(formatChanges(before, results, new Date()));
    else report(results, context, options);
    before = results;
    // The wait rejects for one reason only: it was interrupted.
    if (await wait(refreshMs, false, { signal }).catch(() => true)) return exitCode(results);
  }
}

function exitCode(results: readonly CheckResult[]): number {
  return DOCTOR_EXIT[verdictOf(results)];
}
