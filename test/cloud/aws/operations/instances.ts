import { INSTANCE, invalidParameter, mustExist, SUBNET, VPC } from "../aws-error.ts";
import { change, read } from "../operation.ts";
import { interfaceXml } from "../render/interface.ts";
import { select } from "../select.ts";
import { attachmentAt } from "../state.ts";

const STATE_CODES = { running: 16, stopped: 80, terminated: 48 };

export const describeInstances = read(({ query, view, viewTime, account }) => {
  const found = select(query, {
    resources: Object.entries(view.instances),
    ids: query.list("InstanceId"),
    notFound: INSTANCE,
    filters: { "instance-id": ([id]) => [id], "instance-state-name": ([, one]) => [one.state] },
  });
  const reservations = found.map(([instanceId, instance]) => {
    const interfaces = Object.entries(view.interfaces).filter(
      ([, one]) => attachmentAt(one, viewTime)?.instanceId === instanceId,
    );
    const primary = interfaces.find(([, one]) => one.attachment?.deviceIndex === 0)?.[1];
    const metadataOptions = {
      state: "applied",
      httpTokens: "required",
      httpPutResponseHopLimit: instance.metadataHopLimit,
      httpEndpoint: instance.metadataEndpoint,
    };
    const item = {
      instanceId,
      instanceType: instance.type,
      instanceState: { code: STATE_CODES[instance.state], name: instance.state },
      subnetId: primary?.subnetId,
      vpcId: view.subnets[primary?.subnetId ?? ""]?.vpcId,
      privateIpAddress: primary?.addresses[0],
      sourceDestCheck: primary?.sourceDestCheck,
      networkInterfaceSet: interfaces.map(([id, one]) =>
        interfaceXml({ state: view, time: viewTime, account }, id, one),
      ),
      metadataOptions,
    };
    return {
      reservationId: `r-${instanceId}`,
      ownerId: account.accountId,
      groupSet: [],
      instancesSet: [item],
    };
  });
  return { reservationSet: reservations };
});

/** The emulated metadata service goes on answering: what a node asks of another's options comes from here only. */
export const modifyInstanceMetadataOptions = change(true, ({ query, update }) => {
  const instanceId = query.need("InstanceId");
  const hopLimit = query.get("HttpPutResponseHopLimit");
  const endpoint = query.get("HttpEndpoint");
  update((state) => {
    const instance = mustExist(state.instances, instanceId, INSTANCE);
    if (hopLimit !== undefined) instance.metadataHopLimit = Number(hopLimit);
    if (endpoint !== undefined) instance.metadataEndpoint = endpoint === "enabled" ? "enabled" : "disabled";
  });
  return { instanceId };
});

export const describeVpcEndpoints = read(({ query, view, account }) => ({
  vpcEndpointSet: select(query, {
    resources: Object.entries(view.vpcEndpoints),
    ids: query.list("VpcEndpointId"),
    notFound: { code: "InvalidVpcEndpointId", noun: "vpcEndpoint ID" },
    filters: { "vpc-id": ([, one]) => [one.vpcId], "service-name": ([, one]) => [one.serviceName] },
  }).map(([vpcEndpointId, { vpcId, serviceName, privateDns }]) => ({
    vpcEndpointId,
    vpcEndpointType: "Interface",
    vpcId,
    serviceName,
    state: "available",
    privateDnsEnabled: privateDns,
    ownerId: account.accountId,
    tagSet: [],
  })),
}));

export const describeInstanceTypes = read(({ query, account }) => {
  const wanted = query.list("InstanceType");
  const names = wanted.length > 0 ? wanted : Object.keys(account.instanceTypes);
  return {
    instanceTypeSet: names.map((instanceType) => {
      const type = account.instanceTypes[instanceType];
      if (!type)
        throw invalidParameter(`The following supplied instance types do not exist: [${instanceType}]`);
      return { instanceType, networkInfo: { ...type, ipv6Supported: true } };
    }),
  };
});

export const describeSubnets = read(({ query, view }) => ({
  subnetSet: select(query, {
    resources: Object.entries(view.subnets),
    ids: query.list("SubnetId"),
    notFound: SUBNET,
    filters: { "subnet-id": ([id]) => [id], "vpc-id": ([, one]) => [one.vpcId] },
  }).map(([subnetId, subnet]) => {
    const { vpcId, cidrBlock, availabilityZone, ipv6CidrBlock } = subnet;
    const ipv6 = ipv6CidrBlock ? [{ ipv6CidrBlock, ipv6CidrBlockState: { state: "associated" } }] : [];
    return {
      subnetId,
      vpcId,
      cidrBlock,
      availabilityZone,
      state: "available",
      ipv6CidrBlockAssociationSet: ipv6,
    };
  }),
}));

export const describeVpcs = read(({ query, view }) => {
  const ids = query.list("VpcId");
  for (const id of ids) mustExist(view.vpcs, id, VPC);
  return {
    vpcSet: Object.entries(view.vpcs)
      .filter(([id]) => ids.length === 0 || ids.includes(id))
      .map(([vpcId, { cidrBlock, ipv6CidrBlock }]) => ({
        vpcId,
        cidrBlock,
        state: "available",
        cidrBlockAssociationSet: [{ cidrBlock, cidrBlockState: { state: "associated" } }],
        ipv6CidrBlockAssociationSet: ipv6CidrBlock
          ? [{ ipv6CidrBlock, ipv6CidrBlockState: { state: "associated" } }]
          : [],
      })),
  };
});
