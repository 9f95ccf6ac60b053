/** Security groups, both ways and on every node. They are stateful, so adverts that arrive prove nothing; the rules are read. */
import { unheard, waysBetween } from "../../../src/provider/group-node.ts";
import { type PreflightFinding, type PreflightFix, verdict } from "../../../src/provider/preflight.ts";
import type { Port } from "../vpc.ts";
import { addressGroupsIn, decidingRule, ruleText, VRRP } from "./admission.ts";
import type { HuaweiCheck } from "./check.ts";
import type { Facts, FoundNode } from "./facts.ts";
import type { NewRule, SecurityGroupRule } from "./vpc-v3.ts";

export const SECURITY_GROUP_CHECKS: readonly HuaweiCheck[] = [
  {
    code: "huaweicloud/sg-vrrp-blocked",
    title: "the security groups let protocol 112 in from each peer, on every node",
    severity: "failure",
    why: "VRRP is protocol 112, which no rule for TCP, UDP or ICMP covers. It often seems to work without a rule: a node that sent adverts within the last three minutes is answered. A BACKUP that just started has sent nothing, hears nothing, and becomes MASTER beside the MASTER. A rule that denies outweighs one that allows at the same priority.",
    ask: (facts) => blocked(facts, "ingress"),
  },
  {
    code: "huaweicloud/sg-vrrp-egress-blocked",
    title: "the security groups let protocol 112 out to each peer, on every node",
    severity: "failure",
    why: "A new security group lets everything out. Where its egress rules were narrowed, adverts do not leave.",
    ask: (facts) => blocked(facts, "egress"),
  },
];

type Direction = SecurityGroupRule["direction"];

async function blocked(facts: Facts, direction: Direction) {
  const ways = waysBetween(await facts.foundNodes());
  if (ways.length === 0) return undefined;
  const findings = ways.map(async ({ from, to }) => {
    const [owner, remote] = direction === "ingress" ? [to, from] : [from, to];
    if (!isFiltered(owner.nic)) return [];
    const consequence = unheard(from, to);
    return judge(facts, { owner, remote, direction, consequence });
  });
  const groups = new Set(ways.flatMap(({ to }) => to.nic.security_groups));
  return verdict((await Promise.all(findings)).flat(), [...groups].join(", "));
}

/** Both switches turn the groups off for the interface. */
function isFiltered({ port_security_enabled, "binding:profile": profile }: Port): boolean {
  return port_security_enabled && profile?.disable_security_groups !== true;
}

interface Way {
  /** Whose groups are asked. */
  readonly owner: FoundNode;
  readonly remote: FoundNode;
  readonly direction: Direction;
  readonly consequence: string;
}

async function judge(facts: Facts, way: Way): Promise<readonly PreflightFinding[]> {
  const { owner, remote, direction, consequence } = way;
  const all = await Promise.all(owner.nic.security_groups.map((group) => facts.rulesOf(group)));
  const rules = all.flat().filter((rule) => rule.direction === direction);
  const ids = [...new Set(addressGroupsIn(rules))];
  const members = await Promise.all(ids.map((id) => facts.addressGroup(id)));
  const groups = new Map(ids.map((id, index) => [id, members[index] ?? []]));
  const other = { address: remote.address, groups: remote.nic.security_groups };
  const deciding = decidingRule(rules, other, groups);
  if (deciding?.action === "allow") return [];
  const word = direction === "ingress" ? "in from" : "out to";
  return [
    {
      message: `the security groups of ${owner.name} let no protocol 112 ${word} ${remote.address}`,
      evidence: deciding
        ? [`the rule that decides: ${ruleText(deciding)} (${deciding.id})`]
        : [
            `${direction} rules of ${owner.nic.security_groups.join(", ") || "no group"}:`,
            ...rules.map((rule) => `  ${ruleText(rule)}`),
          ],
      consequence,
      fix: repair(facts, way, deciding),
    },
  ];
}

/** A new rule allows at priority 1; it cannot outweigh a denial at the same priority, which somebody wrote on purpose. */
function repair(
  facts: Facts,
  { owner, remote, direction }: Way,
  deciding: SecurityGroupRule | undefined,
): PreflightFix {
  const [group] = owner.nic.security_groups;
  if (!group || deciding?.priority === 1) {
    const which = deciding ? `the rule ${deciding.id}` : "the interface: it is in no security group";
    return { advice: `look at ${which}`, calls: [], commands: [] };
  }
  const rule: NewRule = {
    security_group_id: group,
    ...{ direction, ethertype: "IPv4", protocol: VRRP },
    remote_ip_prefix: `${remote.address}/32`,
  };
  const word = direction === "ingress" ? "in from" : "out to";
  return {
    advice: `let protocol 112 ${word} ${remote.address} in ${group}`,
    calls: [
      {
        operation: `POST /v3/${facts.settings.projectId}/vpc/security-group-rules`,
        parameters: { body: JSON.stringify({ security_group_rule: rule }) },
        apply: (signal) => facts.v3.addRule(rule, signal),
      },
    ],
    commands: [],
  };
}
