/**
 * What to write for a keepalived word, or another familiar one, that this file does not have. The words that it does have
 * are found by the schema; misspellings by `closest`.
 */
const HINTS: Readonly<Record<string, string>> = {
  nopreempt: "write preempt: false",
  state:
    "remove it: every node starts as BACKUP and the highest priority becomes MASTER; for the owner of the addresses write priority: 255",
  vrid: "write virtual_router_id",
  peers: "write unicast_peer",
  vip: "write virtual_ipaddress",
  vips: "write virtual_ipaddress",
  source: "write unicast_src_ip",
  name: "write the name as the key: vrrp_instance: { VI_1: { … } }",
  mcast_src_ip: "write unicast_src_ip: cloudvip sends unicast only",
  mcast_dst_ip: "remove it: cloudvip sends unicast only, to unicast_peer",
  unicast_fault_no_peer: "remove it: an instance without peers is always refused",
  v3_checksum_as_v2: "write checksum: { send: rfc9568 }",
  old_unicast_checksum: "remove it: the checksum of keepalived before 1.3.7 is not supported",
  no_track_src_ip: "write track_src_ip: false",
  accept: "remove it: traffic to a virtual address is always accepted",
  skip_check_adv_addr: "remove it: a different address list in an advert is reported, never refused",
  strict_mode: "remove it: strict VRRP has no unicast",
  vrrp_strict: "remove it: strict VRRP has no unicast",
  use_vmac: "remove it: clouds drop frames from MAC addresses that they did not hand out",
  use_ipvlan: "remove it: clouds drop frames from MAC addresses that they did not hand out",
  vrrp_version: "write version in the instance",
  vrrp_check_unicast_src: "write check_unicast_src in the instance; true is the default",
  vrrp_garp_master_delay: "write garp_master_delay in the instance",
  vrrp_garp_master_repeat: "write garp_master_repeat in the instance",
  vrrp_garp_master_refresh: "write garp_master_refresh in the instance",
  vrrp_garp_master_refresh_repeat: "write garp_master_refresh_repeat in the instance",
  vrrp_garp_lower_prio_delay: "write garp_lower_prio_delay in the instance",
  vrrp_garp_lower_prio_repeat: "write garp_lower_prio_repeat in the instance",
  vrrp_garp_interval: "write garp_interval in the instance",
  vrrp_down_timer_adverts: "write down_timer_adverts in the instance",
  vrrp_lower_prio_no_advert: "write lower_prio_no_advert in the instance",
  vrrp_higher_prio_send_advert: "write higher_prio_send_advert in the instance",
  vrrp_script:
    "write it below track: at the top of the file, such as track: { chk: { script: /path/to/check } }",
  track_script: "write track: with the names of the trackers",
  track_file: "write track: with the name of a tracker that has file:",
  track_process: "write track: with the name of a tracker that has process:",
  track_interface: "write track: with the name of a tracker that has interface:",
  vrrp_track_process:
    "write it below track: at the top of the file, such as track: { chk: { process: nginx } }",
  vrrp_track_file: "write it below track: at the top of the file, such as track: { chk: { file: /run/x } }",
  script_user: "write user in the tracker, or { script: …, user: … } for a hook",
  enable_script_security: "remove it: a script that others could replace is never run",
  vrrp_notify_fifo: "write notify_fifo in global_defs",
  mechanism: "write it below provider, with the provider's name: provider: { name: aws, mechanism: … }",
  cloud: "write provider: { name: … }",
  "<<": "write the options out: YAML merge keys are not supported",
};

/** What to do about the key `word`, when it is a familiar one. */
export function hintFor(word: string): string | undefined {
  return Object.hasOwn(HINTS, word) ? HINTS[word] : undefined;
}

/** True for keepalived's directives that cloudvip has no counterpart for yet: misspellings are then no explanation. */
export function isForeignDirective(word: string): boolean {
  return /^(track_|vrrp_(script|sync_group|track)|virtual_server|static_|notify|smtp_|virtual_(routes|rules)|auth_hmac|bfd_|lvs_|snmp_|enable_|script_user)/.test(
    word,
  );
}
