/** What IPv4 and IPv6 addresses of network interfaces have in common: who has them, and whether there is room for them. */
import type { _InstanceType, NetworkInterface } from "@aws-sdk/client-ec2";
import { type IpAddress, type IpFamily, prefixContains } from "../../src/base/ip.ts";
import type { Obstacle, Owner } from "../../src/provider/contract.ts";
import { describeInterfaces, describeOwnInterface } from "./interfaces.ts";
import type { MechanismContext } from "./mechanism.ts";
import { addressesOf, otherOwner } from "./owners.ts";

const FILTER = { 4: "addresses.private-ip-address", 6: "ipv6-addresses.ipv6-address" } as const;

/** The interfaces that have any of the VIPs. The same private address may exist in other VPCs of the account. */
export async function interfacesWith(
  { ec2, identity }: MechanismContext,
  family: IpFamily,
  vips: readonly IpAddress[],
  signal: AbortSignal,
): Promise<readonly NetworkInterface[]> {
  return describeInterfaces(ec2, { [FILTER[family]]: vips, "vpc-id": [identity.vpcId] }, signal);
}

/** The owner of each VIP by the API, in order. */
export async function interfaceOwners(
  context: MechanismContext,
  family: IpFamily,
  vips: readonly IpAddress[],
  signal: AbortSignal,
): Promise<readonly Owner[]> {
  const holders = await interfacesWith(context, family, vips, signal);
  return Promise.all(
    vips.map((vip): Owner | Promise<Owner> => {
      const holder = holders.find((one) => addressesOf(one).includes(vip));
      if (!holder) return { kind: "nobody", source: "api" };
      const mine = holder.NetworkInterfaceId === context.identity.networkInterfaceId;
      return mine ? { kind: "mine", source: "api" } : otherOwner(context, holder, vips, signal);
    }),
  );
}

/** The VIPs that lie in no block of the interface's subnet. */
export function outsideSubnet(
  { identity }: MechanismContext,
  vips: readonly IpAddress[],
): readonly Obstacle[] {
  return vips
    .filter((vip) => !identity.subnetBlocks.some((block) => prefixContains(block, vip)))
    .map((vip) => ({
      code: "aws/vip-outside-subnet",
      message: `${vip} is outside the subnet ${identity.subnetId} of ${identity.networkInterfaceId}`,
      hint: "Take a VIP inside the subnet that all servers share, or the mechanism `route`.",
    }));
}

/** Whether the interface has room for the VIPs that it does not have yet: each instance type has its limit. */
export async function tooManyAddresses(
  { ec2, identity }: MechanismContext,
  family: IpFamily,
  vips: readonly IpAddress[],
  signal: AbortSignal,
): Promise<readonly Obstacle[]> {
  const input = { InstanceTypes: [identity.instanceType as _InstanceType] };
  const [{ InstanceTypes }, own] = await Promise.all([
    ec2.call("DescribeInstanceTypes", (api, http) => api.describeInstanceTypes(input, http), signal),
    describeOwnInterface(ec2, identity, signal),
  ]);
  const info = InstanceTypes?.[0]?.NetworkInfo;
  const limit = family === 4 ? info?.Ipv4AddressesPerInterface : info?.Ipv6AddressesPerInterface;
  const here = addressesOf(own).filter((address) => address.includes(":") === (family === 6));
  const needed = new Set([...here, ...vips]).size;
  if (limit === undefined || needed <= limit) return [];
  const message =
    `${identity.networkInterfaceId} would need ${needed} IPv${family} addresses, ` +
    `and ${identity.instanceType} allows ${limit}${family === 4 ? ", the primary included" : ""}`;
  return [{ code: "aws/address-limit", message, hint: "Take a larger instance type, or fewer VIPs." }];
}
