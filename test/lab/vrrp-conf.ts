import type { Host } from "./host.ts";

/** One `vrrp_instance` of a keepalived.conf, in keepalived's words. Both programs read the text. */
export interface VrrpInstance {
  readonly name?: string;
  readonly vrid: number;
  readonly priority: number;
  readonly version?: 2 | 3;
  /** Seconds. */
  readonly advertInt: number;
  readonly source: string;
  readonly peers: readonly string[];
  /** Lines of `virtual_ipaddress`. */
  readonly vips: readonly string[];
  readonly interfaceName?: string;
  readonly state?: "MASTER" | "BACKUP";
  /** `auth_pass` of `auth_type PASS`, v2 only. */
  readonly pass?: string;
  readonly nopreempt?: boolean;
  /** Further lines, as they are. */
  readonly extra?: readonly string[];
}

/** Writes a keepalived.conf. `globals` are further lines for its `global_defs`. */
export function vrrpConf(instances: readonly VrrpInstance[], globals: readonly string[] = []): string {
  return [...block("global_defs", globals), ...instances.flatMap(instanceBlock), ""].join("\n");
}

/** A host's part in a group that shares its addresses. */
export interface Member {
  readonly host: Host;
  readonly priority: number;
}

/** What all members of a group have in common. */
export type GroupSettings = Pick<VrrpInstance, "advertInt" | "vips"> &
  Partial<Pick<VrrpInstance, "vrid" | "version" | "pass" | "nopreempt" | "extra">>;

/** The instance of the group's member that runs on `host`, with all other members as its peers. */
export function memberInstance(
  host: Host,
  members: readonly Member[],
  settings: GroupSettings,
): VrrpInstance {
  const member = members.find((candidate) => candidate.host === host);
  if (!member) throw new Error(`${host.name} is not a member of the group`);
  const peers = members.filter((other) => other !== member).map((other) => other.host.address);
  return { vrid: 51, source: host.address, peers, priority: member.priority, ...settings };
}

function instanceBlock(instance: VrrpInstance): readonly string[] {
  const { pass } = instance;
  return block(`vrrp_instance ${instance.name ?? "V1"}`, [
    `state ${instance.state ?? "BACKUP"}`,
    `interface ${instance.interfaceName ?? "eth0"}`,
    `virtual_router_id ${instance.vrid}`,
    `priority ${instance.priority}`,
    `version ${instance.version ?? 3}`,
    `advert_int ${instance.advertInt}`,
    `unicast_src_ip ${instance.source}`,
    ...block("unicast_peer", instance.peers),
    ...(pass === undefined ? [] : block("authentication", ["auth_type PASS", `auth_pass ${pass}`])),
    ...(instance.nopreempt ? ["nopreempt"] : []),
    ...(instance.extra ?? []),
    ...block("virtual_ipaddress", instance.vips),
  ]);
}

function block(head: string, lines: readonly string[]): readonly string[] {
  return [`${head} {`, ...lines.map((line) => `  ${line}`), "}"];
}
