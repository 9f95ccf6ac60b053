/** Whether the VIPs are addresses that the mechanism can move at all. */
import {
  type IpAddress,
  type IpPrefix,
  ipToBytes,
  parsePrefix,
  prefixContains,
} from "../../../src/base/ip.ts";
import { type PreflightFinding, verdict } from "../../../src/provider/preflight.ts";
import type { AwsCheck } from "./check.ts";
import type { Facts } from "./facts.ts";

export const VIP_PLACE_CHECKS: readonly AwsCheck[] = [
  {
    code: "aws/vip-outside-subnet",
    title: "the virtual addresses lie in the nodes' subnet",
    severity: "failure",
    why: "A secondary address must lie in the subnet of its interface. Any other is refused by the API.",
    ask: ({ options, subject, identity }) => {
      if (options.mechanism !== "secondary-ip") return undefined;
      const outside = subject.vips.filter((vip) => !isIn(identity.subnetBlocks, vip));
      const message = (vip: IpAddress) => `${vip} is outside ${identity.subnetId}`;
      return verdict(
        outside.map((vip) => misplaced(message(vip), blocks(identity.subnetBlocks), IN_SUBNET)),
        blocks(identity.subnetBlocks),
      );
    },
  },
  {
    code: "aws/vip-inside-vpc",
    title: "the virtual addresses lie outside the VPC",
    severity: "failure",
    why: "Inside a block of the VPC the route to a single address is refused: more specific than `local` may only be a whole subnet. A routed VIP therefore lies outside, such as 192.168.255.10.",
    ask: ({ options, subject, identity }) => {
      if (options.mechanism !== "route") return undefined;
      const inside = subject.vips.filter((vip) => isIn(identity.vpcBlocks, vip));
      const message = (vip: IpAddress) => `${vip} is inside ${identity.vpcId}`;
      return verdict(
        inside.map((vip) => misplaced(message(vip), blocks(identity.vpcBlocks), OUTSIDE_VPC)),
        `none is in ${blocks(identity.vpcBlocks)}`,
      );
    },
  },
  {
    code: "aws/vip-reserved",
    title: "AWS keeps none of the virtual addresses for itself",
    severity: "failure",
    why: "The first four addresses and the last one of a subnet belong to AWS (network, router, DNS, future use, broadcast). A route cannot lead to addresses of link-local services.",
    ask: (facts) => {
      const reserved = reservedFor(facts);
      if (!reserved) return undefined;
      return verdict(
        facts.subject.vips
          .filter(reserved)
          .map((vip) => misplaced(`${vip} is an address that AWS reserves`, "", ANOTHER)),
        facts.subject.vips.join(", "),
      );
    },
  },
  {
    code: "aws/vip-is-primary",
    title: "no virtual address is a server's own one",
    severity: "failure",
    why: "The primary private address of an interface is fixed for its life. As a VIP it can never be moved.",
    ask: async (facts) => {
      if (facts.options.mechanism !== "secondary-ip") return undefined;
      const holders = await facts.holders(4);
      const { vips } = facts.subject;
      const primaries = holders.filter(({ PrivateIpAddress }) =>
        vips.some((vip) => vip === PrivateIpAddress),
      );
      const findings = primaries.map(({ PrivateIpAddress, NetworkInterfaceId }) =>
        misplaced(`${PrivateIpAddress} is the primary address of ${NetworkInterfaceId}`, "", ANOTHER),
      );
      return verdict(findings, vips.join(", "));
    },
  },
];

const IN_SUBNET = "take an address of that subnet, or the mechanism `route`";
const OUTSIDE_VPC = "take an address outside every block of the VPC, or the mechanism `secondary-ip`";
const ANOTHER = "take another address";

function misplaced(message: string, seen: string, advice: string): PreflightFinding {
  return {
    message,
    evidence: seen === "" ? [] : [seen],
    consequence: "the API refuses every claim of this address",
    fix: { advice: `${advice} as \`virtual_ipaddress\`, on all nodes`, calls: [], commands: [] },
  };
}

function isIn(prefixes: readonly IpPrefix[], vip: IpAddress): boolean {
  return prefixes.some((prefix) => prefixContains(prefix, vip));
}

function blocks(prefixes: readonly IpPrefix[]): string {
  return prefixes.map(({ address, prefixLength }) => `${address}/${prefixLength}`).join(", ");
}

/** Of the VPC guide, "Subnet CIDR blocks" and "Route tables". Undefined where nothing is reserved. */
function reservedFor({ options, identity }: Facts): ((vip: IpAddress) => boolean) | undefined {
  switch (options.mechanism) {
    case "secondary-ip":
      return (vip) => identity.subnetBlocks.some((block) => isEdge(block, vip));
    case "route":
      return (vip) => isIn(NEVER_ROUTED, vip);
    case "elastic-ip":
    case "network-interface":
      return undefined;
  }
}

const NEVER_ROUTED = ["169.254.168.0/22", "fd00:ec2::/32"].flatMap((text) => parsePrefix(text) ?? []);

function isEdge(block: IpPrefix, vip: IpAddress): boolean {
  if (!prefixContains(block, vip)) return false;
  const [first, address] = [numberOf(block.address), numberOf(vip)];
  const size = 2n ** BigInt(ipToBytes(vip).length * 8 - block.prefixLength);
  return address - first < 4n || address - first === size - 1n;
}

function numberOf(address: IpAddress): bigint {
  return ipToBytes(address).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
}
