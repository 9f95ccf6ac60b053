import type { Account } from "../operation.ts";
import type { AwsState, ElasticAddress } from "../state.ts";
import type { XmlObject } from "../xml.ts";

export function elasticAddressXml(
  state: Readonly<AwsState>,
  account: Account,
  allocationId: string,
  { publicIp, association }: ElasticAddress,
): XmlObject {
  const holder = association && state.interfaces[association.interfaceId];
  return {
    publicIp,
    allocationId,
    domain: "vpc",
    instanceId: holder?.attachment?.instanceId,
    associationId: association?.id,
    networkInterfaceId: association?.interfaceId,
    networkInterfaceOwnerId: association && account.accountId,
    privateIpAddress: association?.privateIp,
    publicIpv4Pool: "amazon",
    networkBorderGroup: account.region,
    tagSet: [],
  };
}
