import { describeLimit, type Goal, type Verdict } from "./goals.ts";
import type { Effort, Reading, Unit } from "./measurement.ts";
import type { ProgramName } from "./programs.ts";

/** One measurement of both programs, judged. */
export interface Row {
  readonly name: string;
  readonly title: string;
  readonly unit: Unit;
  readonly effort: Effort;
  readonly readings: Readonly<Partial<Record<ProgramName, Reading>>>;
  /** cloudvip's value divided by keepalived's; null where that makes no sense. */
  readonly ratio: number | null;
  readonly verdicts: readonly Verdict[];
  /** Why a figure is missing. */
  readonly failure?: string;
}

const HEADINGS = ["", "keepalived", "cloudvip", "ratio", "required", "aim"];

export function formatTable(rows: readonly Row[]): string {
  const lines = [HEADINGS, ...rows.map(cells)];
  const widths = HEADINGS.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => pad(cell, widths[column] ?? 0, column))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function cells(row: Row): readonly string[] {
  const value = (program: ProgramName) => {
    const reading = row.readings[program];
    if (reading) return formatValue(reading.value, row.unit);
    return row.failure?.startsWith(`${program}:`) ? "failed" : "-";
  };
  return [
    `${row.title}${row.effort === "quick" ? " (quick)" : ""}`,
    value("keepalived"),
    value("cloudvip"),
    row.ratio === null ? "" : row.ratio.toFixed(2),
    formatVerdict(row, "required"),
    formatVerdict(row, "aim"),
  ];
}

function formatValue(value: number, unit: Unit): string {
  switch (unit) {
    case "ms":
    case "MB":
      return `${value.toFixed(value < 10 ? 1 : 0)} ${unit}`;
    case "%":
      return `${value.toFixed(2)} %`;
    case "ratio":
      return `${value.toFixed(1)} ×`;
    case "times":
      return String(value);
  }
}

function formatVerdict(row: Row, kind: Goal["kind"]): string {
  const verdict = row.verdicts.find((candidate) => candidate.kind === kind);
  return verdict ? `${describeLimit(verdict.limit)} ${verdict.met ? "pass" : "FAIL"}` : "";
}

/** Text to the left, figures to the right. */
function pad(cell: string, width: number, column: number): string {
  return column >= 1 && column <= 3 ? cell.padStart(width) : cell.padEnd(width);
}
