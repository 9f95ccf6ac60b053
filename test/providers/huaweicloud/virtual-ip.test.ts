import { afterEach, describe, expect, it } from "vitest";
import { huaweicloudOptions } from "../../../providers/huaweicloud/options.ts";
import { provider as definition } from "../../../providers/huaweicloud/provider.ts";
import type { IpAddress } from "../../../src/base/ip.ts";
import type { ExampleCloud } from "../../cloud/huaweicloud/example-cloud.ts";
import { ADDRESS_A, ADDRESS_B, HuaweiFixture, live, refusalOf, VIP } from "./against-emulator.ts";

let fixture: HuaweiFixture;
const start = async (cloud?: ExampleCloud) => {
  fixture = await HuaweiFixture.start(cloud);
};

afterEach(() => fixture.stop());

const mine = { vip: VIP, owner: { kind: "mine", source: "api" } };
const nobodys = { vip: VIP, owner: { kind: "nobody", source: "api" } };

describe("a virtual IP that is bound to every node", () => {
  it("is moved by gratuitous ARP, so a claim finds nothing to write", async () => {
    await start();
    const provider = await fixture.identified(0);
    await provider.claim([VIP], live());
    expect(fixture.writes()).toEqual([]);
    expect(definition.kindOf(huaweicloudOptions.parse({ mechanism: "virtual-ip" }))).toBe("claim");
  });

  it("is mine on every node: the cloud lets each have it", async () => {
    await start();
    expect(await (await fixture.identified(0)).owner([VIP], live())).toEqual([mine]);
    expect(await (await fixture.identified(1)).owner([VIP], live())).toEqual([mine]);
  });

  it("asks the cloud once for all virtual IPs of a subnet", async () => {
    await start({ virtualAddresses: [VIP, "192.168.0.68", "192.168.0.69"] });
    const provider = await fixture.identified(0);
    await provider.owner([VIP, "192.168.0.68" as IpAddress, "192.168.0.69" as IpAddress], live());
    expect(fixture.emulator.journal.entries({ action: "ListPorts" })).toHaveLength(1);
  });
});

describe("a virtual IP that is not bound to this node", () => {
  it("is nobody's until a claim binds it, which keeps the bindings of others", async () => {
    await start();
    fixture.changePort(fixture.vipPort(), { allowed_address_pairs: [{ ip_address: ADDRESS_B }] });
    const provider = await fixture.identified(0);
    expect(await provider.owner([VIP], live())).toEqual([nobodys]);
    await provider.claim([VIP], live());
    expect(fixture.boundTo()).toEqual([ADDRESS_B, ADDRESS_A]);
    expect(await provider.owner([VIP], live())).toEqual([mine]);
  });

  it("is named as an obstacle while BACKUP, and nothing is written", async () => {
    await start();
    fixture.changePort(fixture.vipPort(), { allowed_address_pairs: [{ ip_address: ADDRESS_B }] });
    const { ready, obstacles } = await (await fixture.identified(0)).rehearse([VIP], live());
    expect([ready, obstacles.map((obstacle) => obstacle.code)]).toEqual([false, ["huaweicloud/not-bound"]]);
    expect(fixture.boundTo()).toEqual([ADDRESS_B]);
  });

  it("cannot be bound to an eleventh interface, which is said beforehand", async () => {
    await start();
    const taken = Array.from({ length: 10 }, (_, index) => ({ ip_address: `192.168.0.${100 + index}` }));
    fixture.changePort(fixture.vipPort(), { allowed_address_pairs: taken });
    const provider = await fixture.identified(0);
    expect((await provider.rehearse([VIP], live())).obstacles).toMatchObject([
      { code: "huaweicloud/binding-limit" },
    ]);
    expect((await refusalOf(provider.claim([VIP], live()))).retry).toBe("slowly");
  });
});

describe("the source/destination check", () => {
  const checked = async () => {
    await start();
    const foreign = [{ ip_address: "172.16.0.0/24" }];
    fixture.changePort(fixture.nic(0), { allowed_address_pairs: foreign });
  };

  it("that is on makes the virtual IP nobody's until a claim switches it off, keeping other pairs", async () => {
    await checked();
    const provider = await fixture.identified(0);
    expect(await provider.owner([VIP], live())).toEqual([nobodys]);
    await provider.claim([VIP], live());
    expect(fixture.nic(0).allowed_address_pairs.map((pair) => pair.ip_address)).toEqual([
      "172.16.0.0/24",
      "1.1.1.1/0",
    ]);
    expect(await provider.owner([VIP], live())).toEqual([mine]);
  });

  it("is left alone on request, but named", async () => {
    await checked();
    const provider = await fixture.identified(0, { source_destination_check: "ignore" });
    expect(await provider.owner([VIP], live())).toEqual([mine]);
    await provider.claim([VIP], live());
    expect(fixture.writes()).toEqual([]);
    expect((await provider.rehearse([VIP], live())).obstacles).toMatchObject([
      { code: "huaweicloud/source-destination-check" },
    ]);
  });

  it("does not exist on a port without port security", async () => {
    await checked();
    fixture.changePort(fixture.nic(0), { port_security_enabled: false });
    expect(await (await fixture.identified(0)).owner([VIP], live())).toEqual([mine]);
  });
});

