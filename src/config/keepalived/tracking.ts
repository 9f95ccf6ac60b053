import { NO_TRACKING } from "./reasons.ts";
import { block, leftOut, type Rule, reportLeftOut } from "./rule.ts";
import type { Scope } from "./settings.ts";
import type { Statement } from "./statement.ts";

/** A `track_*` block of an instance. */
export interface Tracker {
  readonly statement: Statement;
}

/** What the rest of the file says about trackers and groups. */
export interface TrackingFacts {
  /** `vrrp_script` and the like whose weight is not 0. */
  readonly weighted: Set<string>;
  /** Members of sync groups that take no weights, as a group does unless it has `sync_group_tracking_weight`. */
  readonly weightlessMembers: Set<string>;
}

/** The trackers of an instance are read, because a sync group may still say something about them. */
export const TRACKING_RULES: Readonly<Record<string, Rule<{ readonly trackers: Tracker[] }>>> = {
  track_interface: block([0, 0], keep),
  track_script: block([0, 0], keep),
  track_file: block([0, 0], keep),
  track_process: block([0, 0], keep),
  track_bfd: leftOut(NO_TRACKING),
};

/** Names the trackers of an instance as not carried over. */
export function reportTrackers(
  instance: { readonly name: string; readonly trackers: readonly Tracker[] },
  facts: TrackingFacts,
  scope: Scope,
): void {
  for (const { statement } of instance.trackers) {
    const lost =
      facts.weightlessMembers.has(instance.name) &&
      (statement.block ?? []).some((entry) => hasWeight(entry, facts));
    const more = lost
      ? "; keepalived drops weighted ones too, because the instance is in a vrrp_sync_group"
      : "";
    reportLeftOut(statement, NO_TRACKING, scope, more);
  }
}

function keep(statement: Statement, target: { readonly trackers: Tracker[] }): void {
  target.trackers.push({ statement });
}

/** Its own weight counts; without one, that of the script. */
function hasWeight({ words }: Statement, facts: TrackingFacts): boolean {
  const own = words.indexOf("weight");
  if (own >= 0) return Number(words[own + 1]) !== 0;
  return facts.weighted.has(words[0] ?? "");
}
