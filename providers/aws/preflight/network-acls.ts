/**
 * Network ACLs are consulted between subnets only, know no connections, and decide by the first entry that matches. So adverts in
 * both directions need four entries: out of the one subnet and into the other, each way.
 */
import type { NetworkAcl, NetworkAclEntry } from "@aws-sdk/client-ec2";
import { type IpAddress, parsePrefix, prefixContains } from "../../../src/base/ip.ts";
import { unheard, waysBetween } from "../../../src/provider/group-node.ts";
import { type PreflightFinding, type PreflightFix, verdict } from "../../../src/provider/preflight.ts";
import { VRRP } from "./admission.ts";
import { type AwsCheck, awsCommand, fixCall } from "./check.ts";
import type { Facts } from "./facts.ts";
import type { FoundNode } from "./nodes.ts";

export const NETWORK_ACL_CHECKS: readonly AwsCheck[] = [
  {
    code: "aws/acl-vrrp-blocked",
    title: "the network ACLs between subnets let protocol 112 pass",
    severity: "failure",
    why: "A network ACL is stateless: what goes out is not let in again by itself, and its entries are tried in the order of their numbers. Custom ACLs usually list TCP ports and end in a denial, which drops VRRP. Inside one subnet they are not consulted at all.",
    ask: async (facts) => {
      const ways = waysBetween(await facts.foundNodes()).filter(
        ({ from, to }) => subnet(from) !== subnet(to),
      );
      if (ways.length === 0) return undefined;
      const acls = await facts.networkAcls();
      const numbers = new FreeNumbers();
      const findings = ways.flatMap(({ from, to }) =>
        [true, false].flatMap((egress) => passing(facts, acls, { from, to, egress, numbers })),
      );
      return verdict(findings, acls.map(({ NetworkAclId }) => NetworkAclId).join(", "));
    },
  },
];

interface Passage {
  readonly from: FoundNode;
  readonly to: FoundNode;
  /** True: out of the sender's subnet. False: into the receiver's. */
  readonly egress: boolean;
  readonly numbers: FreeNumbers;
}

function passing(facts: Facts, acls: readonly NetworkAcl[], passage: Passage): readonly PreflightFinding[] {
  const { from, to, egress, numbers } = passage;
  const subnetId = subnet(egress ? from : to);
  const acl = acls.find(({ Associations }) => Associations?.some((one) => one.SubnetId === subnetId));
  if (!acl) return [];
  const remote = egress ? to.address : from.address;
  const deciding = decidingEntry(acl, remote, egress);
  if (deciding?.RuleAction === "allow") return [];
  const way = egress ? `out of ${subnetId} to` : `into ${subnetId} from`;
  return [
    {
      message: `${acl.NetworkAclId} lets no protocol 112 ${way} ${remote}`,
      evidence: [deciding ? entryText(deciding) : "no entry matches"],
      consequence: unheard(from, to),
      fix: allow(facts, acl, { remote, egress, numbers, before: deciding?.RuleNumber ?? RULE_MAX }),
    },
  ];
}

/** Customers' entries end here; what comes behind is AWS's own denial. */
const RULE_MAX = 32_766;

function decidingEntry({ Entries = [] }: NetworkAcl, remote: IpAddress, egress: boolean) {
  return [...Entries]
    .sort((a, b) => (a.RuleNumber ?? 0) - (b.RuleNumber ?? 0))
    .find((entry) => entry.Egress === egress && matches(entry, remote));
}

function matches({ Protocol, CidrBlock, Ipv6CidrBlock }: NetworkAclEntry, remote: IpAddress): boolean {
  const block = parsePrefix(CidrBlock ?? Ipv6CidrBlock ?? "");
  const concerns = Protocol === "-1" || Protocol === VRRP;
  return concerns && block !== undefined && prefixContains(block, remote);
}

function entryText({ RuleNumber, RuleAction, Protocol, CidrBlock, Ipv6CidrBlock, Egress }: NetworkAclEntry) {
  const way = Egress ? "egress" : "ingress";
  const protocol = Protocol === "-1" ? "all protocols" : `protocol ${Protocol}`;
  return `${way} rule ${RuleNumber}: ${RuleAction} ${protocol} ${CidrBlock ?? Ipv6CidrBlock}`;
}

interface Wanted {
  readonly remote: IpAddress;
  readonly egress: boolean;
  readonly numbers: FreeNumbers;
  /** The number of the entry that denies. */
  readonly before: number;
}

function allow(facts: Facts, acl: NetworkAcl, { remote, egress, numbers, before }: Wanted): PreflightFix {
  const way = egress ? "out to" : "in from";
  const RuleNumber = numbers.take(acl, egress, before);
  const NetworkAclId = acl.NetworkAclId ?? "";
  const advice = `let protocol 112 ${way} ${remote} in ${NetworkAclId}`;
  if (RuleNumber === undefined) {
    return { advice: `${advice}; there is no free number before rule ${before}`, calls: [], commands: [] };
  }
  const CidrBlock = `${remote}/32`;
  const input = {
    NetworkAclId,
    RuleNumber,
    Protocol: VRRP,
    RuleAction: "allow",
    Egress: egress,
    CidrBlock,
  } as const;
  const parameters = { ...input, RuleNumber: RuleNumber.toString(), Egress: String(egress) };
  return {
    advice,
    calls: [
      fixCall(facts, "CreateNetworkAclEntry", parameters, (api, http) =>
        api.createNetworkAclEntry(input, http),
      ),
    ],
    commands: [
      awsCommand(
        facts,
        "create-network-acl-entry",
        ...["--network-acl-id", NetworkAclId, "--rule-number", RuleNumber.toString()],
        ...["--protocol", VRRP, "--rule-action", "allow", egress ? "--egress" : "--ingress"],
        ...["--cidr-block", CidrBlock],
      ),
    ],
  };
}

/** Numbers for new entries, each given once: several repairs of one ACL are carried out after each other. */
class FreeNumbers {
  readonly #given = new Set<string>();

  /** The highest number that is free and comes before the denial, so that no other entry's meaning changes. */
  take({ NetworkAclId, Entries = [] }: NetworkAcl, egress: boolean, before: number): number | undefined {
    const taken = new Set(
      Entries.filter((entry) => entry.Egress === egress).map((entry) => entry.RuleNumber),
    );
    for (let number = Math.min(before - 1, RULE_MAX); number >= 1; number--) {
      const key = `${NetworkAclId} ${egress} ${number}`;
      if (taken.has(number) || this.#given.has(key)) continue;
      this.#given.add(key);
      return number;
    }
    return undefined;
  }
}

function subnet({ networkInterface }: FoundNode): string | undefined {
  return networkInterface.SubnetId;
}
