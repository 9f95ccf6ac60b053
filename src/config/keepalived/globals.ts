import { MAIL_RULES, type MailDraft } from "./mail.ts";
import {
  INTERNAL,
  NO_ARP_EXTRA,
  NO_BALANCER,
  NO_FIFO_SCRIPT,
  NO_FIREWALL,
  NO_MULTICAST,
  NO_PRIORITY_CHANGES,
  NO_SNMP,
  OWN_SCRIPTS,
  SYSTEMD,
} from "./reasons.ts";
import { implied, leftOut, line, type Reason, type Rule, type RuleTable, ruleTable } from "./rule.ts";
import { type HasSettings, type Scope, type Setting, type Settings, set } from "./settings.ts";
import type { Statement } from "./statement.ts";
import { flag, number, onOff, readNumber, readOnOff, repeat } from "./values.ts";

/** What `global_defs` says: defaults for the instances, and four values of its own. */
export interface GlobalDraft extends HasSettings {
  readonly settings: Settings;
  routerId?: Setting<string>;
  defaultInterface?: Setting<string>;
  /** Who runs the scripts that name no user. */
  scriptUser?: Setting<{ readonly user: string | undefined; readonly group: string | undefined }>;
  readonly mail: MailDraft;
  notifyFifo?: Setting<string>;
  /** Seconds. */
  startupDelay?: Setting<number>;
  dynamicInterfaces?: Setting<true>;
}

const DELAY_AFTER_BOOT: Reason = {
  why: "cloudvip counts the start-up delay from its own start",
  fix: "use vrrp_startup_delay",
};
const OWNER_ADVERTS: Reason = {
  why: "cloudvip has one rule for two owners: the lower address yields",
  fix: "give priority 255 to one node at most",
};

const defaults: Readonly<Record<string, Rule<GlobalDraft>>> = {
  vrrp_version: number("version", { min: 2, max: 3, otherwise: 2 }),
  vrrp_garp_master_delay: number("garp_master_delay", { min: 0, otherwise: 5 }),
  vrrp_garp_master_repeat: repeat("garp_master_repeat", 5),
  vrrp_garp_master_refresh: number("garp_master_refresh", { min: 0, otherwise: 0 }),
  vrrp_garp_master_refresh_repeat: repeat("garp_master_refresh_repeat", 1),
  vrrp_garp_lower_prio_delay: number("garp_lower_prio_delay", { min: 0, otherwise: 5 }),
  vrrp_garp_lower_prio_repeat: number("garp_lower_prio_repeat", { min: 0, otherwise: 5 }),
  vrrp_garp_interval: number("garp_interval", { min: 0, decimal: true, otherwise: 0 }),
  vrrp_min_garp: line([0, 1], (statement, draft, scope) => {
    if (readOnOff(statement, scope) !== true) return;
    set(draft.settings, "garp_master_repeat", 1, statement, scope);
    set(draft.settings, "garp_master_delay", 0, statement, scope);
  }),
  vrrp_down_timer_adverts: number("down_timer_adverts", { min: 1, max: 100, otherwise: 3 }),
  vrrp_lower_prio_no_advert: onOff("lower_prio_no_advert"),
  vrrp_higher_prio_send_advert: onOff("higher_prio_send_advert"),
  vrrp_check_unicast_src: flag("check_unicast_src"),
  v3_checksum_as_v2: onOff("v3_checksum_as_v2"),
  vrrp_strict: onOff("strict_mode"),
};

const own: Readonly<Record<string, Rule<GlobalDraft>>> = {
  router_id: line([1, 1], (statement, draft) => {
    draft.routerId = { value: statement.words[1] ?? "", at: statement.at };
  }),
  default_interface: line([1, 1], (statement, draft) => {
    draft.defaultInterface = { value: statement.words[1] ?? "", at: statement.at };
  }),
  // `allow_if_changes` is about interfaces that come back as another kind, which makes no difference here.
  dynamic_interfaces: line([0, 1], (statement, draft) => {
    draft.dynamicInterfaces = { value: true, at: statement.at };
  }),
  script_user: line([1, 2], ({ words: [, user, group], at }, draft) => {
    draft.scriptUser = { value: { user, group }, at };
  }),
  notify_fifo: line([1, 3], readFifo),
  vrrp_notify_fifo: line([1, 3], readFifo),
  vrrp_startup_delay: line([1, 1], (statement, draft, scope) => {
    const value = readNumber(statement, { min: 0.001, decimal: true, otherwise: 0 }, scope);
    if (value !== undefined) draft.startupDelay = { value, at: statement.at };
  }),
};

/** A script that others could replace never runs, adverts that list other addresses are never refused, and so on. */
const ALWAYS = [
  "enable_script_security",
  "include_check",
  "vrrp_skip_check_adv_addr",
  "reload_check_config",
  "log_unknown_vrids",
];

