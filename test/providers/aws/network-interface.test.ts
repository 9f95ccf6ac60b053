import { afterEach, describe, expect, it } from "vitest";
import type { IpAddress } from "../../../src/base/ip.ts";
import type { AwsEmulatorOptions } from "../../cloud/aws/emulator.ts";
import { attachmentAt } from "../../cloud/aws/state.ts";
import { REGION, SPARE_INTERFACE } from "../../cloud/aws/world.ts";
import {
  AwsFixture,
  live,
  nodeA,
  nodeB,
  obstacleCodes,
  ownerOf,
  PATIENCE,
  refusalOf,
} from "./against-emulator.ts";

/** The spare interface's own address moves with it. */
const VIP = "10.0.0.240" as IpAddress;
const OPTIONS = { mechanism: "network-interface", network_interface: SPARE_INTERFACE };

let fixture: AwsFixture;
const start = async (options: AwsEmulatorOptions = {}) => {
  fixture = await AwsFixture.start(options);
};

afterEach(() => fixture.stop());

function holder(): string | undefined {
  const spare = fixture.state.interfaces[SPARE_INTERFACE];
  return spare && attachmentAt(spare, fixture.emulator.cloud.clock.now())?.instanceId;
}

describe("a network interface that moves", () => {
  it("is attached here, wherever it was", async () => {
    await start({ attachMs: 50, detachMs: 50 });
    const [a, b] = [await fixture.identified(1, OPTIONS), await fixture.identified(2, OPTIONS)];
    await a.claim([VIP], live());
    expect(holder()).toBe(nodeA.instanceId);
    await b.claim([VIP], live());
    expect(holder()).toBe(nodeB.instanceId);
    await b.claim([VIP], live());
    expect(fixture.changes()).toEqual([
      "AttachNetworkInterface",
      "DetachNetworkInterface",
      "AttachNetworkInterface",
    ]);
  });

  it("is torn from a server that does not let go", async () => {
    await start({ detachMs: 3_600_000 });
    const [a, b] = [
      await fixture.identified(1, OPTIONS),
      await fixture.identified(2, { ...OPTIONS, force_detach_after: 0.1 }),
    ];
    await a.claim([VIP], live());
    await b.claim([VIP], live());
    expect(holder()).toBe(nodeB.instanceId);
    expect(fixture.logged).toEqual([`detaching ${SPARE_INTERFACE} by force`]);
  });

  it("that is detaching is not let go a second time, and the wait can be aborted", async () => {
    await start({ detachMs: 3_600_000 });
    const [a, b] = [await fixture.identified(1, OPTIONS), await fixture.identified(2, OPTIONS)];
    await a.claim([VIP], live());
    const abort = new AbortController();
    const claim = b.claim([VIP], abort.signal);
    await expect.poll(() => fixture.changes(), PATIENCE).toContain("DetachNetworkInterface");
    abort.abort();
    await expect(claim).rejects.toThrow();
    expect(await ownerOf(a, VIP)).toMatchObject({ kind: "unknown" });
  });

  it("belongs to the server it is attached to, whose addresses are told", async () => {
    await start();
    const [a, b] = [await fixture.identified(1, OPTIONS), await fixture.identified(2, OPTIONS)];
    expect(await ownerOf(b, VIP)).toEqual({ kind: "nobody", source: "api" });
    await a.claim([VIP], live());
    expect(await ownerOf(a, VIP)).toEqual({ kind: "mine", source: "api" });
    expect(await ownerOf(b, VIP)).toEqual({
      kind: "other",
      source: "api",
      holder: nodeA.instanceId,
      addresses: [nodeA.address],
      stopped: false,
    });
    expect(await ownerOf(b, "10.0.0.241" as IpAddress)).toMatchObject({ kind: "unknown" });
  });
});

describe("rehearsing with a network interface", () => {
  it("finds nothing in the way of a sound pair", async () => {
    await start();
    expect(await obstacleCodes(await fixture.identified(2, OPTIONS), [VIP])).toEqual([]);
    expect(holder()).toBeUndefined();
  });

  it("finds a server in another zone, a VIP that would stay behind, a primary interface", async () => {
    await start();
    const c = await fixture.identified(3, OPTIONS);
    expect((await c.rehearse([VIP], live())).obstacles[0]?.message).toBe(
      `${SPARE_INTERFACE} is in ${REGION}a, this server in ${REGION}b`,
    );
    const b = await fixture.identified(2, OPTIONS);
    expect(await obstacleCodes(b, ["10.0.0.241" as IpAddress])).toEqual(["aws/vip-not-on-interface"]);
    const primary = await fixture.identified(2, { ...OPTIONS, network_interface: nodeA.interfaceId });
    expect(await obstacleCodes(primary, [nodeA.address as IpAddress])).toEqual(["aws/interface-is-primary"]);
  });

  it("finds an interface that does not exist, and a missing permission", async () => {
    await start();
    const none = await fixture.identified(2, { ...OPTIONS, network_interface: "eni-0bad" });
    expect(await obstacleCodes(none, [VIP])).toEqual(["aws/not-found"]);
    expect((await refusalOf(none.claim([VIP], live()))).facts.kind).toBe("not-found");
    fixture.emulator.cloud.permissions.deny("AttachNetworkInterface");
    expect(await obstacleCodes(await fixture.identified(2, OPTIONS), [VIP])).toEqual([
      "aws/permission-denied",
    ]);
  });
});
