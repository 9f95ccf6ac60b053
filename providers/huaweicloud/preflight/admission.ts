/**
 * Whether the rules of security groups let protocol 112 pass between two addresses. v3 rules have priorities and may deny: of the
 * rules that match, over all groups of the interface, the lowest priority number decides, and on equal numbers a denial.
 * v1 rules only allow, which is the same with one priority.
 */
import { type IpAddress, ipFamily, parsePrefix, prefixContains } from "../../../src/base/ip.ts";
import type { SecurityGroupRule } from "./vpc-v3.ts";

/** The protocol number of VRRP (RFC 9568 §5.1.1.4). The service has no name for it. */
export const VRRP = "112";

export interface Remote {
  readonly address: IpAddress;
  /** The security groups of the interface that has this address. */
  readonly groups: readonly string[];
}

/** The members of address groups, by the group's id. */
export type AddressGroups = ReadonlyMap<string, readonly string[]>;

export function addressGroupsIn(rules: readonly SecurityGroupRule[]): readonly string[] {
  return rules.filter(concernsVrrp).flatMap((rule) => rule.remote_address_group_id ?? []);
}

/** The rule that decides; undefined when none matches, which drops. */
export function decidingRule(
  rules: readonly SecurityGroupRule[],
  remote: Remote,
  groups: AddressGroups,
): SecurityGroupRule | undefined {
  const matching = rules.filter((rule) => concernsVrrp(rule) && reaches(rule, remote, groups));
  return [...matching].sort((a, b) => a.priority - b.priority || rank(a) - rank(b))[0];
}

export function ruleText(rule: SecurityGroupRule): string {
  const { priority, action, protocol, remote_ip_prefix, remote_group_id, remote_address_group_id } = rule;
  const remote = remote_ip_prefix ?? remote_group_id ?? remote_address_group_id ?? "anyone";
  return `priority ${priority}: ${action} ${protocol === undefined ? "all protocols" : `protocol ${protocol}`} ${remote}`;
}

function concernsVrrp({ protocol, enabled }: SecurityGroupRule): boolean {
  return enabled && (protocol === undefined || protocol === VRRP);
}

function rank({ action }: SecurityGroupRule): number {
  return action === "deny" ? 0 : 1;
}

function reaches(rule: SecurityGroupRule, remote: Remote, groups: AddressGroups): boolean {
  const { ethertype, remote_ip_prefix, remote_group_id, remote_address_group_id } = rule;
  if (ethertype && ethertype !== `IPv${ipFamily(remote.address)}`) return false;
  if (remote_ip_prefix !== undefined) return covers(remote_ip_prefix, remote.address);
  if (remote_group_id !== undefined) return remote.groups.includes(remote_group_id);
  if (remote_address_group_id === undefined) return true;
  return (groups.get(remote_address_group_id) ?? []).some((member) => covers(member, remote.address));
}

/** Also of an address group's member, which may be a single address. */
export function covers(text: string, address: IpAddress): boolean {
  const block = parsePrefix(text);
  return block !== undefined && prefixContains(block, address);
}
