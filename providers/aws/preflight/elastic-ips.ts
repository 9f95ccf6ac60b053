import { type IpAddress, parseIp } from "../../../src/base/ip.ts";
import { type PreflightFinding, verdict } from "../../../src/provider/preflight.ts";
import { addressesOf } from "../owners.ts";
import type { AwsCheck } from "./check.ts";
import type { Facts } from "./facts.ts";

export const ELASTIC_IP_CHECKS: readonly AwsCheck[] = [
  {
    code: "aws/elastic-ip-unknown",
    title: "the virtual addresses are Elastic IPs of this account and region",
    severity: "failure",
    why: "With the mechanism `elastic-ip` the VIPs are Elastic IPs. An address that was released, or belongs to another account or region, cannot be associated.",
    ask: async (facts) => {
      if (facts.options.mechanism !== "elastic-ip") return undefined;
      const known = await facts.elasticAddresses();
      const missing = facts.subject.vips.filter((vip) => !known.some(({ PublicIp }) => PublicIp === vip));
      return verdict(
        missing.map((vip) => unknown(facts, vip)),
        known.map(({ PublicIp, AllocationId }) => `${PublicIp} is ${AllocationId}`).join(", "),
      );
    },
  },
  {
    code: "aws/private-address-shared",
    title: "each Elastic IP has a private address of its own",
    severity: "failure",
    why: "One private address carries one Elastic IP. A second one that is associated with it displaces the first.",
    ask: (facts) => {
      const targets = targetsOf(facts);
      if (!targets) return undefined;
      const addresses = targets.map(({ target }) => target);
      const shared = new Set(addresses.filter((target, index) => addresses.indexOf(target) !== index));
      return verdict(
        [...shared].map((target) => sharedTarget(target)),
        addresses.join(", "),
      );
    },
  },
  {
    code: "aws/private-address-missing",
    title: "the private addresses for the Elastic IPs are on the interface",
    severity: "failure",
    why: "`private_addresses` names addresses of this node. One that the interface does not have makes AWS refuse the association.",
    ask: async (facts) => {
      const targets = targetsOf(facts);
      if (!targets) return undefined;
      const self = (await facts.foundNodes()).find(({ isSelf }) => isSelf);
      if (!self) return undefined;
      const here = addressesOf(self.networkInterface);
      const missing = targets.filter(({ target }) => !here.includes(target));
      return verdict(
        missing.map((one) => missingTarget(facts, one)),
        here.join(", "),
      );
    },
  },
];

export interface ElasticTarget {
  readonly vip: IpAddress;
  /** The private address of this node that the Elastic IP goes to. */
  readonly target: IpAddress;
}

/** Where the Elastic IPs go on this node; undefined with another mechanism. */
export function targetsOf({ options, subject, identity }: Facts): readonly ElasticTarget[] | undefined {
  if (options.mechanism !== "elastic-ip") return undefined;
  const listed = new Map(
    Object.entries(options.private_addresses).map(([vip, target]) => [parseIp(vip), parseIp(target)]),
  );
  return subject.vips.flatMap((vip) => {
    const target = listed.get(vip) ?? identity.primaryAddress;
    return target ? [{ vip, target }] : [];
  });
}

function unknown({ identity }: Facts, vip: IpAddress): PreflightFinding {
  return {
    message: `${vip} is no Elastic IP of this account in ${identity.region}`,
    evidence: [`ec2:DescribeAddresses public-ip=${vip}: none`],
    consequence: "no claim of it can succeed",
    fix: { advice: "allocate one and use it as the VIP, or correct the address", calls: [], commands: [] },
  };
}

function sharedTarget(target: IpAddress): PreflightFinding {
  return {
    message: `several Elastic IPs are to go to ${target}`,
    evidence: [],
    consequence: "each association displaces the one before, without end",
    fix: {
      advice: "give this node a private address for each, and list them in `private_addresses`",
      calls: [],
      commands: [],
    },
  };
}

function missingTarget({ identity }: Facts, { vip, target }: ElasticTarget): PreflightFinding {
  return {
    message: `${target}, where ${vip} is to go, is no address of ${identity.networkInterfaceId}`,
    evidence: [],
    consequence: "AWS refuses to associate the Elastic IP, and this node cannot take over",
    fix: { advice: "assign it to the interface, or correct `private_addresses`", calls: [], commands: [] },
  };
}
