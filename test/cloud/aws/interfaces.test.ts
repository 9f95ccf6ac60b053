import {
  AttachNetworkInterfaceCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypesCommand,
  DescribeNetworkAclsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  DetachNetworkInterfaceCommand,
  type EC2Client,
} from "@aws-sdk/client-ec2";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { manualClock } from "../base/clock.ts";
import { type AwsEmulator, startAwsEmulator } from "./emulator.ts";
import { refusal, sdkClient } from "./sdk.ts";
import { nodeIds, SECURITY_GROUP, SPARE_INTERFACE, SUBNET_A, VPC_ID } from "./world.ts";

const [nodeA, nodeB, nodeC] = [nodeIds(1), nodeIds(2), nodeIds(3)];

// The SDK signs with the real time, so the emulator's clock starts there and then stands.
const clock = manualClock(Date.now());
let emulator: AwsEmulator;
let ec2: EC2Client;

beforeEach(async () => {
  emulator = await startAwsEmulator({ clock, attachMs: 1_000, detachMs: 2_000 });
  ec2 = sdkClient(emulator);
});
afterEach(async () => {
  ec2.destroy();
  await emulator.close();
});

const attach = (InstanceId: string, DeviceIndex = 1) =>
  ec2.send(
    new AttachNetworkInterfaceCommand({ NetworkInterfaceId: SPARE_INTERFACE, InstanceId, DeviceIndex }),
  );
const detach = (AttachmentId: string) => ec2.send(new DetachNetworkInterfaceCommand({ AttachmentId }));

async function spare() {
  const input = { NetworkInterfaceIds: [SPARE_INTERFACE] };
  const { NetworkInterfaces } = await ec2.send(new DescribeNetworkInterfacesCommand(input));
  return NetworkInterfaces?.[0];
}

describe("an interface that moves", () => {
  it("passes through attaching, attached, detaching and available as time passes", async () => {
    const { AttachmentId = "" } = await attach(nodeA.instanceId);
    expect((await spare())?.Attachment?.Status).toBe("attaching");
    clock.advance(1_000);
    expect((await spare())?.Attachment?.Status).toBe("attached");
    await detach(AttachmentId);
    expect((await spare())?.Attachment?.Status).toBe("detaching");
    expect(await refusal(attach(nodeB.instanceId))).toBe("InvalidNetworkInterface.InUse");
    clock.advance(2_000);
    expect((await spare())?.Status).toBe("available");
    await attach(nodeB.instanceId);
  });

  it("stays when it is the first of its instance", async () => {
    const primary = emulator.cloud.state.current.interfaces[nodeA.interfaceId]?.attachment?.id ?? "";
    expect(await refusal(detach(primary))).toBe("OperationNotPermitted");
  });

  it("cannot leave its zone, or take a device index that is in use", async () => {
    expect(await refusal(attach(nodeC.instanceId))).toBe("InvalidParameterValue");
    expect(await refusal(attach(nodeA.instanceId, 0))).toBe("InvalidParameterValue");
  });
});

describe("what is described", () => {
  it("includes the instance with its metadata options", async () => {
    const { Reservations } = await ec2.send(
      new DescribeInstancesCommand({ InstanceIds: [nodeA.instanceId] }),
    );
    expect(Reservations?.[0]?.Instances?.[0]).toMatchObject({
      InstanceId: nodeA.instanceId,
      InstanceType: "t3.medium",
      State: { Name: "running" },
      MetadataOptions: { HttpTokens: "required", HttpPutResponseHopLimit: 2 },
      NetworkInterfaces: [{ NetworkInterfaceId: nodeA.interfaceId }],
    });
  });

  it("includes the limits of an instance type", async () => {
    const { InstanceTypes } = await ec2.send(
      new DescribeInstanceTypesCommand({ InstanceTypes: ["t3.micro"] }),
    );
    expect(InstanceTypes?.[0]?.NetworkInfo).toMatchObject({
      MaximumNetworkInterfaces: 2,
      Ipv4AddressesPerInterface: 2,
    });
  });

  it("includes subnets, VPCs, security groups and network ACLs", async () => {
    const { Subnets } = await ec2.send(new DescribeSubnetsCommand({ SubnetIds: [SUBNET_A] }));
    expect(Subnets?.[0]).toMatchObject({ CidrBlock: "10.0.0.0/24", VpcId: VPC_ID });
    const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ VpcIds: [VPC_ID] }));
    expect(Vpcs?.[0]?.CidrBlockAssociationSet?.[0]?.CidrBlock).toBe("10.0.0.0/16");
    const { SecurityGroups } = await ec2.send(
      new DescribeSecurityGroupsCommand({ GroupIds: [SECURITY_GROUP] }),
    );
    expect(SecurityGroups?.[0]?.IpPermissions).toMatchObject([
      { IpProtocol: "112", UserIdGroupPairs: [{ GroupId: SECURITY_GROUP }] },
    ]);
    const { NetworkAcls } = await ec2.send(
      new DescribeNetworkAclsCommand({ Filters: [{ Name: "association.subnet-id", Values: [SUBNET_A] }] }),
    );
    expect(NetworkAcls?.[0]?.Entries).toHaveLength(4);
  });

  it("refuses a filter that does not exist", async () => {
    const Filters = [{ Name: "no-such-filter", Values: ["x"] }];
    expect(await refusal(ec2.send(new DescribeSubnetsCommand({ Filters })))).toBe("InvalidParameterValue");
  });
});
