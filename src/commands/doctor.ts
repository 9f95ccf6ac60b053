import { setTimeout as wait } from "node:timers/promises";
import type { Config } from "../config/config.ts";
import { loadConfig } from "../config/load.ts";
import { CHECKS } from "../doctor/catalogue.ts";
import type { Check, DoctorContext } from "../doctor/check.ts";
import { Clouds } from "../doctor/cloud/clouds.ts";
import type { DoctorHost } from "../doctor/host.ts";
import { localHost } from "../doctor/local-host.ts";
import { type CheckResult, runChecks } from "../doctor/runner.ts";
import { askStatus } from "../status/client.ts";
import { formatChecked } from "./check-view.ts";
import { Changes } from "./doctor-changes.ts";
import { noSuchCheck } from "./doctor-explain.ts";
import { type Ask, applyFixes, refuseFixThatNobodyAnswers } from "./doctor-fix.ts";
import { formatReport, formatRest, reportOf, verdictOf } from "./doctor-view.ts";
import { EXIT } from "./exit-codes.ts";
import { interruptSignal, type Output, styleOf } from "./output.ts";

export interface DoctorOptions {
  readonly config: string;
  /** Where the running agent is asked. @default the configuration's control_socket */
  readonly socket?: string | undefined;
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
  if (options.fix) refuseFixThatNobodyAnswers(options);
  const { config, problems } = await loadConfig(options.config);
  if (!config) {
    if (options.json)
      out.write(`${JSON.stringify({ version: 1, verdict: "failures", problems }, null, 2)}\n`);
    else out.write(await formatChecked(options.config, { config, problems }, styleOf(out)));
    return DOCTOR_EXIT.failures;
  }
  const clouds = await Clouds.of(config, options.check);
  const checks = selectChecks([...CHECKS, ...clouds.checks], options.check);
  const look = async () => ({
    configFile: options.config,
    config,
    problems,
    ...(await surroundings(config, options)),
  });
  try {
    return await (options.watch ? watchHost(checks, look, options) : examine(checks, look, options));
  } finally {
    await clouds.close();
  }
}

async function examine(
  checks: readonly Check[],
  look: () => Promise<DoctorContext>,
  options: DoctorOptions,
): Promise<number> {
  const context = await look();
  const results = await runWithProgress(checks, context, options);
  return options.fix ? fixAndReport(results, { context, look }, options) : report(results, context, options);
}

/** Repairs what may be repaired, looks again at what was changed, and tells what remains. */
async function fixAndReport(
  results: readonly CheckResult[],
  { context, look }: { readonly context: DoctorContext; readonly look: () => Promise<DoctorContext> },
  options: DoctorOptions,
): Promise<number> {
  const { out = process.stdout, json, ask, yes = false } = options;
  // Programs read the one object on stdout.
  const told = json ? process.stderr : out;
  const { offered, changed } = await applyFixes(results, context.host, { out: told, ask, yes });
  if (offered === 0) {
    const code = report(results, context, options);
    if (code !== DOCTOR_EXIT.ok) told.write("There is nothing here that --fix may repair by itself.\n");
    return code;
  }
  const again = changed.length === 0 ? [] : await runChecks(changed, await look());
  const now = results.flatMap((result) =>
    changed.includes(result.check) ? again.filter(({ check }) => check === result.check) : [result],
  );
  if (json) return report(now, context, options);
  out.write(formatRest(now, styleOf(out)));
  return exitCode(now);
}

/** All checks when none is named. @throws {OperatorError} `doctor/no-such-check` */
function selectChecks(checks: readonly Check[], codes: readonly string[] | undefined): readonly Check[] {
  const unknown = codes?.find((code) => !checks.some((check) => check.code === code));
  if (unknown !== undefined) throw noSuchCheck(unknown, checks);
  return codes ? checks.filter(({ code }) => codes.includes(code)) : checks;
}

async function surroundings(
  { controlSocket }: Config,
  { openHost = localHost, socket = controlSocket }: DoctorOptions,
): Promise<Pick<DoctorContext, "agent" | "host">> {
  const agent = await askStatus({ path: socket }).then(
    (status) => ({ pid: status.pid, status }),
    () => undefined,
  );
  return { agent, host: openHost() };
}

/** On a terminal one line tells which checks still run, and is gone before the report. */
async function runWithProgress(
  checks: readonly Check[],
  context: DoctorContext,
  { out = process.stdout, json }: DoctorOptions,
): Promise<readonly CheckResult[]> {
  const shows = out.isTTY === true && !json;
  const waiting = new Set(checks);
  const onDone = (check: Check) => {
    waiting.delete(check);
    const line = `checking ${checks.length - waiting.size} of ${checks.length}: ${[...waiting][0]?.title ?? ""}`;
    out.write(`\r${line.slice(0, out.columns)}\x1b[K`);
  };
  const results = await runChecks(checks, context, shows ? onDone : undefined);
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
  else out.write(formatReport(results, facts, styleOf(out)));
  return exitCode(results);
}

async function watchHost(
  checks: readonly Check[],
  look: () => Promise<DoctorContext>,
  options: DoctorOptions,
): Promise<number> {
  const { out = process.stdout, json, signal = interruptSignal(), refreshMs = REFRESH_MS } = options;
  let changes: Changes | undefined;
  for (;;) {
    const context = await look();
    const results = await runChecks(checks, context);
    const facts = { configFile: context.configFile, node: context.config.routerId };
    if (json) out.write(`${JSON.stringify(reportOf(results, facts))}\n`);
    else if (changes) out.write(changes.tell(results, { time: new Date(), ...styleOf(out) }));
    else {
      report(results, context, options);
      if (out.isTTY) out.write("Watching: what changes is told below; Ctrl-C ends.\n");
    }
    changes ??= new Changes(results);
    // The wait rejects for one reason only: it was interrupted.
    if (await wait(refreshMs, false, { signal }).catch(() => true)) return exitCode(results);
  }
}

function exitCode(results: readonly CheckResult[]): number {
  return DOCTOR_EXIT[verdictOf(results)];
}
