import { styleText } from "node:util";
import type { Check } from "../doctor/check.ts";
import { type Finding, type Severity, shellText } from "../doctor/finding.ts";
import type { CheckResult } from "../doctor/runner.ts";

interface ReportFacts {
  readonly configFile: string;
  /** This node's name. */
  readonly node: string;
}

/** The report for programs; the form is versioned. */
export function reportOf(results: readonly CheckResult[], facts: ReportFacts) {
  const findings = findingsOf(results);
  return {
    version: 1,
    ...facts,
    verdict: verdictOf(results),
    findings: findings.map((finding) => ({ ...finding, fix: finding.fix ?? null })),
    fine: results.flatMap((result) =>
      result.kind === "fine" ? [{ code: result.check.code, note: result.note }] : [],
    ),
    unseen: results.flatMap((result) =>
      result.kind === "unseen" ? [{ code: result.check.code, why: result.why }] : [],
    ),
  };
}

/** The report for people: one line for what is fine, and for the rest what it means and what to do. */
export function formatReport(
  results: readonly CheckResult[],
  { configFile, node }: ReportFacts,
  style: { readonly color: boolean },
): string {
  const lines = [`cloudvip doctor: ${configFile} on ${node}`];
  for (const result of results) lines.push(...formatResult(result, style));
  return `${[...lines, "", summary(results)].join("\n")}\n`;
}

/** What appeared and what went away since the look before; nothing when nothing did. */
export function formatChanges(
  before: readonly CheckResult[],
  now: readonly CheckResult[],
  time: Date,
): string {
  const [old, current] = [findingsOf(before), findingsOf(now)];
  const added = current.filter((finding) => !old.some((other) => isSame(finding, other)));
  const gone = old.filter((finding) => !current.some((other) => isSame(finding, other)));
  const line = (word: string, { code, severity, message }: Finding) =>
    `${time.toISOString()} ${word} ${severity} ${code}: ${message}\n`;
  return [
    ...added.map((finding) => line("new", finding)),
    ...gone.map((finding) => line("gone", finding)),
  ].join("");
}

export function explainCheck({ code, title, severity, why }: Check): string {
  return `${code} (${severity})\n\nDoctor looks whether ${title}.\n\n${why}\n`;
}

export function findingsOf(results: readonly CheckResult[]): readonly Finding[] {
  return results.flatMap((result) => (result.kind === "found" ? result.findings : []));
}

/** One finding with all that belongs to it, indented below its first line. */
export function formatFinding(finding: Finding, style: { readonly color: boolean }): readonly string[] {
  const { code, severity, message, evidence, consequence, fix } = finding;
  const detail = (label: string, text: string) => `      ${label.padEnd(8)} ${text}`;
  return [
    `  ${mark(severity, style)} ${code}: ${message}`,
    ...evidence.map((text, index) => detail(index === 0 ? "seen" : "", text)),
    detail("then", consequence),
    ...(fix ? [detail("fix", fix.advice)] : []),
    ...(fix?.commands ?? []).map((command) => detail("", shellText(command))),
    ...(fix?.lasting === undefined ? [] : [detail("to keep", fix.lasting)]),
  ];
}

function formatResult(result: CheckResult, style: { readonly color: boolean }): readonly string[] {
  const { check } = result;
  switch (result.kind) {
    case "fine":
      return [`  ${paint("green", "ok", style)} ${check.title}: ${result.note}`];
    case "unseen":
      return [
        `  ${paint("yellow", "??", style)} ${check.code}: not seen whether ${check.title}: ${result.why}`,
      ];
    case "found":
      return result.findings.flatMap((finding) => formatFinding(finding, style));
  }
}

const MARKS = {
  failure: ["red", "XX"],
  warning: ["yellow", "!!"],
  info: ["cyan", "--"],
} as const satisfies Record<Severity, readonly [string, string]>;

function mark(severity: Severity, style: { readonly color: boolean }): string {
  const [color, text] = MARKS[severity];
  return paint(color, text, style);
}

function paint(
  color: "red" | "yellow" | "green" | "cyan",
  text: string,
  style: { readonly color: boolean },
): string {
  // The caller decided about colour; styleText would ask the process's own stdout again.
  return style.color ? styleText(color, text, { validateStream: false }) : text;
}

function summary(results: readonly CheckResult[]): string {
  const findings = findingsOf(results);
  const count = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length;
  const fine = results.filter(({ kind }) => kind === "fine").length;
  const unseen = results.filter(({ kind }) => kind === "unseen").length;
  const conclusion = {
    ok: "nothing here is in the way of a failover",
    warnings: "a failover should work, but look at the warnings and at what was not seen",
    failures: "a failover would fail, or split the group",
  }[verdictOf(results)];
  return `${fine} fine, ${plural(count("failure"), "failure")}, ${plural(count("warning"), "warning")}, ${unseen} not seen: ${conclusion}`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** What was not seen counts as a warning: nobody knows that it is fine. */
export function verdictOf(results: readonly CheckResult[]): "ok" | "warnings" | "failures" {
  const findings = findingsOf(results);
  if (findings.some(({ severity }) => severity === "failure")) return "failures";
  const unseen = results.some(({ kind }) => kind === "unseen");
  return unseen || findings.some(({ severity }) => severity === "warning") ? "warnings" : "ok";
}

function isSame(a: Finding, b: Finding): boolean {
  return a.code === b.code && a.message === b.message;
}
