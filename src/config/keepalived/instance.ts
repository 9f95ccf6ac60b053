import { HOOK_NAMES } from "../hooks-config.ts";
import { type AddressDraft, readAddressLine } from "./address-line.ts";
import { AUTHENTICATION_RULES, type AuthenticationDraft } from "./authentication.ts";
import { ALERT_RULE } from "./mail.ts";
import { readNotify, type ScriptDrafts } from "./notify-line.ts";
import { type PeerDraft, readPeerLine } from "./peer-line.ts";
import {
  INTERNAL,
  NO_ARP_EXTRA,
  NO_BALANCER,
  NO_HMAC,
  NO_IPV6,
  NO_LINK_TUNING,
  NO_MULTICAST,
  NO_PRIORITY_CHANGES,
  NO_ROUTES,
  UNKNOWN_MAC,
} from "./reasons.ts";
import {
  applyRules,
  block,
  implied,
  leftOut,
  line,
  type Reason,
  type Rule,
  type RuleTable,
  refused,
  reportLeftOut,
  ruleTable,
} from "./rule.ts";
import { type HasSettings, type Scope, type Setting, type Settings, set } from "./settings.ts";
import type { Position } from "./source.ts";
import type { Statement } from "./statement.ts";
import { TRACK_RULES, type TrackEntry } from "./track-list.ts";
import { flag, number, onOff, readNumber, repeat, text } from "./values.ts";

/** One `vrrp_instance` as it was written; what its statements mean together is decided when the file is read. */
export interface InstanceDraft extends HasSettings {
  readonly name: string;
  readonly at: Position;
  readonly settings: Settings;
  readonly authentication: AuthenticationDraft;
  /** The first `unicast_peer` block. */
  peersAt?: Position;
  readonly peers: Setting<PeerDraft>[];
  readonly addresses: Setting<AddressDraft>[];
  readonly excluded: Setting<AddressDraft>[];
  readonly tracked: TrackEntry[];
  readonly scripts: ScriptDrafts;
  /** `smtp_alert` */
  alert?: Setting<boolean>;
}

export function newInstance(name: string, at: Position): InstanceDraft {
  return {
    name,
    at,
    settings: {},
    authentication: {},
    peers: [],
    addresses: [],
    excluded: [],
    tracked: [],
    scripts: new Map(),
  };
}

const OLD_CHECKSUM: Reason = {
  why: "cloudvip never sends the checksum of keepalived before 1.3.7",
  fix: "update the nodes that still need it",
};
const SKIP_CHECK: Reason = {
  why: "cloudvip never refuses an advert for the addresses that it lists",
  fix: "remove it",
};
const NO_ACCEPT: Reason = {
  why: "a MASTER of cloudvip accepts packets for its virtual addresses",
  fix: "drop them with the host's firewall if they must not be answered",
};
const LATE_TIMERS: Reason = {
  why: "cloudvip measures its own lateness and listens again before it acts as MASTER",
  fix: "remove it",
};
const OWNER_ADVERTS: Reason = {
  why: "cloudvip has one rule for two owners: the lower address yields",
  fix: "give priority 255 to one node at most",
};
const NO_VRF: Reason = { why: "cloudvip needs the interface itself", fix: "write interface" };

const election: Readonly<Record<string, Rule<InstanceDraft>>> = {
  state: line([1, 1], readState),
  interface: text("interface"),
  virtual_router_id: line([1, 1], readRouterId),
  priority: number("priority", { min: 1, max: 255, otherwise: 100 }),
  version: line([1, 1], readVersion),
  advert_int: number("advert_int", { min: 0.01, max: 255, decimal: true, otherwise: 1 }),
  strict_mode: onOff("strict_mode"),
  preempt: flag("preempt"),
  nopreempt: flag("preempt", false),
  preempt_delay: number("preempt_delay", { min: 0, max: 1000, decimal: true, otherwise: 0 }),
  down_timer_adverts: number("down_timer_adverts", { min: 1, max: 100, otherwise: 3 }),
  lower_prio_no_advert: onOff("lower_prio_no_advert"),
  higher_prio_send_advert: onOff("higher_prio_send_advert"),
  dont_track_primary: flag("dont_track_primary"),
  skip_check_adv_addr: line([0, 1], readSkipCheck),
  owner_ignore_adverts: leftOut(OWNER_ADVERTS),
  timer_expired_backup: leftOut(LATE_TIMERS),
  thread_timer_expired: leftOut(LATE_TIMERS),
};

const unicast: Readonly<Record<string, Rule<InstanceDraft>>> = {
  unicast_src_ip: text("unicast_src_ip"),
  // It sets the same field; with unicast peers it is the source of the unicast adverts.
  mcast_src_ip: text("unicast_src_ip"),
  mcast_dst_ip: leftOut(NO_MULTICAST),
  unicast_peer: block([0, 0], readPeers),
  unicast_ttl: number("unicast_ttl", { min: 0, max: 255, otherwise: 255 }),
  unicast_fault_no_peer: implied(),
  check_unicast_src: flag("check_unicast_src"),
  v3_checksum_as_v2: onOff("v3_checksum_as_v2"),
  old_unicast_checksum: line([0, 1], readOldChecksum),
  track_src_ip: flag("track_src_ip"),
  authentication: block([0, 0], (statement, draft, scope) =>
    applyRules(statement.block ?? [], AUTHENTICATION_RULES, draft.authentication, scope),
  ),
  auth_hmac: refused(NO_HMAC),
};