describe("an exclusive binding", () => {
  const exclusive = { exclusive: true };

  it("moves the virtual IP by the API", async () => {
    await start();
    expect(definition.kindOf(huaweicloudOptions.parse({ mechanism: "virtual-ip", ...exclusive }))).toBe(
      "move",
    );
  });

  it("belongs to the node that claimed it last, and the other one sees whose it is", async () => {
    await start();
    const [a, b] = [await fixture.identified(0, exclusive), await fixture.identified(1, exclusive)];
    await a.claim([VIP], live());
    expect(fixture.boundTo()).toEqual([ADDRESS_A]);
    await b.claim([VIP], live());
    expect(fixture.boundTo()).toEqual([ADDRESS_B]);
    expect(await a.owner([VIP], live())).toEqual([
      {
        vip: VIP,
        owner: { kind: "other", source: "api", holder: ADDRESS_B, addresses: [ADDRESS_B], stopped: false },
      },
    ]);
    expect(await b.owner([VIP], live())).toEqual([mine]);
  });

  it("is nobody's while the virtual IP is bound to others too", async () => {
    await start();
    expect(await (await fixture.identified(0, exclusive)).owner([VIP], live())).toEqual([nobodys]);
  });

  it("is claimed with a write and no look first, once the node has rehearsed", async () => {
    await start();
    const provider = await fixture.identified(0, { ...exclusive, source_destination_check: "ignore" });
    await provider.rehearse([VIP], live());
    fixture.emulator.journal.clear();
    await provider.claim([VIP], live());
    expect(fixture.emulator.journal.entries().map((entry) => entry.action)).toEqual(["UpdatePort"]);
  });

  it("is claimed even after the virtual IP was deleted and made anew", async () => {
    await start();
    const provider = await fixture.identified(0, exclusive);
    await provider.rehearse([VIP], live());
    const old = fixture.vipPort();
    fixture.emulator.change((state) => {
      const { [old.id]: _, ...rest } = state.ports;
      return { ...state, ports: { ...rest, anew: { ...old, id: "anew", allowed_address_pairs: [] } } };
    });
    await provider.claim([VIP], live());
    expect([fixture.vipPort().id, fixture.boundTo()]).toEqual(["anew", [ADDRESS_A]]);
  });
});

describe("an EIP on the virtual IP", () => {
  const eipId = () => Object.keys(fixture.emulator.state().publicIps)[0] ?? "";
  const eip = () => fixture.emulator.state().publicIps[eipId()];

  it("is bound by a claim when it is unbound, and then left alone", async () => {
    await start();
    const provider = await fixture.identified(0, { eips: { [VIP]: eipId() } });
    expect(await provider.owner([VIP], live())).toEqual([nobodys]);
    await provider.claim([VIP], live());
    expect(eip()).toMatchObject({ status: "ACTIVE", port_id: fixture.vipPort().id });
    expect(await provider.owner([VIP], live())).toEqual([mine]);
    fixture.emulator.journal.clear();
    await provider.claim([VIP], live());
    expect(fixture.writes()).toEqual([]);
  });

  it("that is bound elsewhere is never taken away, but named", async () => {
    await start();
    const elsewhere = fixture.nic(1).id;
    fixture.emulator.change((state) => ({
      ...state,
      publicIps: { [eipId()]: { ...state.publicIps[eipId()]!, status: "ACTIVE", port_id: elsewhere } },
    }));
    const provider = await fixture.identified(0, { eips: { [VIP]: eipId() } });
    await provider.claim([VIP], live());
    expect(eip()?.port_id).toBe(elsewhere);
    expect((await provider.rehearse([VIP], live())).obstacles).toMatchObject([
      { code: "huaweicloud/eip-elsewhere" },
    ]);
  });
});

describe("an address that is no virtual IP", () => {
  it("is said to be free when nothing has it", async () => {
    await start();
    const error = await refusalOf((await fixture.identified(0)).claim(["192.168.0.99" as IpAddress], live()));
    expect(error.facts).toMatchObject({
      kind: "not-found",
      message: expect.stringContaining("192.168.0.99"),
    });
  });

  it("is said to be something else's when a server has it", async () => {
    await start();
    const error = await refusalOf((await fixture.identified(0)).claim([ADDRESS_B], live()));
    expect(error.facts).toMatchObject({
      kind: "misconfigured",
      message: expect.stringContaining("compute:"),
    });
  });

  it("does not keep the others from being claimed", async () => {
    await start({ bound: false });
    const provider = await fixture.identified(0);
    await refusalOf(provider.claim(["192.168.0.99" as IpAddress, VIP], live()));
    expect(fixture.boundTo()).toEqual([ADDRESS_A]);
  });

  it("has an owner that is unknown, and not lost", async () => {
    await start();
    const [first] = await (await fixture.identified(0)).owner(["192.168.0.99" as IpAddress], live());
    expect(first?.owner).toMatchObject({ kind: "unknown", why: expect.stringContaining("no virtual IP") });
  });
});
