import { styleText } from "node:util";
import type { Check } from "../doctor/check.ts";
import { callText, type Finding, type Severity, shellText } from "../doctor/finding.ts";
import type { CheckResult } from "../doctor/runner.ts";
import { wrapText } from "./wrap.ts";

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
      result.kind === "fine" ? [{ code: result.check.code, note: result.note, details: result.details }] : [],
    ),
    unseen: results.flatMap((result) =>
      result.kind === "unseen" ? [{ code: result.check.code, why: result.why }] : [],
    ),
  };
}

export interface Style {
  readonly color: boolean;
  /** The width of the terminal; undefined for a pipe or a file. */
  readonly columns?: number | undefined;
}

/**
 * The report for people. What is fine is one line and comes first; the worst comes last, where a terminal leaves it in sight.
 */
export function formatReport(
  results: readonly CheckResult[],
  { configFile, node }: ReportFacts,
  style: Style,
): string {
  const fine = results.flatMap((result) => (result.kind === "fine" ? formatFine(result, style) : []));
  return [`cloudvip doctor: ${configFile} on ${node}`, ...fine, formatRest(results, style)].join("\n");
}

/** What is not fine, and the summary. */
export function formatRest(results: readonly CheckResult[], style: Style): string {
  const unseen = [...reasonsOf(results)].flatMap(([why, hidden]) => [
    "",
    ...formatUnseen(why, hidden, style),
  ]);
  const found = findingsOf(results)
    .toSorted((a, b) => RANK[a.severity] - RANK[b.severity])
    .flatMap((finding) => ["", ...formatFinding(finding, style)]);
  const conclusion = wrapText(summary(results), { lead: "", columns: style.columns });
  return `${[...unseen, ...found, "", ...conclusion].join("\n")}\n`;
}

export function explainCheck(
  { code, title, severity, why }: Omit<Check, "run">,
  { columns }: Pick<Style, "columns"> = {},
): string {
  const background = wrapText(why, { lead: "", columns }).join("\n");
  return `${code} (${severity})\n\nDoctor looks whether ${title}.\n\n${background}\n`;
}

/** Every code with its title. */
export function listChecks(checks: readonly Pick<Check, "code" | "title">[]): string {
  const width = Math.max(...checks.map(({ code }) => code.length));
  return checks.map(({ code, title }) => `${code.padEnd(width)}  ${title}\n`).join("");
}

export function findingsOf(results: readonly CheckResult[]): readonly Finding[] {
  return results.flatMap((result) => (result.kind === "found" ? result.findings : []));
}

/** One finding with all that belongs to it, indented below its first line. Evidence and commands are never broken. */
export function formatFinding(finding: Finding, style: Style): readonly string[] {
  const { code, severity, message, evidence, consequence, fix } = finding;
  const { columns } = style;
  const label = (text: string) => `      ${text.padEnd(8)} `;
  const prose = (name: string, text: string) => wrapText(text, { lead: label(name), columns });
  return [
    ...marked(mark(severity, style), `${code}: ${message}`, style),
    ...evidence.map((text, index) => label(index === 0 ? "seen" : "") + text),
    ...prose("then", consequence),
    ...(fix ? prose("fix", fix.advice) : []),
    ...(fix?.commands ?? []).map((command) => label("") + shellText(command)),
    ...(fix?.calls ?? []).map((call, index) => label(index === 0 ? "calls" : "") + callText(call)),
    ...(fix?.lasting === undefined ? [] : prose("to keep", fix.lasting)),
  ];
}

/** One line that is cut where it does not fit, and below it what is worth reading though all is well. */
function formatFine({ check, note, details }: Extract<CheckResult, { kind: "fine" }>, style: Style) {
  const line = `${check.title}: ${note}`;
  const room = style.columns === undefined ? line.length : style.columns - MARK_WIDTH;
  const shown = line.length > room ? `${line.slice(0, room - 1)}…` : line;
  return [
    `  ${paint("green", "ok", style)} ${shown}`,
    ...details.flatMap((text) => wrapText(text, { lead: " ".repeat(MARK_WIDTH), columns: style.columns })),
  ];
}

/** One reason often hides several things. */
function reasonsOf(results: readonly CheckResult[]): ReadonlyMap<string, readonly Omit<Check, "run">[]> {
  const reasons = new Map<string, readonly Omit<Check, "run">[]>();
  for (const result of results) {
    if (result.kind === "unseen") reasons.set(result.why, [...(reasons.get(result.why) ?? []), result.check]);
  }
  return reasons;
}

/** So many are told with their titles; of more, their codes are enough. */
const TITLES_MAX = 4;

function formatUnseen(
  why: string,
  checks: readonly Pick<Check, "code" | "title">[],
  style: Style,
): readonly string[] {
  const hidden =
    checks.length <= TITLES_MAX
      ? checks.map(({ code, title }) => `${code}, whether ${title}`)
      : [checks.map(({ code }) => code).join(", ")];
  return [
    ...marked(paint("yellow", "??", style), `not seen: ${why}`, style),
    ...hidden.flatMap((text) => wrapText(text, { lead: " ".repeat(DETAIL_INDENT), columns: style.columns })),
  ];
}

const DETAIL_INDENT = 6;
const MARK_WIDTH = "  ok ".length;

function marked(mark: string, text: string, { columns }: Style): readonly string[] {
  return wrapText(text, { lead: `  ${mark} `, leadWidth: MARK_WIDTH, columns });
}

/** The worst is told last. */
const RANK: Readonly<Record<Severity, number>> = { info: 0, warning: 1, failure: 2 };

const MARKS = {
  failure: ["red", "XX"],
  warning: ["yellow", "!!"],
  info: ["cyan", "--"],
} as const satisfies Record<Severity, readonly [string, string]>;

function mark(severity: Severity, style: Style): string {
  const [color, text] = MARKS[severity];
  return paint(color, text, style);
}

function paint(color: "red" | "yellow" | "green" | "cyan", text: string, style: Style): string {
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
