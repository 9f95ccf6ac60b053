import { parseIp, prefixContains } from "../../../../src/base/ip.ts";
import { AwsError, INTERFACE, invalidParameter, mustExist } from "../aws-error.ts";
import { cidr } from "../cidr.ts";
import { change } from "../operation.ts";

/** Unlike IPv4 there is no reassignment: an address that another interface has is refused. */
export const assignIpv6Addresses = change(false, ({ query, account, update }) => {
  const interfaceId = query.need("NetworkInterfaceId");
  const addresses = query.needList("Ipv6Addresses").map(ipv6);
  update((state) => {
    const target = mustExist(state.interfaces, interfaceId, INTERFACE);
    const block = state.subnets[target.subnetId]?.ipv6CidrBlock;
    for (const address of addresses) {
      if (!block || !prefixContains(cidr(block), address)) {
        throw invalidParameter(`${address} does not fall within the subnet's address range`);
      }
      const holder = Object.values(state.interfaces).find((other) => other.ipv6Addresses.includes(address));
      if (holder === target) continue;
      if (holder) {
        throw new AwsError("InvalidIPAddress.InUse", `The specified address ${address} is already in use.`);
      }
      target.ipv6Addresses = [...target.ipv6Addresses, address];
    }
    const type = state.instances[target.attachment?.instanceId ?? ""]?.type ?? "";
    const limit = account.instanceTypes[type]?.ipv6AddressesPerInterface;
    if (limit !== undefined && target.ipv6Addresses.length > limit) {
      throw new AwsError("PrivateIpAddressLimitExceeded", "Number of IPv6 addresses will exceed limit.");
    }
  });
  return { networkInterfaceId: interfaceId, assignedIpv6Addresses: addresses };
});

export const unassignIpv6Addresses = change(false, ({ query, update }) => {
  const interfaceId = query.need("NetworkInterfaceId");
  const addresses = query.needList("Ipv6Addresses").map(ipv6);
  update((state) => {
    const target = mustExist(state.interfaces, interfaceId, INTERFACE);
    if (addresses.some((address) => !target.ipv6Addresses.includes(address))) {
      throw invalidParameter(`Some of the specified addresses are not assigned to interface ${interfaceId}`);
    }
    target.ipv6Addresses = target.ipv6Addresses.filter(
      (address) => !addresses.some((gone) => gone === address),
    );
  });
  return { networkInterfaceId: interfaceId, unassignedIpv6Addresses: addresses };
});

function ipv6(text: string) {
  const address = text.includes(":") ? parseIp(text) : undefined;
  if (!address) throw invalidParameter(`invalid value for parameter address: ${text}`);
  return address;
}
