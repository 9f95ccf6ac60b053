import {
  AssignIpv6AddressesCommand,
  AssignPrivateIpAddressesCommand,
  AssociateAddressCommand,
  DescribeAddressesCommand,
  DescribeNetworkInterfacesCommand,
  type EC2Client,
  UnassignIpv6AddressesCommand,
  UnassignPrivateIpAddressesCommand,
} from "@aws-sdk/client-ec2";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AwsEmulator, startAwsEmulator } from "./emulator.ts";
import { failure, refusal, sdkClient } from "./sdk.ts";
import { ALLOCATION, createWorld, nodeIds } from "./world.ts";

const [nodeA, nodeB] = [nodeIds(1), nodeIds(2)];
const VIP = "10.0.0.100";

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

function assign(interfaceId: string, addresses: string[], AllowReassignment = true) {
  const input = { NetworkInterfaceId: interfaceId, PrivateIpAddresses: addresses, AllowReassignment };
  return ec2.send(new AssignPrivateIpAddressesCommand(input));
}

function addressesOf(interfaceId: string): readonly string[] {
  return emulator.cloud.state.current.interfaces[interfaceId]?.addresses ?? [];
}

describe("assigning secondary addresses", () => {
  it("moves an address from one interface to another in one call", async () => {
    await assign(nodeA.interfaceId, [VIP]);
    const answer = await assign(nodeB.interfaceId, [VIP]);
    expect(answer.AssignedPrivateIpAddresses).toEqual([{ PrivateIpAddress: VIP }]);
    expect(addressesOf(nodeA.interfaceId)).toEqual([nodeA.address]);
    expect(addressesOf(nodeB.interfaceId)).toEqual([nodeB.address, VIP]);
  });

  it("refuses to move an address when reassignment is not allowed", async () => {
    await assign(nodeA.interfaceId, [VIP]);
    const error = await failure(assign(nodeB.interfaceId, [VIP], false));
    expect(error).toMatchObject({
      name: "InvalidParameterValue",
      message: `[${VIP}] assigned, but move is not allowed.`,
    });
  });

  it("never moves a primary address", async () => {
    const error = await failure(assign(nodeB.interfaceId, [nodeA.address]));
    expect(error).toMatchObject({ name: "InvalidParameterValue", message: "secondary-addresses" });
  });

  it("assigns all addresses of a call or none", async () => {
    expect(await refusal(assign(nodeA.interfaceId, [VIP, "10.9.0.1"]))).toBe("InvalidParameterValue");
    expect(addressesOf(nodeA.interfaceId)).toEqual([nodeA.address]);
  });

  it("refuses addresses that the subnet keeps for itself, and such that are no addresses", async () => {
    for (const address of ["10.0.0.1", "10.0.0.255", "10.0.0", "10.0.1.100"]) {
      expect(await refusal(assign(nodeA.interfaceId, [address])), address).toBe("InvalidParameterValue");
    }
  });

  it("changes nothing when the interface has the address already", async () => {
    await assign(nodeA.interfaceId, [VIP]);
    await assign(nodeA.interfaceId, [VIP]);
    expect(addressesOf(nodeA.interfaceId)).toEqual([nodeA.address, VIP]);
  });

  it("holds the instance type's limit, the primary address included", async () => {
    const nodes = [{ subnet: "a", address: "10.0.0.11", instanceType: "t3.micro" }] as const;
    const small = await startAwsEmulator({ world: createWorld({ nodes }) });
    const client = sdkClient(small);
    const input = { NetworkInterfaceId: nodeIds(1).interfaceId, PrivateIpAddresses: [VIP, "10.0.0.101"] };
    expect(await refusal(client.send(new AssignPrivateIpAddressesCommand(input)))).toBe(
      "PrivateIpAddressLimitExceeded",
    );
    client.destroy();
    await small.close();
  });

  it("names an interface that does not exist", async () => {
    expect(await refusal(assign("eni-0", [VIP]))).toBe("InvalidNetworkInterfaceID.NotFound");
  });
});

describe("an Elastic IP on a secondary address", () => {
  const associate = () =>
    ec2.send(
      new AssociateAddressCommand({
        AllocationId: ALLOCATION,
        NetworkInterfaceId: nodeA.interfaceId,
        PrivateIpAddress: VIP,
      }),
    );
  const elasticIp = async () => {
    const { Addresses } = await ec2.send(new DescribeAddressesCommand({ AllocationIds: [ALLOCATION] }));
    return Addresses?.[0];
  };

  it("follows the address when it is reassigned", async () => {
    await assign(nodeA.interfaceId, [VIP]);
    await associate();
    await assign(nodeB.interfaceId, [VIP]);
    expect(await elasticIp()).toMatchObject({
      NetworkInterfaceId: nodeB.interfaceId,
      InstanceId: nodeB.instanceId,
      PrivateIpAddress: VIP,
    });
  });

  it("is lost when the address is unassigned", async () => {
    await assign(nodeA.interfaceId, [VIP]);
    await associate();
    const input = { NetworkInterfaceId: nodeA.interfaceId, PrivateIpAddresses: [VIP] };
    await ec2.send(new UnassignPrivateIpAddressesCommand(input));
    expect((await elasticIp())?.AssociationId).toBeUndefined();
  });
});

describe("who has an address", () => {
  it("is found with a filter, primary addresses told apart", async () => {
    await assign(nodeB.interfaceId, [VIP]);
    const { NetworkInterfaces } = await ec2.send(
      new DescribeNetworkInterfacesCommand({
        Filters: [{ Name: "addresses.private-ip-address", Values: [VIP] }],
      }),
    );
    expect(NetworkInterfaces).toMatchObject([
      {
        NetworkInterfaceId: nodeB.interfaceId,
        Status: "in-use",
        MacAddress: nodeB.mac,
        Attachment: { InstanceId: nodeB.instanceId, Status: "attached", DeviceIndex: 0 },
        PrivateIpAddresses: [
          { PrivateIpAddress: nodeB.address, Primary: true },
          { PrivateIpAddress: VIP, Primary: false },
        ],
      },
    ]);
  });

  it("is shown late when Describe lags, and at last when the cloud settles", async () => {
    emulator.cloud.lag.describeMs = Number.POSITIVE_INFINITY;
    const Filters = [{ Name: "addresses.private-ip-address", Values: [VIP] }];
    const holders = async () =>
      (await ec2.send(new DescribeNetworkInterfacesCommand({ Filters }))).NetworkInterfaces?.length;
    await assign(nodeB.interfaceId, [VIP]);
    expect(await holders()).toBe(0);
    emulator.cloud.state.settle();
    expect(await holders()).toBe(1);
  });
});

describe("IPv6 addresses", () => {
  const vip = "2001:db8:0:10a::100";
  const input = (NetworkInterfaceId: string) => ({ NetworkInterfaceId, Ipv6Addresses: [vip] });

  it("cannot be reassigned: the old interface must give them up first", async () => {
    await ec2.send(new AssignIpv6AddressesCommand(input(nodeA.interfaceId)));
    expect(await refusal(ec2.send(new AssignIpv6AddressesCommand(input(nodeB.interfaceId))))).toBe(
      "InvalidIPAddress.InUse",
    );
    await ec2.send(new UnassignIpv6AddressesCommand(input(nodeA.interfaceId)));
    const answer = await ec2.send(new AssignIpv6AddressesCommand(input(nodeB.interfaceId)));
    expect(answer.AssignedIpv6Addresses).toEqual([vip]);
  });
});