const addresses: Readonly<Record<string, Rule<InstanceDraft>>> = {
  virtual_ipaddress: block([0, 0], (statement, draft, scope) =>
    readAddresses(statement, draft.addresses, scope),
  ),
  virtual_ipaddress_excluded: block([0, 0], (statement, draft, scope) =>
    readAddresses(statement, draft.excluded, scope),
  ),
  no_virtual_ipaddress: flag("no_virtual_ipaddress"),
  accept: implied(),
  no_accept: leftOut(NO_ACCEPT),
  virtual_routes: leftOut(NO_ROUTES),
  virtual_rules: leftOut(NO_ROUTES),
  promote_secondaries: leftOut(INTERNAL),
  use_vmac: refused(UNKNOWN_MAC),
  use_vmac_addr: refused(UNKNOWN_MAC),
  vmac_xmit_base: refused(UNKNOWN_MAC),
  use_ipvlan: refused(UNKNOWN_MAC),
  native_ipv6: refused(NO_IPV6),
  vrf: leftOut(NO_VRF),
};

const announcements: Readonly<Record<string, Rule<InstanceDraft>>> = {
  garp_master_delay: number("garp_master_delay", { min: 0, otherwise: 5 }),
  garp_master_repeat: repeat("garp_master_repeat", 5),
  garp_master_refresh: number("garp_master_refresh", { min: 0, otherwise: 0 }),
  garp_master_refresh_repeat: repeat("garp_master_refresh_repeat", 1),
  garp_lower_prio_delay: number("garp_lower_prio_delay", { min: 0, otherwise: 5 }),
  garp_lower_prio_repeat: number("garp_lower_prio_repeat", { min: 0, otherwise: 5 }),
  garp_extra_if: leftOut(NO_ARP_EXTRA),
  vmac_garp_intvl: leftOut(NO_ARP_EXTRA),
};

const others: Readonly<Record<string, Rule<InstanceDraft>>> = {
  ...Object.fromEntries(HOOK_NAMES.map((name) => [name, line([1, 99], readNotify)])),
  notify_priority_changes: leftOut(NO_PRIORITY_CHANGES),
  smtp_alert: ALERT_RULE,
  linkbeat_use_polling: leftOut(NO_LINK_TUNING),
  debug: leftOut(INTERNAL),
  kernel_rx_buf_size: leftOut(INTERNAL),
  lvs_sync_daemon_interface: leftOut(NO_BALANCER),
};

/** Every directive of a `vrrp_instance`. */
export const INSTANCE_RULES: RuleTable<InstanceDraft> = ruleTable({
  ...election,
  ...unicast,
  ...addresses,
  ...announcements,
  ...TRACK_RULES,
  ...others,
});

function readState(statement: Statement, draft: InstanceDraft, scope: Scope): void {
  const word = statement.words[1] ?? "";
  const known = word === "MASTER" || word === "BACKUP";
  if (!known) {
    scope.log.warn(statement.at, {
      path: [...scope.path, "state"],
      value: word,
      message: `"${word}" is no state: keepalived uses BACKUP, and so does cloudvip`,
      fix: "write MASTER or BACKUP, in capitals and without punctuation",
    });
  }
  set(draft.settings, "state", known ? word : "BACKUP", statement, scope);
}

/** Without a usable number keepalived drops the instance, so there is nothing to go on with. */
function readRouterId(statement: Statement, draft: InstanceDraft, scope: Scope): void {
  const word = statement.words[1] ?? "";
  const value = /^\d{1,5}$/.test(word) ? Number(word) : 0;
  if (value >= 1 && value <= 255) {
    set(draft.settings, "virtual_router_id", value, statement, scope);
    return;
  }
  scope.log.error(statement.at, {
    path: [...scope.path, "virtual_router_id"],
    value: word,
    message: `"${word}" is not a whole number from 1 to 255: keepalived ignores the instance`,
    fix: "write a whole number from 1 to 255, the same on every node",
  });
}

/** Unlike everything else, the first version counts. */
function readVersion(statement: Statement, draft: InstanceDraft, scope: Scope): void {
  const value = readNumber(statement, { min: 2, max: 3, otherwise: 2 }, scope);
  const first = draft.settings.version?.value;
  if (value === undefined || value === first) return;
  if (first === undefined) {
    set(draft.settings, "version", value, statement, scope);
    return;
  }
  scope.log.warn(statement.at, {
    path: [...scope.path, "version"],
    value: String(value),
    message: `version ${first} was set before: keepalived stays with it, and so does cloudvip`,
    fix: "keep one of the lines",
  });
}

/** keepalived turns the check off for any word behind the keyword, `off` too. */
function readSkipCheck(statement: Statement, _draft: InstanceDraft, scope: Scope): void {
  const word = statement.words[1];
  if (word === undefined || /^(on|true|yes)$/.test(word)) return;
  reportLeftOut(statement, SKIP_CHECK, scope, `; keepalived reads "${word}" as on`);
}

function readOldChecksum(statement: Statement, _draft: InstanceDraft, scope: Scope): void {
  if (statement.words[1] !== "never") reportLeftOut(statement, OLD_CHECKSUM, scope);
}

function readPeers(statement: Statement, draft: InstanceDraft, scope: Scope): void {
  draft.peersAt ??= statement.at;
  for (const entry of statement.block ?? []) {
    for (const value of readPeerLine(entry, scope)) draft.peers.push({ value, at: entry.at });
  }
}

function readAddresses(statement: Statement, list: Setting<AddressDraft>[], scope: Scope): void {
  const within = { ...scope, path: [...scope.path, statement.words[0] ?? ""] };
  for (const entry of statement.block ?? []) {
    list.push({ value: readAddressLine(entry, within), at: entry.at });
  }
}
