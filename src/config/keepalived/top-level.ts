import { GLOBAL_RULES, type GlobalDraft } from "./globals.ts";
import { INSTANCE_RULES, type InstanceDraft, newInstance } from "./instance.ts";
import {
  INTERNAL,
  NO_ARP_EXTRA,
  NO_BALANCER,
  NO_BFD,
  NO_LINK_TUNING,
  NO_ROUTES,
  SYSTEMD,
} from "./reasons.ts";
import { applyRules, block, leftOut, type Reason, type RuleTable, ruleTable } from "./rule.ts";
import type { Scope } from "./settings.ts";
import type { Statement } from "./statement.ts";
import { readSyncGroup, type SyncGroupDraft } from "./sync-group.ts";
import { readTracker, type TrackerDraft, type TrackerKind } from "./tracker-block.ts";

/** A whole file as it was written. */
export interface FileDraft {
  readonly globals: GlobalDraft;
  readonly instances: Map<string, InstanceDraft>;
  /** `vrrp_script` and the like, in the order of the file. */
  readonly trackers: TrackerDraft[];
  readonly syncGroups: Map<string, SyncGroupDraft>;
}

export function newFile(): FileDraft {
  return {
    globals: { settings: {}, mail: { to: [] } },
    instances: new Map(),
    trackers: [],
    syncGroups: new Map(),
  };
}

const blocks = {
  global_defs: block<FileDraft>([0, 0], (statement, draft, scope) => {
    applyRules(statement.block ?? [], GLOBAL_RULES, draft.globals, { ...scope, path: ["global_defs"] });
  }),
  vrrp_instance: block<FileDraft>([1, 1], readInstance),
  vrrp_sync_group: block<FileDraft>([1, 1], readGroup),
  vrrp_script: trackerBlock("script"),
  track_file: trackerBlock("file"),
  vrrp_track_file: trackerBlock("file"),
  vrrp_track_process: trackerBlock("process"),
};

const leftOutBlocks: readonly (readonly [Reason, readonly string[]])[] = [
  [NO_BFD, ["bfd_instance"]],
  [NO_ARP_EXTRA, ["garp_group"]],
  [NO_ROUTES, ["static_ipaddress", "static_routes", "static_rules", "track_group"]],
  [NO_LINK_TUNING, ["interface_up_down_delays", "linkbeat_interfaces"]],
  [NO_BALANCER, ["virtual_server", "virtual_server_group", "local_address_group", "SSL"]],
];

const leftOutLines: readonly (readonly [Reason, readonly string[]])[] = [
  [SYSTEMD, ["net_namespace", "net_namespace_ipvs", "child_wait_time"]],
  [INTERNAL, ["namespace_with_ipsets", "instance", "use_pid_dir", "linkbeat_use_polling"]],
];

/** Every keyword outside of blocks. */
export const TOP_LEVEL_RULES: RuleTable<FileDraft> = ruleTable<FileDraft>({
  ...blocks,
  ...Object.fromEntries(
    [...leftOutBlocks, ...leftOutLines].flatMap(([reason, names]) =>
      names.map((name) => [name, leftOut<FileDraft>(reason)]),
    ),
  ),
});

/** Blocks within blocks whose brace is missed when it is not there. */
const INNER_BLOCKS = [
  ...["authentication", "auth_hmac", "unicast_peer", "virtual_ipaddress", "virtual_ipaddress_excluded"],
  ...["virtual_routes", "virtual_rules", "track_interface", "track_script", "track_process", "track_bfd"],
  ...["group", "notification_email"],
];

const BLOCK_KEYWORDS: ReadonlySet<string> = new Set([
  ...Object.keys(blocks),
  ...leftOutBlocks.flatMap(([, names]) => names),
  ...INNER_BLOCKS,
]);

/** Whether keepalived demands a `{` behind this keyword. */
export function opensBlock(keyword: string): boolean {
  return BLOCK_KEYWORDS.has(keyword);
}

/** keepalived skips the block of a name that was used before, and so do we. */
function readInstance(statement: Statement, draft: FileDraft, scope: Scope): void {
  const name = statement.words[1] ?? "";
  const path = ["vrrp_instance", name];
  if (draft.instances.has(name)) {
    scope.log.error(statement.at, {
      path,
      value: name,
      message: `there are two instances with the name ${name}: keepalived ignores the second`,
      fix: "write another name, or remove one of the two",
    });
    return;
  }
  const instance = newInstance(name, statement.at);
  draft.instances.set(name, instance);
  applyRules(statement.block ?? [], INSTANCE_RULES, instance, { ...scope, path });
}

/** As with instances, the first of a name counts. */
function readGroup(statement: Statement, { syncGroups }: FileDraft, scope: Scope): void {
  const group = readSyncGroup(statement, scope);
  if (!syncGroups.has(group.name)) {
    syncGroups.set(group.name, group);
    return;
  }
  scope.log.warn(statement.at, {
    path: ["vrrp_sync_group", group.name],
    message: `${group.name} is defined a second time: the first definition counts`,
    fix: "write another name, or remove one of the two",
  });
}

function trackerBlock(kind: TrackerKind) {
  return block<FileDraft>([1, 1], (statement, { trackers }, scope) => {
    const tracker = readTracker(kind, statement, scope);
    if (trackers.every((other) => other.kind !== kind || other.name !== tracker.name)) {
      trackers.push(tracker);
      return;
    }
    const [keyword = ""] = statement.words;
    scope.log.warn(statement.at, {
      path: [keyword, tracker.name],
      message: `${tracker.name} is defined a second time: the first definition counts`,
      fix: "write another name, or remove one of the two",
    });
  });
}
