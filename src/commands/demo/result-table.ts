/** What was measured, for people. At most 80 columns. */
import { PHASES } from "../../agent/phases.ts";
import type { Outcome } from "./director.ts";
import type { Paint } from "./paint.ts";
import { gapLength } from "./ping-record.ts";

interface Column {
  readonly title: string;
  readonly align: "left" | "right";
  readonly cell: (outcome: Outcome) => string;
}

const BETWEEN = "  ";

/** One row for each act; of the phases those that took place. */
export function resultTable(outcomes: readonly Outcome[], paint: Paint): string[] {
  const columns = [...CLIENT_COLUMNS, ...phaseColumns(outcomes)].map((column) => {
    const cells = outcomes.map(column.cell);
    return { ...column, cells, width: Math.max(...[column.title, ...cells].map(({ length }) => length)) };
  });
  const row = (cellOf: (column: (typeof columns)[number]) => string) =>
    columns
      .map((column) => padded(cellOf(column), column))
      .join(BETWEEN)
      .trimEnd();
  const rule = columns.map(({ width }) => "─".repeat(width)).join(BETWEEN);
  return [
    paint(
      "bold",
      row(({ title }) => title),
    ),
    paint("dim", rule),
    ...outcomes.map((_, index) => row(({ cells }) => cells[index] ?? "")),
  ];
}

const CLIENT_COLUMNS: readonly Column[] = [
  { title: "in milliseconds", align: "left", cell: ({ what }) => what },
  { title: "gap", align: "right", cell: ({ gap }) => (gap ? gapLength(gap).toFixed(0) : "none") },
  { title: "pings lost", align: "right", cell: ({ lost }) => String(lost) },
];

function phaseColumns(outcomes: readonly Outcome[]): Column[] {
  return PHASES.filter((phase) => outcomes.some(({ phases }) => phases?.[phase] !== undefined)).map(
    (phase) => ({
      title: phase,
      align: "right",
      cell: ({ phases }) => (phases?.[phase] === undefined ? "" : phases[phase].toFixed(1)),
    }),
  );
}

function padded(text: string, { align, width }: Column & { readonly width: number }): string {
  return align === "left" ? text.padEnd(width) : text.padStart(width);
}
