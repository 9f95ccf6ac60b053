import { isDeepStrictEqual } from "node:util";
import { AwsError, GROUP, mustExist, NETWORK_ACL, PREFIX_LIST } from "../aws-error.ts";
import { canonicalCidr } from "../cidr.ts";
import { type Account, change, DONE, type OperationCall, read } from "../operation.ts";
import { select } from "../select.ts";
import type { NetworkAclEntry, Permission } from "../state.ts";
import type { XmlObject } from "../xml.ts";

export const describeSecurityGroups = read(({ query, view, account }) => ({
  securityGroupInfo: select(query, {
    resources: Object.entries(view.securityGroups),
    ids: query.list("GroupId"),
    notFound: GROUP,
    filters: { "group-id": ([id]) => [id], "vpc-id": ([, group]) => [group.vpcId] },
  }).map(([groupId, group]) => ({
    ownerId: account.accountId,
    groupId,
    groupName: group.name,
    groupDescription: group.name,
    vpcId: group.vpcId,
    ipPermissions: group.ingress.map((permission) => permissionXml(permission, account)),
    ipPermissionsEgress: group.egress.map((permission) => permissionXml(permission, account)),
    tagSet: [],
  })),
}));

export const authorizeSecurityGroupIngress = change(true, (call) => authorize(call, "ingress"));
export const authorizeSecurityGroupEgress = change(true, (call) => authorize(call, "egress"));

export const describeNetworkAcls = read(({ query, view, account }) => ({
  networkAclSet: select(query, {
    resources: Object.entries(view.networkAcls),
    ids: query.list("NetworkAclId"),
    notFound: NETWORK_ACL,
    filters: {
      "vpc-id": ([, acl]) => [acl.vpcId],
      "association.subnet-id": ([, acl]) => acl.subnetIds,
    },
  }).map(([networkAclId, acl]) => ({
    networkAclId,
    vpcId: acl.vpcId,
    ownerId: account.accountId,
    default: acl.isDefault,
    entrySet: acl.entries.map(({ ruleNumber, protocol, action, egress, cidrBlock }) => ({
      ruleNumber,
      protocol,
      ruleAction: action,
      egress,
      ...(cidrBlock.includes(":") ? { ipv6CidrBlock: cidrBlock } : { cidrBlock }),
    })),
    associationSet: acl.subnetIds.map((subnetId) => ({
      networkAclAssociationId: `aclassoc-${subnetId}`,
      networkAclId,
      subnetId,
    })),
    tagSet: [],
  })),
}));

export const createNetworkAclEntry = change(true, ({ query, update }) => {
  const entry: NetworkAclEntry = {
    ruleNumber: Number(query.need("RuleNumber")),
    protocol: query.need("Protocol"),
    action: query.need("RuleAction") === "allow" ? "allow" : "deny",
    egress: query.flag("Egress"),
    cidrBlock: canonicalCidr(query.need("CidrBlock")),
  };
  update((state) => {
    const acl = mustExist(state.networkAcls, query.need("NetworkAclId"), NETWORK_ACL);
    if (acl.entries.some((known) => known.ruleNumber === entry.ruleNumber && known.egress === entry.egress)) {
      throw new AwsError(
        "NetworkAclEntryAlreadyExists",
        `The network acl entry identified by ${entry.ruleNumber} already exists.`,
      );
    }
    acl.entries = [...acl.entries, entry];
  });
  return DONE;
});

export const getManagedPrefixListEntries = read(({ query, view }) => ({
  entrySet: mustExist(view.prefixLists, query.need("PrefixListId"), PREFIX_LIST).map((cidr) => ({ cidr })),
}));

/** Adds `IpPermissions.N` to a group's rules; blocks are stored in canonical form. */
function authorize({ query, update }: OperationCall, direction: "ingress" | "egress"): XmlObject {
  const wanted: Permission[] = [];
  for (let index = 1; query.get(`IpPermissions.${index}.IpProtocol`) !== undefined; index++) {
    const at = `IpPermissions.${index}`;
    wanted.push({
      protocol: query.need(`${at}.IpProtocol`),
      cidrs: query.members(`${at}.IpRanges`, "CidrIp").map(canonicalCidr),
      groupIds: query.members(`${at}.Groups`, "GroupId"),
      prefixListIds: query.members(`${at}.PrefixListIds`, "PrefixListId"),
    });
  }
  update((state) => {
    const group = mustExist(state.securityGroups, query.need("GroupId"), GROUP);
    for (const permission of wanted) {
      if (group[direction].some((known) => isDeepStrictEqual(known, permission))) {
        throw new AwsError("InvalidPermission.Duplicate", "the specified rule already exists");
      }
      group[direction].push(permission);
    }
  });
  return DONE;
}

function permissionXml(permission: Permission, account: Account): XmlObject {
  const cidrs = permission.cidrs ?? [];
  return {
    ipProtocol: permission.protocol,
    groups: (permission.groupIds ?? []).map((groupId) => ({ userId: account.accountId, groupId })),
    ipRanges: cidrs.filter((block) => !block.includes(":")).map((cidrIp) => ({ cidrIp })),
    ipv6Ranges: cidrs.filter((block) => block.includes(":")).map((cidrIpv6) => ({ cidrIpv6 })),
    prefixListIds: (permission.prefixListIds ?? []).map((prefixListId) => ({ prefixListId })),
  };
}