const leftOutKeywords: readonly (readonly [Reason, readonly string[]])[] = [
  [DELAY_AFTER_BOOT, ["vrrp_delay_after_boot"]],
  [OWNER_ADVERTS, ["vrrp_owner_ignore_adverts"]],
  [NO_MULTICAST, ["vrrp_mcast_group4", "vrrp_mcast_group6", "disable_local_igmp"]],
  [NO_ARP_EXTRA, ["vrrp_garp_extra_if", "vrrp_vmac_garp_intvl", "vrrp_gna_interval"]],
  [
    NO_BALANCER,
    ["no_checker_emails", "smtp_alert_checker", "checker_log_all_failures", "rs_init_notifies", "lvs_flush"],
  ],
  [NO_BALANCER, ["lvs_timeouts", "lvs_sync_daemon", "lvs_notify_fifo"]],
  [NO_BALANCER, ["lvs_notify_fifo_script", "lvs_process_name", "lvs_flush_onstop"]],
  [NO_BALANCER, ["lvs_netlink_cmd_rcv_bufs", "lvs_netlink_cmd_rcv_bufs_force"]],
  [NO_BALANCER, ["lvs_netlink_monitor_rcv_bufs", "lvs_netlink_monitor_rcv_bufs_force"]],
  [OWN_SCRIPTS, ["startup_script", "shutdown_script", "startup_script_timeout", "shutdown_script_timeout"]],
  [NO_FIFO_SCRIPT, ["notify_fifo_script", "vrrp_notify_fifo_script"]],
  [NO_PRIORITY_CHANGES, ["vrrp_notify_priority_changes", "fifo_write_vrrp_states_on_reload"]],
  [INTERNAL, ["use_symlink_paths", "set_supplementary_groups"]],
  [NO_FIREWALL, ["vrrp_iptables", "vrrp_ipsets", "nftables", "nftables_priority", "nftables_counters"]],
  [
    NO_FIREWALL,
    ["nftables_ifindex", "nftables_ipvs", "nftables_ipvs_priority", "nftables_ipvs_start_fwmark"],
  ],
  [
    NO_SNMP,
    ["snmp_socket", "enable_snmp_vrrp", "enable_snmp_keepalived", "enable_snmp_checker", "enable_traps"],
  ],
  [
    NO_SNMP,
    ["enable_snmp_rfc", "enable_snmp_rfcv2", "enable_snmp_rfcv3", "enable_dbus", "dbus_service_name"],
  ],
  [NO_SNMP, ["dbus_no_interface_name", "snmp_vs_stats_update_interval", "snmp_rs_stats_update_interval"]],
  [
    SYSTEMD,
    ["vrrp_priority", "vrrp_rt_priority", "vrrp_rlimit_rttime", "vrrp_rlimit_rtime", "vrrp_cpu_affinity"],
  ],
  [SYSTEMD, ["vrrp_no_swap", "umask", "max_auto_priority", "min_auto_priority_delay", "net_namespace"]],
  [SYSTEMD, ["bfd_priority", "bfd_rt_priority", "bfd_rlimit_rttime", "bfd_rlimit_rtime", "bfd_cpu_affinity"]],
  [SYSTEMD, ["checker_priority", "checker_rt_priority", "checker_rlimit_rttime", "checker_rlimit_rtime"]],
  [SYSTEMD, ["checker_cpu_affinity", "checker_no_swap", "bfd_no_swap", "net_namespace_ipvs", "instance"]],
  [
    INTERNAL,
    ["process_names", "process_name", "vrrp_process_name", "checker_process_name", "bfd_process_name"],
  ],
  [INTERNAL, ["vmac_prefix", "vmac_addr_prefix", "random_seed", "reload_time_file", "reload_repeat"]],
  [INTERNAL, ["reload_file", "data_use_instance", "state_dump_file", "stats_dump_file", "json_dump_file"]],
  [
    INTERNAL,
    ["json_version", "tmp_config_directory", "config_save_dir", "iproute_usr_dir", "iproute_etc_dir"],
  ],
  [INTERNAL, ["vrrp_netlink_cmd_rcv_bufs", "vrrp_netlink_cmd_rcv_bufs_force", "process_monitor_rcv_bufs"]],
  [INTERNAL, ["vrrp_netlink_monitor_rcv_bufs", "vrrp_netlink_monitor_rcv_bufs_force"]],
  [INTERNAL, ["process_monitor_rcv_bufs_force", "vrrp_rx_bufs_policy", "vrrp_rx_bufs_multiplier"]],
  [INTERNAL, ["use_pid_dir", "namespace_with_ipsets", "child_wait_time", "linkbeat_use_polling"]],
];

/** Every directive of `global_defs`. */
export const GLOBAL_RULES: RuleTable<GlobalDraft> = ruleTable({
  ...defaults,
  ...own,
  ...MAIL_RULES,
  ...Object.fromEntries(ALWAYS.map((name) => [name, implied<GlobalDraft>()])),
  ...Object.fromEntries(
    leftOutKeywords.flatMap(([reason, names]) => names.map((name) => [name, leftOut<GlobalDraft>(reason)])),
  ),
});

/** keepalived can have one for everything and one for VRRP, which get the same lines of an instance. */
function readFifo(
  { words: [keyword = "", path = ""], at }: Statement,
  draft: GlobalDraft,
  scope: Scope,
): void {
  if (draft.notifyFifo) {
    scope.log.warn(at, {
      path: [...scope.path, keyword],
      message: "there is a pipe for notifications already: cloudvip writes to the last one only",
      fix: "keep one of the lines",
    });
  }
  draft.notifyFifo = { value: path, at };
}
