import { ALERT_RULE } from "./mail.ts";
import { readNotify, type ScriptDrafts } from "./notify-line.ts";
import { NO_PRIORITY_CHANGES } from "./reasons.ts";
import { applyRules, block, leftOut, line, type RuleTable, ruleTable } from "./rule.ts";
import type { Scope, Setting } from "./settings.ts";
import type { Position } from "./source.ts";
import type { Statement } from "./statement.ts";
import { TRACK_RULES, type TrackEntry } from "./track-list.ts";

/** One `vrrp_sync_group` as it was written. */
export interface SyncGroupDraft {
  readonly name: string;
  readonly at: Position;
  readonly members: Setting<string>[];
  readonly tracked: TrackEntry[];
  readonly scripts: ScriptDrafts;
  /** `sync_group_tracking_weight`, or `global_tracking` as it was called. */
  trackingWeight?: Setting<true>;
  alert?: Setting<boolean>;
}

/** Reads the block of a sync group. */
export function readSyncGroup(statement: Statement, scope: Scope): SyncGroupDraft {
  const name = statement.words[1] ?? "";
  const draft: SyncGroupDraft = { name, at: statement.at, members: [], tracked: [], scripts: new Map() };
  applyRules(statement.block ?? [], SYNC_GROUP_RULES, draft, { ...scope, path: ["vrrp_sync_group", name] });
  return draft;
}

const trackingWeight = line<SyncGroupDraft>([0, 0], ({ at }, draft) => {
  draft.trackingWeight = { value: true, at };
});

/** keepalived knows notify_deleted for instances only, whatever its manual says. */
const SCRIPTS = ["notify", "notify_master", "notify_backup", "notify_fault", "notify_stop"];

/** Every directive of a `vrrp_sync_group`. */
export const SYNC_GROUP_RULES: RuleTable<SyncGroupDraft> = ruleTable<SyncGroupDraft>({
  group: block([0, 0], (statement, draft) => {
    for (const { words, at } of statement.block ?? []) {
      for (const value of words) draft.members.push({ value, at });
    }
  }),
  ...TRACK_RULES,
  ...Object.fromEntries(SCRIPTS.map((name) => [name, line<SyncGroupDraft>([1, 99], readNotify)])),
  sync_group_tracking_weight: trackingWeight,
  global_tracking: trackingWeight,
  smtp_alert: ALERT_RULE,
  notify_priority_changes: leftOut(NO_PRIORITY_CHANGES),
});
