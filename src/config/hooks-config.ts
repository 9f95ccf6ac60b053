import type { ProgramConfig } from "./program.ts";

/** keepalived's words for the scripts of an instance. */
export const HOOK_NAMES = [
  "notify",
  "notify_master",
  "notify_backup",
  "notify_fault",
  "notify_stop",
  "notify_deleted",
  "notify_master_rx_lower_pri",
] as const;

export type HookName = (typeof HOOK_NAMES)[number];

/** What happens on this host when an instance changes its state. */
export interface HooksConfig {
  readonly programs: Readonly<Partial<Record<HookName, ProgramConfig>>>;
  readonly onMaster: StateActions;
  readonly onBackup: StateActions;
}

/** What is done while an instance is in a state, and undone when it leaves it. */
export interface StateActions {
  /** Kernel settings by name, such as `net.ipv4.ip_nonlocal_bind`. */
  readonly sysctl: Readonly<Record<string, string>>;
  /** systemd units that run only in this state. */
  readonly units: readonly string[];
  /** Where packets for the addresses, and VRRP itself, are let in. */
  readonly accept: AcceptRules | undefined;
}

export type AcceptRules =
  | { readonly kind: "iptables"; readonly chain: string }
  | { readonly kind: "nft"; readonly family: string; readonly table: string; readonly chain: string };
