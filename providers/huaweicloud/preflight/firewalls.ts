/** Network ACLs, which the API calls firewalls: consulted between subnets, the first enabled rule that matches decides. */
import { type IpAddress, ipFamily } from "../../../src/base/ip.ts";
import { unheard, waysBetween } from "../../../src/provider/group-node.ts";
import { byHand, verdict } from "../../../src/provider/preflight.ts";
import { covers, VRRP } from "./admission.ts";
import type { HuaweiCheck } from "./check.ts";
import type { Facts } from "./facts.ts";
import type { Firewall, FirewallRule } from "./vpc-v3.ts";

export const FIREWALL_CHECKS: readonly HuaweiCheck[] = [
  {
    code: "huaweicloud/firewall-vrrp-blocked",
    title: "the network ACLs between subnets let protocol 112 pass",
    severity: "failure",
    why: "A network ACL denies what none of its rules allows, and the first rule that matches decides. Inside one subnet it is not consulted. Whether it knows connections is not documented, so both directions are looked at.",
    ask: async (facts) => {
      const nodes = await facts.foundNodes();
      const ways = waysBetween(nodes).filter(({ from, to }) => from.nic.network_id !== to.nic.network_id);
      if (ways.length === 0) return undefined;
      const firewalls = (await facts.firewalls()).filter(({ admin_state_up }) => admin_state_up);
      const findings = ways.map(async ({ from, to }) => {
        const packet = { source: from.address, destination: to.address };
        const passages = [
          { subnet: from.nic.network_id, kind: "egress_rules" },
          { subnet: to.nic.network_id, kind: "ingress_rules" },
        ] as const;
        const consequence = unheard(from, to);
        const found = await Promise.all(
          passages.map((one) => stopped(facts, firewalls, { ...one, packet, consequence })),
        );
        return found.flat();
      });
      return verdict((await Promise.all(findings)).flat(), `${firewalls.length} network ACLs`);
    },
  },
];

interface Packet {
  readonly source: IpAddress;
  readonly destination: IpAddress;
}

interface Passage {
  readonly subnet: string;
  readonly kind: "ingress_rules" | "egress_rules";
  readonly packet: Packet;
  readonly consequence: string;
}

async function stopped(
  facts: Facts,
  firewalls: readonly Firewall[],
  { subnet, kind, packet, consequence }: Passage,
) {
  const firewall = firewalls.find(({ associations }) =>
    associations.some((one) => one.virsubnet_id === subnet),
  );
  if (!firewall) return [];
  const matches = await Promise.all(firewall[kind].map((rule) => isMatch(facts, rule, packet)));
  const deciding = firewall[kind].find((_, index) => matches[index]);
  if (deciding?.action === "allow") return [];
  const { source, destination } = packet;
  const message = `the network ACL ${firewall.id} of the subnet ${subnet} lets no protocol 112 pass from ${source} to ${destination}`;
  const evidence = [
    deciding ? `${kind}: ${deciding.action} in the rule ${deciding.id}` : `${kind}: no rule matches`,
  ];
  const advice = `allow protocol 112 from ${source}/32 to ${destination}/32 in ${kind} of ${firewall.id}, before the rule that denies`;
  return [byHand(message, evidence, { consequence, advice })];
}

async function isMatch(facts: Facts, rule: FirewallRule, { source, destination }: Packet): Promise<boolean> {
  const { protocol, enabled, ip_version } = rule;
  const concerns = protocol === undefined || protocol === "any" || protocol === VRRP;
  if (!enabled || !concerns || (ip_version ?? 4) !== ipFamily(source)) return false;
  const ends = await Promise.all([
    isAmong(facts, rule.source_ip_address, rule.source_address_group_id, source),
    isAmong(facts, rule.destination_ip_address, rule.destination_address_group_id, destination),
  ]);
  return ends.every((matches) => matches);
}

/** Neither a block nor a group means anyone. */
async function isAmong(
  facts: Facts,
  block: string | undefined,
  group: string | undefined,
  address: IpAddress,
): Promise<boolean> {
  if (block !== undefined) return covers(block, address);
  if (group === undefined) return true;
  return (await facts.addressGroup(group)).some((member) => covers(member, address));
}
