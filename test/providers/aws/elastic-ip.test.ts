import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { IpAddress } from "../../../src/base/ip.ts";
import { ALLOCATION, ELASTIC_IP } from "../../cloud/aws/world.ts";
import { AwsFixture, live, nodeA, nodeC, obstacleCodes, ownerOf, refusalOf } from "./against-emulator.ts";

const VIP = ELASTIC_IP as IpAddress;
const OPTIONS = { mechanism: "elastic-ip" };

let fixture: AwsFixture;

beforeEach(async () => {
  fixture = await AwsFixture.start();
});
afterEach(() => fixture.stop());

const association = () => fixture.state.elasticAddresses[ALLOCATION]?.association;

describe("an Elastic IP as the VIP", () => {
  it("moves between servers in different zones, to their primary addresses", async () => {
    const [a, c] = [await fixture.identified(1, OPTIONS), await fixture.identified(3, OPTIONS)];
    await a.claim([VIP], live());
    expect(association()).toMatchObject({ interfaceId: nodeA.interfaceId, privateIp: nodeA.address });
    await c.claim([VIP], live());
    expect(association()).toMatchObject({ interfaceId: nodeC.interfaceId, privateIp: nodeC.address });
  });

  it("needs one call once a rehearsal has looked up its allocation", async () => {
    const a = await fixture.identified(1, OPTIONS);
    expect((await a.rehearse([VIP], live())).ready).toBe(true);
    fixture.emulator.cloud.journal.clear();
    await a.claim([VIP], live());
    expect(fixture.emulator.cloud.journal.entries().map((entry) => entry.action)).toEqual([
      "AssociateAddress",
    ]);
  });

  it("goes to the private address that is listed for it", async () => {
    fixture.change((draft) => draft.interfaces[nodeA.interfaceId]?.addresses.push("10.0.0.21"));
    const a = await fixture.identified(1, { ...OPTIONS, private_addresses: { [VIP]: "10.0.0.21" } });
    await a.claim([VIP], live());
    expect(association()?.privateIp).toBe("10.0.0.21");
    expect(await ownerOf(a, VIP)).toEqual({ kind: "mine", source: "api" });
  });

  it("has an owner that API and metadata agree on", async () => {
    const [a, c] = [await fixture.identified(1, OPTIONS), await fixture.identified(3, OPTIONS)];
    expect(await ownerOf(a, VIP)).toEqual({ kind: "nobody", source: "api" });
    await a.claim([VIP], live());
    expect(await ownerOf(a, VIP)).toEqual({ kind: "mine", source: "api" });
    expect(await ownerOf(c, VIP)).toMatchObject({
      kind: "other",
      holder: nodeA.instanceId,
      addresses: [nodeA.address],
    });
  });

  it("that the account does not have is refused, and found beforehand", async () => {
    const a = await fixture.identified(1, OPTIONS);
    const stranger = "203.0.113.99" as IpAddress;
    expect((await refusalOf(a.claim([stranger], live()))).facts.kind).toBe("not-found");
    expect(await ownerOf(a, stranger)).toMatchObject({ kind: "unknown" });
    expect(await obstacleCodes(a, [stranger])).toEqual(["aws/not-found"]);
  });
});

describe("rehearsing with Elastic IPs", () => {
  it("finds a missing permission without moving anything", async () => {
    fixture.emulator.cloud.permissions.deny("AssociateAddress");
    const a = await fixture.identified(1, OPTIONS);
    expect(await obstacleCodes(a, [VIP])).toEqual(["aws/permission-denied"]);
    expect(association()).toBeUndefined();
  });

  it("finds private addresses that are missing, or shared by two Elastic IPs", async () => {
    const second = "203.0.113.11" as IpAddress;
    fixture.change((draft) => {
      draft.elasticAddresses["eipalloc-2"] = { publicIp: second };
    });
    const a = await fixture.identified(1, OPTIONS);
    expect(await obstacleCodes(a, [VIP, second])).toEqual(["aws/private-address-shared"]);
    const missing = await fixture.identified(1, { ...OPTIONS, private_addresses: { [second]: "10.0.0.77" } });
    expect(await obstacleCodes(missing, [VIP, second])).toEqual(["aws/private-address-missing"]);
  });
});
