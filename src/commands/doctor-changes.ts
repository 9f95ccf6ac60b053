/** What `doctor --watch` says between its first look and its last. */
import type { Finding } from "../doctor/finding.ts";
import type { CheckResult } from "../doctor/runner.ts";
import { findingsOf, type Style } from "./doctor-view.ts";
import { wrapText } from "./wrap.ts";

/** Compares each look with what was known before it. */
export class Changes {
  #last: readonly CheckResult[];
  /** A check that cannot look says nothing about what it found before: that stays. */
  #known: readonly CheckResult[];

  constructor(first: readonly CheckResult[]) {
    this.#last = first;
    this.#known = first;
  }

  /** What appeared, what went away, and what can be seen no more or again; nothing when nothing did. */
  tell(
    now: readonly CheckResult[],
    { time, columns }: { readonly time: Date } & Pick<Style, "columns">,
  ): string {
    const known = carryOver(this.#known, now);
    const [old, current] = [findingsOf(this.#known), findingsOf(known)];
    const texts = [
      ...missingIn(old, current).map((finding) => `new ${findingText(finding)}`),
      ...missingIn(current, old).map((finding) => `gone ${findingText(finding)}`),
      ...newlyUnseen(this.#last, now).map(({ check, why }) => `not seen ${check.code}: ${why}`),
      ...newlyUnseen(now, this.#last).map(({ check }) => `seen again ${check.code}`),
    ];
    this.#last = now;
    this.#known = known;
    const lead = `${time.toISOString().slice(0, "2026-01-01T00:00:00".length)}Z `;
    return texts
      .flatMap((text) => wrapText(text, { lead, columns }))
      .reduce((all, line) => `${all}${line}\n`, "");
  }
}

function carryOver(before: readonly CheckResult[], now: readonly CheckResult[]): readonly CheckResult[] {
  return now.map((result) => {
    const old = before.find(({ check }) => check.code === result.check.code);
    return result.kind === "unseen" && old?.kind === "found" ? old : result;
  });
}

/** Those of `all` that are not in `some`. */
function missingIn(some: readonly Finding[], all: readonly Finding[]): readonly Finding[] {
  return all.filter((finding) => !some.some((other) => isSame(finding, other)));
}

function findingText({ severity, code, message }: Finding): string {
  return `${severity} ${code}: ${message}`;
}

type Unseen = Extract<CheckResult, { kind: "unseen" }>;

function newlyUnseen(before: readonly CheckResult[], now: readonly CheckResult[]): readonly Unseen[] {
  const known = new Set(before.flatMap((result) => (result.kind === "unseen" ? [result.check.code] : [])));
  return now.filter((result): result is Unseen => result.kind === "unseen" && !known.has(result.check.code));
}

/** A measure that is a little different each time is no news. */
function isSame(a: Finding, b: Finding): boolean {
  return a.code === b.code && withoutMeasures(a.message) === withoutMeasures(b.message);
}

function withoutMeasures(text: string): string {
  return text.replaceAll(/\d+(\.\d+)? ?(ms|s|%)(?!\w)/g, "…");
}
