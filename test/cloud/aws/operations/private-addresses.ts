import { type IpAddress, parseIp, prefixContains } from "../../../../src/base/ip.ts";
import { AwsError, INTERFACE, invalidParameter, mustExist } from "../aws-error.ts";
import { cidr, isReserved } from "../cidr.ts";
import { type Account, change, DONE } from "../operation.ts";
import { type AwsState, elasticAddressOn, type Interface } from "../state.ts";

/**
 * All or nothing: one bad address fails the whole call. With `AllowReassignment` an address leaves the interface that has it
 * and takes its Elastic IP along.
 */
export const assignPrivateIpAddresses = change(false, ({ query, account, update }) => {
  const interfaceId = query.need("NetworkInterfaceId");
  const addresses = query.needList("PrivateIpAddress");
  const reassign = query.flag("AllowReassignment");
  update((state) => {
    const target = mustExist(state.interfaces, interfaceId, INTERFACE);
    for (const address of addresses) assign(state, { interfaceId, address, reassign });
    checkLimit(state, target, account);
  });
  return {
    networkInterfaceId: interfaceId,
    assignedPrivateIpAddressesSet: addresses.map((privateIpAddress) => ({ privateIpAddress })),
  };
});

/** An Elastic IP on the address is disassociated. */
export const unassignPrivateIpAddresses = change(false, ({ query, update }) => {
  const interfaceId = query.need("NetworkInterfaceId");
  const addresses = query.needList("PrivateIpAddress");
  update((state) => {
    const target = mustExist(state.interfaces, interfaceId, INTERFACE);
    if (addresses.some((address) => !target.addresses.includes(address))) {
      throw invalidParameter(`Some of the specified addresses are not assigned to interface ${interfaceId}`);
    }
    if (addresses.some((address) => address === target.addresses[0])) {
      throw invalidParameter("The primary IP address of an interface cannot be unassigned.");
    }
    target.addresses = target.addresses.filter((address) => !addresses.includes(address));
    for (const address of addresses) {
      const elastic = elasticAddressOn(state, interfaceId, address)?.[1];
      if (elastic) delete elastic.association;
    }
  });
  return DONE;
});

interface Assignment {
  readonly interfaceId: string;
  readonly address: string;
  readonly reassign: boolean;
}

function assign(state: AwsState, { interfaceId, address, reassign }: Assignment): void {
  const target = mustExist(state.interfaces, interfaceId, INTERFACE);
  checkInSubnet(state, target, address);
  const [holderId, holder] =
    Object.entries(state.interfaces).find(
      ([, other]) => other.subnetId === target.subnetId && other.addresses.includes(address),
    ) ?? [];
  if (holderId === interfaceId) return;
  if (holderId && holder) {
    if (holder.addresses[0] === address) throw invalidParameter("secondary-addresses");
    if (!reassign) throw invalidParameter(`[${address}] assigned, but move is not allowed.`);
    holder.addresses = holder.addresses.filter((other) => other !== address);
    const association = elasticAddressOn(state, holderId, address)?.[1].association;
    if (association) association.interfaceId = interfaceId;
  }
  target.addresses = [...target.addresses, address];
}

function checkInSubnet(state: AwsState, target: Interface, text: string): void {
  const address = ipv4(text);
  const cidrBlock = state.subnets[target.subnetId]?.cidrBlock ?? "0.0.0.0/32";
  if (!prefixContains(cidr(cidrBlock), address)) {
    throw invalidParameter("Address does not fall within the subnet's address range");
  }
  if (isReserved(cidrBlock, address)) {
    throw invalidParameter(`Address ${address} is in subnet's reserved range.`);
  }
}

function ipv4(text: string): IpAddress {
  const address = text.includes(":") ? undefined : parseIp(text);
  if (!address) throw invalidParameter(`invalid value for parameter address: ${text}`);
  return address;
}

/** The limit is the instance type's; an interface that is attached nowhere has none. */
function checkLimit(state: AwsState, target: Interface, account: Account): void {
  const type = state.instances[target.attachment?.instanceId ?? ""]?.type ?? "";
  const limit = account.instanceTypes[type]?.ipv4AddressesPerInterface;
  if (limit !== undefined && target.addresses.length > limit) {
    throw new AwsError("PrivateIpAddressLimitExceeded", "Number of private addresses will exceed limit.");
  }
}
