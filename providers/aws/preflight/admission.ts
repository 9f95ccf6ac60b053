/** Whether rules of a security group, which only allow, let protocol 112 pass between two addresses. */
import type { IpPermission } from "@aws-sdk/client-ec2";
import { type IpAddress, type IpPrefix, parsePrefix, prefixContains } from "../../../src/base/ip.ts";

/** The protocol number of VRRP (RFC 9568 §5.1.1.4). The API knows no name for it. */
export const VRRP = "112";

/** The other end of a rule. */
export interface Remote {
  readonly address: IpAddress;
  /** The groups of the interface that has this address as a private one. */
  readonly groups: readonly string[];
}

export type PrefixLists = ReadonlyMap<string, readonly IpPrefix[]>;

/** The prefix lists that decide about protocol 112 in these rules. */
export function listsIn(permissions: readonly IpPermission[]): readonly string[] {
  return permissions
    .filter(concernsVrrp)
    .flatMap(({ PrefixListIds = [] }) => PrefixListIds.flatMap(({ PrefixListId }) => PrefixListId ?? []));
}

/** Whether any rule admits the remote. Ports say nothing for a protocol that has none. */
export function admits(permissions: readonly IpPermission[], remote: Remote, lists: PrefixLists): boolean {
  return permissions.filter(concernsVrrp).some((permission) => reaches(permission, remote, lists));
}

/** A rule in one line. */
export function ruleText(permission: IpPermission): string {
  const {
    IpProtocol,
    IpRanges = [],
    Ipv6Ranges = [],
    UserIdGroupPairs = [],
    PrefixListIds = [],
  } = permission;
  const ports = portsOf(permission);
  const ends = [
    ...IpRanges.map(({ CidrIp }) => CidrIp),
    ...Ipv6Ranges.map(({ CidrIpv6 }) => CidrIpv6),
    ...UserIdGroupPairs.map(({ GroupId }) => GroupId),
    ...PrefixListIds.map(({ PrefixListId }) => PrefixListId),
  ];
  const protocol = IpProtocol === "-1" ? "all protocols" : `protocol ${IpProtocol}${ports}`;
  return `${protocol}: ${ends.join(", ") || "nobody"}`;
}

function concernsVrrp({ IpProtocol }: IpPermission): boolean {
  return IpProtocol === "-1" || IpProtocol === VRRP;
}

function reaches(permission: IpPermission, remote: Remote, lists: PrefixLists): boolean {
  const { IpRanges = [], Ipv6Ranges = [], UserIdGroupPairs = [], PrefixListIds = [] } = permission;
  const texts = [...IpRanges.map(({ CidrIp }) => CidrIp), ...Ipv6Ranges.map(({ CidrIpv6 }) => CidrIpv6)];
  const blocks = [
    ...texts.flatMap((text) => parsePrefix(text ?? "") ?? []),
    ...PrefixListIds.flatMap(({ PrefixListId }) => lists.get(PrefixListId ?? "") ?? []),
  ];
  // A peering that was deleted leaves its rules behind, which admit nobody.
  const groups = UserIdGroupPairs.filter(({ PeeringStatus = "active" }) => PeeringStatus === "active");
  return (
    blocks.some((block) => prefixContains(block, remote.address)) ||
    groups.some(({ GroupId }) => GroupId !== undefined && remote.groups.includes(GroupId))
  );
}

function portsOf({ FromPort, ToPort }: IpPermission): string {
  if (FromPort === undefined || FromPort < 0) return "";
  return ToPort === undefined || ToPort === FromPort ? ` port ${FromPort}` : ` ports ${FromPort}-${ToPort}`;
}
