import {
  AssociateAddressCommand,
  CreateRouteCommand,
  DescribeNetworkInterfaceAttributeCommand,
  DescribeRouteTablesCommand,
  type EC2Client,
  ModifyNetworkInterfaceAttributeCommand,
  ReplaceRouteCommand,
} from "@aws-sdk/client-ec2";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AwsEmulator, startAwsEmulator } from "./emulator.ts";
import { failure, refusal, sdkClient } from "./sdk.ts";
import { ALLOCATION, MAIN_TABLE, nodeIds, SUBNET_B_TABLE } from "./world.ts";

const [nodeA, nodeB] = [nodeIds(1), nodeIds(2)];
const VIP_CIDR = "192.168.255.10/32";

let emulator: AwsEmulator;
let ec2: EC2Client;

beforeEach(async () => {
  emulator = await startAwsEmulator();
  ec2 = sdkClient(emulator);
});
afterEach(async () => {
  ec2.destroy();
  await emulator.close();
});

const to = (NetworkInterfaceId: string, DestinationCidrBlock = VIP_CIDR) => ({
  RouteTableId: MAIN_TABLE,
  DestinationCidrBlock,
  NetworkInterfaceId,
});
const create = (interfaceId: string) => ec2.send(new CreateRouteCommand(to(interfaceId)));
const replace = (interfaceId: string) => ec2.send(new ReplaceRouteCommand(to(interfaceId)));

async function route() {
  const { RouteTables } = await ec2.send(new DescribeRouteTablesCommand({ RouteTableIds: [MAIN_TABLE] }));
  return RouteTables?.[0]?.Routes?.find((one) => one.DestinationCidrBlock === VIP_CIDR);
}

describe("routes to an interface", () => {
  it("are created once and replaced from then on", async () => {
    expect(await failure(replace(nodeA.interfaceId))).toMatchObject({
      name: "InvalidParameterValue",
      message: `There is no route defined for '${VIP_CIDR}' in the route table. Use CreateRoute instead.`,
    });
    await create(nodeA.interfaceId);
    expect(await refusal(create(nodeA.interfaceId))).toBe("RouteAlreadyExists");
    await replace(nodeB.interfaceId);
    expect(await route()).toMatchObject({
      NetworkInterfaceId: nodeB.interfaceId,
      InstanceId: nodeB.instanceId,
      State: "active",
    });
  });

  it("are refused inside the VPC unless they are a whole subnet", async () => {
    const inside = ec2.send(new CreateRouteCommand(to(nodeA.interfaceId, "10.0.0.100/32")));
    expect((await failure(inside)).message).toBe("Route destination doesn't match any subnet CIDR blocks.");
    await ec2.send(new CreateRouteCommand(to(nodeA.interfaceId, "10.0.1.0/24")));
  });

  it("become blackholes when the instance stops", async () => {
    await create(nodeA.interfaceId);
    emulator.cloud.setInstanceState(nodeA.instanceId, "stopped");
    expect((await route())?.State).toBe("blackhole");
  });

  it("are refused for tables and interfaces that do not exist", async () => {
    expect(await refusal(replace("eni-0"))).toBe("InvalidNetworkInterfaceID.NotFound");
    const noTable = { ...to(nodeA.interfaceId), RouteTableId: "rtb-0" };
    expect(await refusal(ec2.send(new ReplaceRouteCommand(noTable)))).toBe("InvalidRouteTableID.NotFound");
  });

  it("are found by the subnets of their tables", async () => {
    const Filters = [{ Name: "association.subnet-id", Values: ["subnet-0000000000000000b"] }];
    const { RouteTables } = await ec2.send(new DescribeRouteTablesCommand({ Filters }));
    expect(RouteTables?.map((table) => table.RouteTableId)).toEqual([SUBNET_B_TABLE]);
  });
});

describe("the source/destination check", () => {
  it("is on at first and can be switched off", async () => {
    const check = async () =>
      (
        await ec2.send(
          new DescribeNetworkInterfaceAttributeCommand({
            NetworkInterfaceId: nodeA.interfaceId,
            Attribute: "sourceDestCheck",
          }),
        )
      ).SourceDestCheck?.Value;
    expect(await check()).toBe(true);
    await ec2.send(
      new ModifyNetworkInterfaceAttributeCommand({
        NetworkInterfaceId: nodeA.interfaceId,
        SourceDestCheck: { Value: false },
      }),
    );
    expect(await check()).toBe(false);
  });
});

describe("a dry run", () => {
  it("says that the call would have succeeded, and changes nothing", async () => {
    const dry = ec2.send(new CreateRouteCommand({ ...to(nodeA.interfaceId), DryRun: true }));
    expect(await failure(dry)).toMatchObject({ name: "DryRunOperation", $metadata: { httpStatusCode: 412 } });
    expect(await route()).toBeUndefined();
  });

  it("says that the caller may not", async () => {
    emulator.cloud.permissions.deny("ReplaceRoute");
    const dry = ec2.send(new ReplaceRouteCommand({ ...to(nodeA.interfaceId), DryRun: true }));
    expect(await failure(dry)).toMatchObject({
      name: "UnauthorizedOperation",
      message: expect.stringContaining("Encoded authorization failure message"),
      $metadata: { httpStatusCode: 403 },
    });
  });
});

describe("an Elastic IP", () => {
  const associate = (NetworkInterfaceId: string, AllowReassociation?: boolean) =>
    ec2.send(
      new AssociateAddressCommand({
        AllocationId: ALLOCATION,
        NetworkInterfaceId,
        ...(AllowReassociation === undefined ? {} : { AllowReassociation }),
      }),
    );

  it("moves unless reassociation is refused", async () => {
    await associate(nodeA.interfaceId);
    expect(await refusal(associate(nodeB.interfaceId, false))).toBe("Resource.AlreadyAssociated");
    await associate(nodeB.interfaceId);
    expect(emulator.cloud.state.current.elasticAddresses[ALLOCATION]?.association?.interfaceId).toBe(
      nodeB.interfaceId,
    );
  });
});
