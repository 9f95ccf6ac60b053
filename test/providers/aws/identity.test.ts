import { afterEach, describe, expect, it } from "vitest";
import { awsOptions } from "../../../providers/aws/options.ts";
import type { IpAddress } from "../../../src/base/ip.ts";
import { addInterface, REGION, SUBNET_A } from "../../cloud/aws/world.ts";
import { AwsFixture, live, nodeA, refusalOf } from "./against-emulator.ts";

let fixture: AwsFixture;
const start = async () => {
  fixture = await AwsFixture.start();
};

afterEach(() => fixture.stop());

describe("identifying this server", () => {
  it("finds the network interface by the MAC of the system's interface", async () => {
    await start();
    const provider = fixture.create(1, undefined, { hardwareAddress: nodeA.mac.toUpperCase() });
    expect(await provider.identify(live())).toMatchObject({
      instanceId: nodeA.instanceId,
      networkInterfaceId: nodeA.interfaceId,
      subnetId: SUBNET_A,
      zone: `${REGION}a`,
      region: REGION,
    });
  });

  it("takes the interface that is named and not the first of the instance", async () => {
    await start();
    const second = { instanceId: nodeA.instanceId, mac: "0a:00:00:00:00:aa", address: "10.0.0.51" };
    const interfaces: string[] = [];
    fixture.change((draft) => interfaces.push(addInterface(draft, second)));
    const provider = fixture.create(1, undefined, {
      hardwareAddress: second.mac,
      sourceAddress: second.address as IpAddress,
    });
    expect((await provider.identify(live())).networkInterfaceId).toBe(interfaces[0]);
  });

  it("refuses an interface that the instance does not have", async () => {
    await start();
    const provider = fixture.create(1, undefined, { hardwareAddress: "0a:00:00:00:99:99" });
    const { facts } = await refusalOf(provider.identify(live()));
    expect(facts.kind).toBe("misconfigured");
    expect(facts.message).toContain(`it has ${nodeA.mac}`);
  });

  it("refuses to guess when the adverts leave by another interface than the one named", async () => {
    await start();
    const second = { instanceId: nodeA.instanceId, mac: "0a:00:00:00:00:aa", address: "10.0.0.51" };
    fixture.change((draft) => addInterface(draft, second));
    const provider = fixture.create(1, undefined, { sourceAddress: second.address as IpAddress });
    expect((await refusalOf(provider.identify(live()))).message).toContain(
      "10.0.0.51, the source of the adverts, belongs to the interface 0a:00:00:00:00:aa",
    );
  });

  it("refuses a region that is not this server's", async () => {
    await start();
    const provider = fixture.create(1, { mechanism: "secondary-ip", region: "us-east-1" });
    expect((await refusalOf(provider.identify(live()))).facts).toMatchObject({
      kind: "misconfigured",
      message: `the configuration names the region us-east-1, and this server is in ${REGION}`,
    });
  });

  it("says what is missing when the instance has no role", async () => {
    await start();
    fixture.change((draft) => {
      draft.instances[nodeA.instanceId]!.role = undefined;
    });
    const { facts } = await refusalOf(fixture.create(1).identify(live()));
    expect(facts.kind).toBe("denied");
    expect(facts.hint).toContain("IAM role");
  });

  it("says that metadata are down, and finds itself once they are up", async () => {
    await start();
    const provider = fixture.create(1);
    const fault = fixture.emulator.cloud.faults.inject({ kind: "metadata-down" });
    expect((await refusalOf(provider.identify(live()))).facts.kind).toBe("unreachable");
    fixture.emulator.cloud.faults.clear(fault);
    expect((await provider.identify(live())).instanceId).toBe(nodeA.instanceId);
  });

  it("gets a new metadata token when the old one is refused", async () => {
    await start();
    const provider = await fixture.identified(1);
    fixture.emulator.forgetMetadataTokens(nodeA.instanceId);
    await provider.identify(live());
  });
});

describe("the options", () => {
  const problems = (options: unknown) => {
    const result = awsOptions.safeParse(options);
    return result.success ? [] : result.error.issues.map((issue) => issue.path.join("."));
  };

  it("belong to one mechanism each", async () => {
    await start();
    expect(problems({ mechanism: "secondary-ip", route_tables: ["rtb-1"] })).toHaveLength(1);
    expect(problems({ mechanism: "route" })).toEqual(["route_tables"]);
    expect(problems({ mechanism: "route", route_tables: ["rtb-1", "rtb-1"] })).toEqual(["route_tables"]);
    expect(problems({ mechanism: "network-interface", network_interface: "eth1" })).toEqual([
      "network_interface",
    ]);
    expect(problems({})).toEqual(["mechanism"]);
  });
});
