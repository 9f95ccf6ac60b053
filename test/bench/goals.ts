import type { ProgramName } from "./programs.ts";

/** What cloudvip's value must not exceed: a plain number in the measurement's unit, or so many times keepalived's in the same run. */
export type Limit =
  | { readonly kind: "at-most"; readonly value: number }
  | { readonly kind: "ratio"; readonly value: number };

export interface Goal {
  /** A missed `required` goal fails the bench; an `aim` is where the project wants to be. */
  readonly kind: "required" | "aim";
  readonly limit: Limit;
}

const atMost = (value: number): Limit => ({ kind: "at-most", value });
const ratio = (value: number): Limit => ({ kind: "ratio", value });
const required = (limit: Limit): Goal => ({ kind: "required", limit });
const aim = (limit: Limit): Goal => ({ kind: "aim", limit });

/** By the measurement's name. */
const GOALS: Readonly<Record<string, readonly Goal[]>> = {
  "host-loss-1000ms": [aim(ratio(0.85))],
  "host-loss-100ms": [aim(ratio(0.85))],
  "host-loss-30ms": [required(ratio(1.1)), aim(ratio(0.85))],
  "host-loss-10ms": [aim(ratio(0.95))],
  "stop-1000ms": [aim(atMost(5))],
  "stop-100ms": [aim(atMost(5))],
  "stop-30ms": [aim(atMost(5))],
  "cpu-master-100": [aim(ratio(1))],
  "cpu-backup-100": [aim(ratio(1))],
  "cpu-master-250": [aim(ratio(1))],
  "cpu-backup-250": [aim(ratio(1))],
  "cpu-master-1000": [aim(ratio(1))],
  "cpu-backup-1000": [aim(ratio(1))],
  "move-all-250": [aim(atMost(450))],
  "move-all-1000": [aim(atMost(800))],
  "host-loss-100-instances-median": [aim(ratio(0.5))],
  "host-loss-100-instances-worst": [aim(ratio(0.5))],
  "memory-1": [required(atMost(70)), aim(atMost(45))],
  "memory-aws": [required(atMost(120)), aim(atMost(90))],
  "false-takeovers-busy": [required(atMost(0))],
  "false-takeovers-quota": [required(atMost(0))],
  "false-takeovers-churn": [required(atMost(0))],
  "cloud-claim-sent": [aim(atMost(5))],
  "cloud-claim-done": [aim(ratio(1 / 50))],
  "cloud-lateness": [aim(atMost(3))],
  "notify-latency": [aim(atMost(20))],
  "notify-memory": [required(atMost(20))],
  "checks-1000": [aim(atMost(5))],
  "cloud-requests": [aim(atMost(1))],
  "cloud-route-tables-0ms": [aim(atMost(3))],
  "cloud-route-tables-20ms": [aim(atMost(3))],
  start: [required(atMost(400)), aim(atMost(150))],
};

export interface Verdict extends Goal {
  readonly met: boolean;
}

/** Judges one measurement by its goals. A ratio cannot be met where keepalived was not measured. */
export function judge(
  name: string,
  values: Readonly<Partial<Record<ProgramName, number>>>,
): readonly Verdict[] {
  const { cloudvip, keepalived } = values;
  if (cloudvip === undefined) return [];
  return (GOALS[name] ?? []).map((goal) => ({ ...goal, met: cloudvip <= ceiling(goal.limit, keepalived) }));
}

export function describeLimit(limit: Limit): string {
  return limit.kind === "ratio" ? `≤ ${limit.value} ×` : `≤ ${limit.value}`;
}

function ceiling(limit: Limit, keepalived: number | undefined): number {
  switch (limit.kind) {
    case "at-most":
      return limit.value;
    case "ratio":
      return keepalived === undefined ? Number.NaN : limit.value * keepalived;
  }
}
