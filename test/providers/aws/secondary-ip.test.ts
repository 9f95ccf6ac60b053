import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { IpAddress } from "../../../src/base/ip.ts";
import { ALLOCATION, createWorld } from "../../cloud/aws/world.ts";
import {
  AwsFixture,
  live,
  nodeA,
  nodeB,
  obstacleCodes,
  ownerOf,
  refusalOf,
  VIP,
} from "./against-emulator.ts";

let fixture: AwsFixture;

beforeEach(async () => {
  fixture = await AwsFixture.start();
});
afterEach(() => fixture.stop());

describe("claiming secondary addresses", () => {
  it("moves all VIPs from the old interface to this one in one call", async () => {
    const vips = [VIP, "10.0.0.101", "10.0.0.102"] as IpAddress[];
    const [a, b] = [await fixture.identified(1), await fixture.identified(2)];
    await a.claim(vips, live());
    await b.claim(vips, live());
    expect(fixture.addressesOf(nodeA.interfaceId)).toEqual([nodeA.address]);
    expect(fixture.addressesOf(nodeB.interfaceId)).toEqual([nodeB.address, ...vips]);
    expect(fixture.changes()).toEqual(["AssignPrivateIpAddresses", "AssignPrivateIpAddresses"]);
  });

  it("takes fifty addresses in one call too", async () => {
    const type = {
      maximumNetworkInterfaces: 4,
      ipv4AddressesPerInterface: 64,
      ipv6AddressesPerInterface: 64,
    };
    const nodes = [{ subnet: "a", address: "10.0.0.11", instanceType: "large" }] as const;
    const large = await AwsFixture.start({ world: createWorld({ nodes }), instanceTypes: { large: type } });
    const vips = Array.from({ length: 50 }, (_, index) => `10.0.0.${100 + index}` as IpAddress);
    await (await large.identified(1)).claim(vips, live());
    expect(large.changes()).toEqual(["AssignPrivateIpAddresses"]);
    expect(large.addressesOf(nodeA.interfaceId)).toHaveLength(51);
    await large.stop();
  });

  it("may be repeated without effect", async () => {
    const a = await fixture.identified(1);
    await a.claim([VIP], live());
    await a.claim([VIP], live());
    expect(fixture.addressesOf(nodeA.interfaceId)).toEqual([nodeA.address, VIP]);
  });

  it("takes along the Elastic IP that hangs on an address", async () => {
    const [a, b] = [await fixture.identified(1), await fixture.identified(2)];
    await a.claim([VIP], live());
    fixture.change((draft) => {
      draft.elasticAddresses[ALLOCATION]!.association = {
        id: "eipassoc-1",
        interfaceId: nodeA.interfaceId,
        privateIp: VIP,
      };
    });
    await b.claim([VIP], live());
    expect(fixture.state.elasticAddresses[ALLOCATION]?.association?.interfaceId).toBe(nodeB.interfaceId);
  });

  it("moves the good addresses when one is bad, and names the bad one", async () => {
    const a = await fixture.identified(1);
    const error = await refusalOf(a.claim([VIP, "10.0.1.100" as IpAddress], live()));
    expect(error.facts.kind).toBe("misconfigured");
    expect(error.message).toContain("1 of 2 calls failed: 10.0.1.100");
    expect(fixture.addressesOf(nodeA.interfaceId)).toContain(VIP);
  });

  it("is printed as a plan without a call", async () => {
    const a = await fixture.identified(1);
    expect(a.plan([VIP])).toEqual({
      calls: [
        {
          operation: "ec2:AssignPrivateIpAddresses",
          parameters: {
            NetworkInterfaceId: nodeA.interfaceId,
            PrivateIpAddresses: [VIP],
            AllowReassignment: "true",
          },
        },
      ],
    });
    expect(fixture.changes()).toEqual([]);
  });
});

