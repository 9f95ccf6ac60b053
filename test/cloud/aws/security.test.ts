import {
  AuthorizeSecurityGroupIngressCommand,
  CreateNetworkAclEntryCommand,
  DescribeInstancesCommand,
  DescribeNetworkAclsCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcEndpointsCommand,
  type EC2Client,
  ModifyInstanceMetadataOptionsCommand,
} from "@aws-sdk/client-ec2";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AwsEmulator, startAwsEmulator } from "./emulator.ts";
import { refusal, sdkClient } from "./sdk.ts";
import { MAIN_TABLE, NETWORK_ACL, nodeIds, SECURITY_GROUP, VPC_ID } from "./world.ts";

let emulator: AwsEmulator;
let client: EC2Client;
beforeEach(async () => {
  emulator = await startAwsEmulator();
  client = sdkClient(emulator);
});
afterEach(async () => {
  client.destroy();
  await emulator.close();
});

const inVpc = { Filters: [{ Name: "vpc-id", Values: [VPC_ID] }] };

describe("what surrounds the instances", () => {
  it("has rules that can be added to a security group, each once", async () => {
    const add = () =>
      client.send(
        new AuthorizeSecurityGroupIngressCommand({
          GroupId: SECURITY_GROUP,
          IpPermissions: [{ IpProtocol: "112", IpRanges: [{ CidrIp: "10.0.0.5/24" }] }],
        }),
      );
    await add();
    const described = await client.send(new DescribeSecurityGroupsCommand({ GroupIds: [SECURITY_GROUP] }));
    // The bits behind the prefix are cleared.
    expect(described.SecurityGroups?.[0]?.IpPermissions?.at(-1)).toMatchObject({
      IpProtocol: "112",
      IpRanges: [{ CidrIp: "10.0.0.0/24" }],
    });
    expect(await refusal(add())).toBe("InvalidPermission.Duplicate");
  });

  it("has entries that can be added to a network ACL, each number once in a direction", async () => {
    const add = (Egress: boolean) =>
      client.send(
        new CreateNetworkAclEntryCommand({
          NetworkAclId: NETWORK_ACL,
          ...{ RuleNumber: 7, Protocol: "112", RuleAction: "allow", Egress, CidrBlock: "10.0.0.5/32" },
        }),
      );
    await add(true);
    await add(false);
    expect(await refusal(add(true))).toBe("NetworkAclEntryAlreadyExists");
    const { NetworkAcls } = await client.send(new DescribeNetworkAclsCommand(inVpc));
    const entries = NetworkAcls?.[0]?.Entries?.filter(({ RuleNumber }) => RuleNumber === 7);
    expect(entries).toMatchObject([
      { Protocol: "112", RuleAction: "allow", Egress: true, CidrBlock: "10.0.0.5/32" },
      { Egress: false },
    ]);
  });

  it("has a way out through a NAT gateway, and VPC endpoints", async () => {
    emulator.cloud.state.update((draft) => {
      draft.vpcEndpoints["vpce-1"] = {
        vpcId: VPC_ID,
        serviceName: "com.amazonaws.eu-central-1.ec2",
        privateDns: true,
      };
    });
    const tables = await client.send(new DescribeRouteTablesCommand({ RouteTableIds: [MAIN_TABLE] }));
    const out = tables.RouteTables?.[0]?.Routes?.find((route) => route.DestinationCidrBlock === "0.0.0.0/0");
    expect([out?.NatGatewayId, out?.GatewayId]).toEqual(["nat-00000000000000001", undefined]);
    const { VpcEndpoints } = await client.send(new DescribeVpcEndpointsCommand(inVpc));
    expect(VpcEndpoints).toMatchObject([
      { VpcEndpointId: "vpce-1", ServiceName: "com.amazonaws.eu-central-1.ec2", PrivateDnsEnabled: true },
    ]);
  });

  it("lets metadata options be changed one by one", async () => {
    const { instanceId: InstanceId } = nodeIds(1);
    await client.send(new ModifyInstanceMetadataOptionsCommand({ InstanceId, HttpEndpoint: "disabled" }));
    await client.send(new ModifyInstanceMetadataOptionsCommand({ InstanceId, HttpPutResponseHopLimit: 1 }));
    const { Reservations } = await client.send(new DescribeInstancesCommand({ InstanceIds: [InstanceId] }));
    expect(Reservations?.[0]?.Instances?.[0]?.MetadataOptions).toMatchObject({
      HttpEndpoint: "disabled",
      HttpPutResponseHopLimit: 1,
    });
  });
});
