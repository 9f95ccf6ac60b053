import type { Account } from "../operation.ts";
import { type AwsState, attachmentAt, elasticAddressOn, type Interface } from "../state.ts";
import type { XmlObject } from "../xml.ts";

/** What an answer is made from: the state that the caller may see, and the moment it shows. */
export interface View {
  readonly state: Readonly<AwsState>;
  readonly time: number;
  readonly account: Account;
}

export function interfaceXml(view: View, interfaceId: string, one: Interface): XmlObject {
  const { state, account } = view;
  const subnet = state.subnets[one.subnetId];
  const addresses = one.addresses.map((privateIpAddress, index) => ({
    privateIpAddress,
    primary: index === 0,
    association: associationXml(view, interfaceId, privateIpAddress),
  }));
  return {
    networkInterfaceId: interfaceId,
    subnetId: one.subnetId,
    vpcId: subnet?.vpcId,
    availabilityZone: subnet?.availabilityZone,
    ownerId: account.accountId,
    requesterManaged: false,
    status: attachmentAt(one, view.time) ? "in-use" : "available",
    macAddress: one.mac,
    privateIpAddress: one.addresses[0],
    sourceDestCheck: one.sourceDestCheck,
    groupSet: one.securityGroupIds.map((groupId) => ({
      groupId,
      groupName: state.securityGroups[groupId]?.name,
    })),
    attachment: attachmentXml(view, one),
    association: addresses[0]?.association,
    tagSet: [],
    privateIpAddressesSet: addresses,
    ipv6AddressesSet: one.ipv6Addresses.map((ipv6Address) => ({ ipv6Address })),
    interfaceType: "interface",
  };
}

function attachmentXml({ time, account }: View, one: Interface): XmlObject | undefined {
  const attachment = attachmentAt(one, time);
  return (
    attachment && {
      attachmentId: attachment.id,
      instanceId: attachment.instanceId,
      instanceOwnerId: account.accountId,
      deviceIndex: attachment.deviceIndex,
      networkCardIndex: 0,
      status: attachment.status,
      attachTime: new Date(attachment.attachedAt).toISOString(),
      deleteOnTermination: attachment.deviceIndex === 0,
    }
  );
}

function associationXml(view: View, interfaceId: string, privateIp: string): XmlObject | undefined {
  const [allocationId, elastic] = elasticAddressOn(view.state, interfaceId, privateIp) ?? [];
  return (
    elastic && {
      publicIp: elastic.publicIp,
      ipOwnerId: view.account.accountId,
      allocationId,
      associationId: elastic.association?.id,
    }
  );
}