describe("who has a secondary address", () => {
  it("is told by the API and metadata in agreement", async () => {
    const [a, b] = [await fixture.identified(1), await fixture.identified(2)];
    expect(await ownerOf(a)).toEqual({ kind: "nobody", source: "api" });
    await a.claim([VIP], live());
    expect(await ownerOf(a)).toEqual({ kind: "mine", source: "api" });
    expect(await ownerOf(b)).toEqual({
      kind: "other",
      source: "api",
      holder: nodeA.instanceId,
      addresses: [nodeA.address],
      stopped: false,
    });
  });

  it("is a stopped server when the holder was stopped", async () => {
    const [a, b] = [await fixture.identified(1), await fixture.identified(2)];
    await a.claim([VIP], live());
    fixture.emulator.cloud.setInstanceState(nodeA.instanceId, "stopped");
    expect(await ownerOf(b)).toMatchObject({ kind: "other", stopped: true });
  });

  it("is unknown while the API lags behind metadata", async () => {
    const a = await fixture.identified(1);
    fixture.emulator.cloud.lag.describeMs = Number.POSITIVE_INFINITY;
    await a.claim([VIP], live());
    expect(await ownerOf(a)).toMatchObject({ kind: "unknown" });
    fixture.emulator.cloud.state.settle();
    expect(await ownerOf(a)).toMatchObject({ kind: "mine" });
  });

  it("is unknown while metadata still show what another took", async () => {
    const [a, b] = [await fixture.identified(1), await fixture.identified(2)];
    await a.claim([VIP], live());
    fixture.emulator.cloud.state.settle();
    fixture.emulator.cloud.lag.metadataMs = Number.POSITIVE_INFINITY;
    await b.claim([VIP], live());
    expect(await ownerOf(a)).toMatchObject({ kind: "unknown" });
    fixture.emulator.cloud.state.settle();
    expect(await ownerOf(a)).toMatchObject({ kind: "other", holder: nodeB.instanceId });
  });

  it("is known from metadata alone while the API does not answer, if it is this node", async () => {
    const [a, b] = [await fixture.identified(1), await fixture.identified(2)];
    await a.claim([VIP], live());
    fixture.emulator.cloud.faults.inject({ kind: "error-500" });
    expect(await ownerOf(a)).toEqual({ kind: "mine", source: "metadata" });
    expect(await ownerOf(b)).toMatchObject({
      kind: "unknown",
      why: expect.stringContaining("InternalError"),
    });
  });

  it("is known from the API alone while metadata are down", async () => {
    const a = await fixture.identified(1);
    await a.claim([VIP], live());
    fixture.emulator.cloud.faults.inject({ kind: "metadata-down" });
    expect(await ownerOf(a)).toEqual({ kind: "mine", source: "api" });
  });

  it("is not confused by the same address in another VPC", async () => {
    const a = await fixture.identified(1);
    fixture.change((draft) => {
      draft.subnets["subnet-other"] = { ...Object.values(draft.subnets)[0]!, vpcId: "vpc-other" };
      const twin = structuredClone(draft.interfaces[nodeB.interfaceId]!);
      draft.interfaces["eni-other"] = { ...twin, subnetId: "subnet-other", addresses: ["10.0.0.9", VIP] };
    });
    expect(await ownerOf(a)).toEqual({ kind: "nobody", source: "api" });
  });
});

describe("rehearsing with secondary addresses", () => {
  it("finds nothing in the way of a sound pair, moves nothing, and tells when the credentials end", async () => {
    const b = await fixture.identified(2);
    const { ready, obstacles, credentialsExpire } = await b.rehearse([VIP], live());
    expect({ ready, obstacles }).toEqual({ ready: true, obstacles: [] });
    expect(Date.parse(credentialsExpire ?? "")).toBeGreaterThan(Date.now());
    expect(fixture.addressesOf(nodeB.interfaceId)).toEqual([nodeB.address]);
  });

  it("finds a missing permission", async () => {
    fixture.emulator.cloud.permissions.deny("AssignPrivateIpAddresses", nodeB.instanceId);
    const b = await fixture.identified(2);
    const { obstacles } = await b.rehearse([VIP], live());
    expect(obstacles.map((obstacle) => obstacle.code)).toEqual(["aws/permission-denied"]);
    expect(obstacles[0]?.message).toContain("ec2:AssignPrivateIpAddresses");
    expect(obstacles[0]?.message).not.toContain("Encoded");
  });

  it("finds an address outside the subnet, and one that is a server's own", async () => {
    const b = await fixture.identified(2);
    expect(await obstacleCodes(b, ["10.0.1.100" as IpAddress])).toEqual(["aws/vip-outside-subnet"]);
    expect(await obstacleCodes(b, [nodeA.address as IpAddress])).toEqual(["aws/vip-is-primary"]);
  });

  it("finds that the instance type has no room", async () => {
    const node = { subnet: "a", instanceType: "t3.micro" } as const;
    const nodes = [
      { ...node, address: "10.0.0.11" },
      { ...node, address: "10.0.0.12" },
    ];
    const small = await AwsFixture.start({ world: createWorld({ nodes }) });
    const b = await small.identified(2);
    expect(await obstacleCodes(b, [VIP])).toEqual([]);
    expect(await obstacleCodes(b, [VIP, "10.0.0.101" as IpAddress])).toEqual(["aws/address-limit"]);
    await small.stop();
  });

  it("finds that the API cannot be reached", async () => {
    const b = await fixture.identified(2);
    fixture.emulator.cloud.faults.inject({ kind: "reset" });
    expect(new Set(await obstacleCodes(b, [VIP]))).toEqual(new Set(["aws/unreachable"]));
  });
});
