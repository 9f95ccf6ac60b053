import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { IpAddress } from "../../../src/base/ip.ts";
import { AwsFixture, live, nodeA, nodeB, obstacleCodes, ownerOf, refusalOf } from "./against-emulator.ts";

const VIP = "2001:db8:0:10a::100" as IpAddress;
const VIP4 = "10.0.0.100" as IpAddress;

let fixture: AwsFixture;

beforeEach(async () => {
  fixture = await AwsFixture.start();
});
afterEach(() => fixture.stop());

const ipv6Of = (interfaceId: string) => fixture.state.interfaces[interfaceId]?.ipv6Addresses;

describe("an IPv6 VIP", () => {
  it("is given up on the old interface and then assigned here", async () => {
    const [a, b] = [await fixture.identified(1), await fixture.identified(2)];
    await a.claim([VIP], live());
    await b.claim([VIP], live());
    expect([ipv6Of(nodeA.interfaceId), ipv6Of(nodeB.interfaceId)]).toEqual([[], [VIP]]);
    expect(fixture.changes()).toEqual([
      "AssignIpv6Addresses",
      "AssignIpv6Addresses",
      "UnassignIpv6Addresses",
      "AssignIpv6Addresses",
    ]);
  });

  it("is found again when its holder changed between the reads", async () => {
    const [a, b] = [await fixture.identified(1), await fixture.identified(2)];
    await a.claim([VIP], live());
    const fault = fixture.emulator.cloud.faults.inject({ kind: "stale-read", count: 1 });
    fixture.change((draft) => {
      draft.interfaces[nodeA.interfaceId]!.ipv6Addresses = [];
      draft.interfaces["eni-000000000000000ff"]!.ipv6Addresses = [VIP];
    });
    await b.claim([VIP], live());
    fixture.emulator.cloud.faults.clear(fault);
    expect(ipv6Of(nodeB.interfaceId)).toEqual([VIP]);
  });

  it("travels with IPv4 VIPs, each by its own calls", async () => {
    const [a, b] = [await fixture.identified(1), await fixture.identified(2)];
    await a.claim([VIP4, VIP], live());
    expect(await a.owner([VIP4, VIP], live())).toEqual([
      { vip: VIP4, owner: { kind: "mine", source: "api" } },
      { vip: VIP, owner: { kind: "mine", source: "api" } },
    ]);
    expect(await ownerOf(b, VIP)).toMatchObject({ kind: "other", holder: nodeA.instanceId });
    expect(b.plan([VIP4, VIP]).calls.map((call) => call.operation)).toEqual([
      "ec2:AssignPrivateIpAddresses",
      "ec2:UnassignIpv6Addresses",
      "ec2:AssignIpv6Addresses",
    ]);
  });

  it("outside the subnet is refused, and found beforehand", async () => {
    const outside = "2001:db8:9::1" as IpAddress;
    const a = await fixture.identified(1);
    expect((await refusalOf(a.claim([outside], live()))).facts.kind).toBe("misconfigured");
    expect(await obstacleCodes(a, [outside])).toEqual(["aws/vip-outside-subnet"]);
    expect(await obstacleCodes(a, [VIP])).toEqual([]);
  });
});
