import type { DocumentPath } from "../problem.ts";
import type { Position, ProblemLog } from "./source.ts";
import type { Statement } from "./statement.ts";

/** A value and the place of the statement that gave it. */
export interface Setting<T> {
  readonly value: T;
  readonly at: Position;
}

/** What one statement of a `vrrp_instance` sets; `global_defs` sets the same things for all instances. */
export interface SettingTypes {
  state: "MASTER" | "BACKUP";
  interface: string;
  virtual_router_id: number;
  priority: number;
  version: number;
  /** Seconds, as all times here. */
  advert_int: number;
  unicast_src_ip: string;
  unicast_ttl: number;
  check_unicast_src: boolean;
  track_src_ip: boolean;
  dont_track_primary: boolean;
  v3_checksum_as_v2: boolean;
  no_virtual_ipaddress: boolean;
  strict_mode: boolean;
  preempt: boolean;
  preempt_delay: number;
  down_timer_adverts: number;
  lower_prio_no_advert: boolean;
  higher_prio_send_advert: boolean;
  garp_master_delay: number;
  garp_master_repeat: number;
  garp_master_refresh: number;
  garp_master_refresh_repeat: number;
  garp_lower_prio_delay: number;
  garp_lower_prio_repeat: number;
  garp_interval: number;
}

export type SettingName = keyof SettingTypes;

/** The names whose values have the type `T`. */
export type SettingNameOf<T> = {
  [Name in SettingName]: SettingTypes[Name] extends T ? Name : never;
}[SettingName];

export type Settings = { [Name in SettingName]?: Setting<SettingTypes[Name]> };

/** A block whose statements are being read: where it stands in the document, and where complaints go. */
export interface Scope {
  readonly path: DocumentPath;
  readonly log: ProblemLog;
}

/** Anything that holds settings. */
export interface HasSettings {
  readonly settings: Settings;
}

/** Records a setting. Written twice, the last one counts, as in keepalived. */
export function set<Name extends SettingName>(
  settings: Settings,
  name: Name,
  value: SettingTypes[Name],
  statement: Statement,
  scope: Scope,
): void {
  if (settings[name] !== undefined) {
    scope.log.warn(statement.at, {
      path: [...scope.path, name],
      message: `${name} is set a second time: the last one counts, in keepalived and in cloudvip`,
      fix: "keep one of the lines",
    });
  }
  const setting: Setting<SettingTypes[Name]> = { value, at: statement.at };
  Object.assign(settings, { [name]: setting });
}
