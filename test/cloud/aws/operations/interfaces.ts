import { AwsError, INSTANCE, INTERFACE, invalidParameter, mustExist } from "../aws-error.ts";
import { newId } from "../ids.ts";
import { change, DONE, read } from "../operation.ts";
import { interfaceXml } from "../render/interface.ts";
import { select } from "../select.ts";
import { type AwsState, attachmentAt } from "../state.ts";

/** Takes `attachMs`, during which the attachment is `attaching`. */
export const attachNetworkInterface = change(true, ({ query, account, now, update }) => {
  const interfaceId = query.need("NetworkInterfaceId");
  const instanceId = query.need("InstanceId");
  const deviceIndex = Number(query.need("DeviceIndex"));
  const attachmentId = update((state) => {
    const target = mustExist(state.interfaces, interfaceId, INTERFACE);
    const instance = mustExist(state.instances, instanceId, INSTANCE);
    if (attachmentAt(target, now)) {
      throw new AwsError("InvalidNetworkInterface.InUse", `Interface: [${interfaceId}] in use.`);
    }
    checkRoom(state, { instanceId, deviceIndex, now });
    const most = account.instanceTypes[instance.type]?.maximumNetworkInterfaces ?? Number.POSITIVE_INFINITY;
    if (attachedTo(state, instanceId, now).length >= most) {
      throw new AwsError(
        "AttachmentLimitExceeded",
        `Interface count ${most + 1} exceeds the limit for ${instance.type}`,
      );
    }
    const zones = [target, ...attachedTo(state, instanceId, now)].map(
      (one) => state.subnets[one.subnetId]?.availabilityZone,
    );
    if (new Set(zones).size > 1) {
      throw invalidParameter(
        "You may not attach a network interface to an instance if they are not in the same AZ",
      );
    }
    target.attachment = {
      id: newId("eni-attach"),
      instanceId,
      deviceIndex,
      attachedAt: now + account.attachMs,
    };
    return target.attachment.id;
  });
  return { attachmentId, networkCardIndex: 0 };
});

/** Takes `detachMs`, during which the attachment is `detaching`. `Force` makes it immediate. */
export const detachNetworkInterface = change(true, ({ query, account, now, update }) => {
  const attachmentId = query.need("AttachmentId");
  update((state) => {
    const found = Object.values(state.interfaces).find(
      (one) => attachmentAt(one, now) && one.attachment?.id === attachmentId,
    );
    if (!found?.attachment) {
      throw new AwsError("InvalidAttachmentID.NotFound", `The attachment '${attachmentId}' does not exist.`);
    }
    if (found.attachment.deviceIndex === 0) {
      throw new AwsError(
        "OperationNotPermitted",
        "The network interface at device index 0 cannot be detached.",
      );
    }
    if (query.flag("Force")) found.attachment.goneAt = now;
    found.attachment.goneAt ??= now + account.detachMs;
  });
  return DONE;
});

/** One attribute a call; the emulator knows the one that matters to routes. */
export const modifyNetworkInterfaceAttribute = change(true, ({ query, update }) => {
  const value = query.need("SourceDestCheck.Value");
  update((state) => {
    mustExist(state.interfaces, query.need("NetworkInterfaceId"), INTERFACE).sourceDestCheck =
      value === "true";
  });
  return DONE;
});

export const describeNetworkInterfaceAttribute = read(({ query, view }) => {
  const networkInterfaceId = query.need("NetworkInterfaceId");
  if (query.need("Attribute") !== "sourceDestCheck") {
    throw invalidParameter("the emulator describes the attribute sourceDestCheck only");
  }
  const { sourceDestCheck } = mustExist(view.interfaces, networkInterfaceId, INTERFACE);
  return { networkInterfaceId, sourceDestCheck: { value: sourceDestCheck } };
});

export const describeNetworkInterfaces = read(({ query, view, viewTime, account }) => {
  const ids = query.list("NetworkInterfaceId");
  if (ids.length > 0 && query.get("MaxResults") !== undefined) {
    throw new AwsError(
      "InvalidParameterCombination",
      "The parameter NetworkInterfaceIds cannot be used with the parameter MaxResults",
    );
  }
  const found = select(query, {
    resources: Object.entries(view.interfaces),
    ids,
    notFound: INTERFACE,
    filters: {
      "network-interface-id": ([id]) => [id],
      "subnet-id": ([, one]) => [one.subnetId],
      "vpc-id": ([, one]) => [view.subnets[one.subnetId]?.vpcId],
      "mac-address": ([, one]) => [one.mac],
      "addresses.private-ip-address": ([, one]) => one.addresses,
      "ipv6-addresses.ipv6-address": ([, one]) => one.ipv6Addresses,
      "attachment.instance-id": ([, one]) => [attachmentAt(one, viewTime)?.instanceId],
    },
  });
  return {
    networkInterfaceSet: found.map(([id, one]) =>
      interfaceXml({ state: view, time: viewTime, account }, id, one),
    ),
  };
});

function attachedTo(state: AwsState, instanceId: string, now: number) {
  return Object.values(state.interfaces).filter((one) => attachmentAt(one, now)?.instanceId === instanceId);
}

function checkRoom(
  state: AwsState,
  { instanceId, deviceIndex, now }: { instanceId: string; deviceIndex: number; now: number },
): void {
  if (attachedTo(state, instanceId, now).some((one) => one.attachment?.deviceIndex === deviceIndex)) {
    throw invalidParameter(
      `Instance '${instanceId}' already has an interface attached at device index '${deviceIndex}'.`,
    );
  }
}
