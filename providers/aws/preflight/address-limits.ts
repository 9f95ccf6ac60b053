import type { InstanceTypeInfo } from "@aws-sdk/client-ec2";
import { type IpFamily, ipFamily } from "../../../src/base/ip.ts";
import { type PreflightFinding, verdict } from "../../../src/provider/preflight.ts";
import { addressesOf } from "../owners.ts";
import type { AwsCheck } from "./check.ts";
import type { Facts } from "./facts.ts";
import { type FoundNode, idOf } from "./nodes.ts";

export const ADDRESS_LIMIT_CHECKS: readonly AwsCheck[] = [
  {
    code: "aws/address-limit",
    title: "each node's interface has room for the virtual addresses",
    severity: "failure",
    why: "Each instance type allows so many addresses on an interface, the primary included: a t3.micro two, so one VIP. The node that holds the VIPs is within its limit by itself; whether the others are shows only when they take over. So every node is counted.",
    ask: async (facts) => {
      if (facts.options.mechanism !== "secondary-ip") return undefined;
      const [nodes, types] = await Promise.all([facts.foundNodes(), facts.instanceTypes()]);
      const rooms = nodes.flatMap((node) => {
        const type = types.get(node.instance?.InstanceType ?? "");
        return type ? ([4, 6] as const).flatMap((family) => roomOn(facts, node, { type, family })) : [];
      });
      const short = rooms.filter(({ needed, limit }) => needed > limit);
      const note = rooms.map(({ node, needed, limit }) => `${node.name} ${needed} of ${limit}`);
      return verdict(short.map(tooMany), note.join(", "));
    },
  },
];

interface Room {
  readonly node: FoundNode;
  readonly type: string;
  readonly family: IpFamily;
  readonly needed: number;
  readonly limit: number;
}

/** Empty when no VIP of this family goes there, or the type has no such limit. */
function roomOn(
  facts: Facts,
  node: FoundNode,
  { type, family }: { readonly type: InstanceTypeInfo; readonly family: IpFamily },
): readonly Room[] {
  const vips = facts.vips(family);
  const { Ipv4AddressesPerInterface, Ipv6AddressesPerInterface } = type.NetworkInfo ?? {};
  const limit = family === 4 ? Ipv4AddressesPerInterface : Ipv6AddressesPerInterface;
  if (vips.length === 0 || limit === undefined) return [];
  const here = addressesOf(node.networkInterface).filter((address) => ipFamily(address) === family);
  const needed = new Set([...here, ...vips]).size;
  return [{ node, type: type.InstanceType ?? "", family, needed, limit }];
}

function tooMany({ node, type, family, needed, limit }: Room): PreflightFinding {
  return {
    message: `${idOf(node)} of ${node.name} would need ${needed} IPv${family} addresses, and ${type} allows ${limit}`,
    evidence: [`it has ${addressesOf(node.networkInterface).join(", ")}`],
    consequence: `AWS refuses the claim of ${node.name} with PrivateIpAddressLimitExceeded`,
    fix: {
      advice: "take a larger instance type for that node, fewer VIPs, or unassign addresses that nobody uses",
      calls: [],
      commands: [],
    },
  };
}
