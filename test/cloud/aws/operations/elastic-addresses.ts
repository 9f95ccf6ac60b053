import { ALLOCATION, AwsError, INTERFACE, invalidParameter, mustExist } from "../aws-error.ts";
import { newId } from "../ids.ts";
import { change, DONE, read } from "../operation.ts";
import { elasticAddressXml } from "../render/elastic-address.ts";
import { select } from "../select.ts";
import { elasticAddressOn } from "../state.ts";

/**
 * Moves an Elastic IP to a private address. One that the private address had before is displaced; a move from another
 * private address is allowed unless `AllowReassociation` is false.
 */
export const associateAddress = change(true, ({ query, update }) => {
  const allocationId = query.need("AllocationId");
  const interfaceId = query.need("NetworkInterfaceId");
  const associationId = update((state) => {
    const elastic = mustExist(state.elasticAddresses, allocationId, ALLOCATION);
    const target = mustExist(state.interfaces, interfaceId, INTERFACE);
    const privateIp = query.get("PrivateIpAddress") ?? target.addresses[0] ?? "";
    if (!target.addresses.includes(privateIp)) {
      throw invalidParameter(
        `Invalid value '${privateIp}' for PrivateIpAddress. The address is not on ${interfaceId}.`,
      );
    }
    const { association } = elastic;
    if (association?.interfaceId === interfaceId && association.privateIp === privateIp)
      return association.id;
    if (association && query.get("AllowReassociation") === "false") {
      throw new AwsError(
        "Resource.AlreadyAssociated",
        `resource ${allocationId} is already associated with associate-id ${association.id}`,
      );
    }
    const displaced = elasticAddressOn(state, interfaceId, privateIp)?.[1];
    if (displaced) delete displaced.association;
    elastic.association = { id: newId("eipassoc"), interfaceId, privateIp };
    return elastic.association.id;
  });
  return { return: true, associationId };
});

/** Idempotent: an association that is gone is no error. */
export const disassociateAddress = change(true, ({ query, update }) => {
  const associationId = query.need("AssociationId");
  update((state) => {
    for (const elastic of Object.values(state.elasticAddresses)) {
      if (elastic.association?.id === associationId) delete elastic.association;
    }
  });
  return DONE;
});

export const describeAddresses = read(({ query, view, account }) => ({
  addressesSet: select(query, {
    resources: Object.entries(view.elasticAddresses),
    ids: query.list("AllocationId"),
    notFound: ALLOCATION,
    filters: {
      "allocation-id": ([id]) => [id],
      "public-ip": ([, elastic]) => [elastic.publicIp],
      "network-interface-id": ([, elastic]) => [elastic.association?.interfaceId],
      "private-ip-address": ([, elastic]) => [elastic.association?.privateIp],
      "association-id": ([, elastic]) => [elastic.association?.id],
    },
  })
    .filter(([, elastic]) => {
      const publicIps = query.list("PublicIp");
      return publicIps.length === 0 || publicIps.includes(elastic.publicIp);
    })
    .map(([id, elastic]) => elasticAddressXml(view, account, id, elastic)),
}));
