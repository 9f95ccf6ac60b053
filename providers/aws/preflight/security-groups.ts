/**
 * Security groups, both ways and on every node. They are stateful for a protocol without ports too: whoever sent protocol 112 to
 * an address within the last ten minutes is answered from there whatever the rules say. So adverts that arrive prove nothing,
 * and only the rules are looked at here.
 */
import type { IpPermission, SecurityGroup } from "@aws-sdk/client-ec2";
import type { IpPrefix } from "../../../src/base/ip.ts";
import { unheard, waysBetween } from "../../../src/provider/group-node.ts";
import {
  type PreflightFinding,
  type PreflightFix,
  type Verdict,
  verdict,
} from "../../../src/provider/preflight.ts";
import { admits, listsIn, type PrefixLists, ruleText, VRRP } from "./admission.ts";
import { type AwsCheck, awsCommand, fixCall } from "./check.ts";
import type { Facts } from "./facts.ts";
import { type FoundNode, groupsOf, interfaceName } from "./nodes.ts";

export const SECURITY_GROUP_CHECKS: readonly AwsCheck[] = [
  {
    code: "aws/sg-vrrp-blocked",
    title: "the security groups let protocol 112 in from each peer, on every node",
    severity: "failure",
    why: "VRRP is protocol 112, which no rule for TCP, UDP or ICMP covers; a rule of its own or for all protocols is needed, from the peers' addresses or their group. It often seems to work without: AWS tracks connections of any protocol for ten minutes, so a node that sends adverts itself is answered. A BACKUP that just started has sent nothing, hears nothing, and becomes MASTER beside the MASTER.",
    ask: (facts) => blocked(facts, INGRESS),
  },
  {
    code: "aws/sg-vrrp-egress-blocked",
    title: "the security groups let protocol 112 out to each peer, on every node",
    severity: "failure",
    why: "A group's egress rules allow everything by default. Where they were narrowed to some TCP ports, adverts do not leave.",
    ask: (facts) => blocked(facts, EGRESS),
  },
];

/** One direction's half of the rules: whose they are, who the other end is, and how a rule is added. */
interface Side {
  readonly kind: "ingress" | "egress";
  readonly permissionsOf: (group: SecurityGroup) => readonly IpPermission[];
  readonly operation: "AuthorizeSecurityGroupIngress" | "AuthorizeSecurityGroupEgress";
}

const INGRESS: Side = {
  kind: "ingress",
  permissionsOf: ({ IpPermissions }) => IpPermissions ?? [],
  operation: "AuthorizeSecurityGroupIngress",
};

const EGRESS: Side = {
  kind: "egress",
  permissionsOf: ({ IpPermissionsEgress }) => IpPermissionsEgress ?? [],
  operation: "AuthorizeSecurityGroupEgress",
};

async function blocked(facts: Facts, side: Side): Promise<Verdict> {
  const [nodes, groups] = await Promise.all([facts.foundNodes(), facts.securityGroups()]);
  const lists = await readLists(facts, groups.flatMap(side.permissionsOf));
  const ways = waysBetween(nodes);
  const shut = ways.flatMap(({ from, to }) => {
    const [owner, remote] = side.kind === "ingress" ? [to, from] : [from, to];
    const rules = rulesOf(owner, groups, side);
    if (admits(rules, { address: remote.address, groups: groupsOf(remote) }, lists)) return [];
    return [{ owner, remote, rules, consequence: unheard(from, to) }];
  });
  const hidden = ({ owner }: Blocked) => hiddenGroups(owner, groups);
  const findings = shut.filter((way) => hidden(way).length === 0).map((way) => finding(facts, side, way));
  if (findings.length === 0 && shut.length > 0) {
    const ids = [...new Set(shut.flatMap(hidden))].join(", ");
    return {
      kind: "unseen",
      why: `ec2:DescribeSecurityGroups does not show ${ids}, of another account perhaps`,
    };
  }
  const names = [...new Set(nodes.flatMap(groupsOf))].join(", ");
  return ways.length === 0
    ? undefined
    : verdict(findings, `${names}, both ways with ${nodes.length - 1} of the peers`);
}

/** Groups whose rules might admit, if they could be read. */
function hiddenGroups(owner: FoundNode, groups: readonly SecurityGroup[]): readonly string[] {
  return groupsOf(owner).filter((id) => !groups.some(({ GroupId }) => GroupId === id));
}

function rulesOf(
  owner: FoundNode,
  groups: readonly SecurityGroup[],
  { permissionsOf }: Side,
): readonly IpPermission[] {
  const own = groupsOf(owner);
  return groups.filter(({ GroupId }) => GroupId && own.includes(GroupId)).flatMap(permissionsOf);
}

interface Blocked {
  /** Whose rules block. */
  readonly owner: FoundNode;
  readonly remote: FoundNode;
  readonly rules: readonly IpPermission[];
  readonly consequence: string;
}

function finding(facts: Facts, side: Side, { owner, remote, rules, consequence }: Blocked): PreflightFinding {
  const way = side.kind === "ingress" ? "in from" : "out to";
  const groups = groupsOf(owner).join(", ") || "no group at all";
  return {
    message: `the security groups of ${owner.name} (${groups}) let no protocol 112 ${way} ${remote.address}`,
    evidence: [
      `${interfaceName(owner)}, ${side.kind} rules:`,
      ...(rules.length > 0 ? rules.map((rule) => `  ${ruleText(rule)}`) : ["  none"]),
    ],
    consequence,
    ...withFix(authorize(facts, side, owner, remote)),
  };
}

/** The narrowest rule that helps, in the first group of the interface. */
function authorize(
  facts: Facts,
  { kind, operation }: Side,
  owner: FoundNode,
  { address }: FoundNode,
): PreflightFix | undefined {
  const [GroupId] = groupsOf(owner);
  if (!GroupId) return undefined;
  const CidrIp = `${address}/32`;
  const IpPermissions = [{ IpProtocol: VRRP, IpRanges: [{ CidrIp, Description: "VRRP (cloudvip)" }] }];
  const parameters = { GroupId, IpProtocol: VRRP, CidrIp };
  const command = `authorize-security-group-${kind}`;
  const call = fixCall(facts, operation, parameters, (api, http) =>
    kind === "ingress"
      ? api.authorizeSecurityGroupIngress({ GroupId, IpPermissions }, http)
      : api.authorizeSecurityGroupEgress({ GroupId, IpPermissions }, http),
  );
  return {
    advice: `let protocol 112 ${kind === "ingress" ? "in from" : "out to"} ${address} in ${GroupId}`,
    calls: [call],
    commands: [
      awsCommand(
        facts,
        command,
        "--group-id",
        GroupId,
        "--ip-permissions",
        `IpProtocol=${VRRP},IpRanges=[{CidrIp=${CidrIp}}]`,
      ),
    ],
  };
}

function withFix(fix: PreflightFix | undefined): { readonly fix?: PreflightFix } {
  return fix ? { fix } : {};
}

async function readLists(facts: Facts, permissions: readonly IpPermission[]): Promise<PrefixLists> {
  const ids = [...new Set(listsIn(permissions))];
  const lists = await Promise.all(
    ids.map(async (id): Promise<[string, readonly IpPrefix[]]> => [id, await facts.prefixList(id)]),
  );
  return new Map(lists);
}
