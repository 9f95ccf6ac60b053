import type { PacketReport } from "./packet-report.ts";

/** A flood of forged sources must not fill the memory; what comes later is counted under one name. */
const SOURCES_MAX = 1_000;
const OTHER_SOURCES = "other sources";

/** Counts what a capture held, for the summary at its end. */
export class PacketTally {
  #packets = 0;
  readonly #bySource = new Map<string, number>();
  readonly #refused = new Map<string, number>();

  add(report: PacketReport): void {
    this.#packets++;
    const name = report.source ?? "no source";
    const known = this.#bySource.has(name) || this.#bySource.size < SOURCES_MAX;
    increase(this.#bySource, known ? name : OTHER_SOURCES);
    if (report.reason) increase(this.#refused, report.reason.code);
  }

  get packets(): number {
    return this.#packets;
  }

  /** The summary, one line an entry, largest first. */
  lines(): readonly string[] {
    const refused = [...this.#refused.values()].reduce((sum, count) => sum + count, 0);
    const head = `${this.#packets} VRRP ${this.#packets === 1 ? "packet" : "packets"}, ${refused} refused`;
    return [head, ...entries(this.#bySource, "from"), ...entries(this.#refused, "refused:")];
  }
}

function increase(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function entries(counts: ReadonlyMap<string, number>, label: string): string[] {
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${String(count).padStart(8)}  ${label} ${name}`);
}
