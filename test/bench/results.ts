import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { MEASUREMENTS } from "./measurements.ts";
import type { Row } from "./report.ts";

type Machine = Readonly<Record<string, string>>;

/** What was measured on one machine with one version of each program, in the table's order; kept in a file where one is given. */
export class Results {
  readonly machine: Machine;
  readonly #file: string | undefined;
  readonly #rows: Map<string, Row>;

  /** @throws when the file's results are of another machine, for they cannot stand in one table */
  constructor(machine: Machine, file: string | undefined) {
    this.machine = machine;
    this.#file = file;
    this.#rows = new Map();
    if (file === undefined || !existsSync(file)) return;
    const kept = JSON.parse(readFileSync(file, "utf8")) as { machine: Machine; rows: Row[] };
    if (!isDeepStrictEqual(kept.machine, machine))
      throw new Error(`${file} has results of another machine or version: ${JSON.stringify(kept.machine)}`);
    this.#rows = new Map(kept.rows.map((row) => [row.name, row]));
  }

  get rows(): readonly Row[] {
    return MEASUREMENTS.flatMap(({ name }) => this.#rows.get(name) ?? []);
  }

  add(row: Row): void {
    this.#rows.set(row.name, row);
    if (this.#file === undefined) return;
    writeFileSync(this.#file, `${JSON.stringify({ machine: this.machine, rows: this.rows }, null, 2)}\n`);
  }
}
