import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { IpAddress } from "../../../src/base/ip.ts";
import { MAIN_TABLE, SUBNET_B_TABLE, VPC_ID } from "../../cloud/aws/world.ts";
import {
  AwsFixture,
  live,
  nodeA,
  nodeC,
  obstacleCodes,
  ownerOf,
  PATIENCE,
  refusalOf,
} from "./against-emulator.ts";

const VIP = "192.168.255.10" as IpAddress;
const OPTIONS = { mechanism: "route", route_tables: [MAIN_TABLE, SUBNET_B_TABLE] };

let fixture: AwsFixture;

beforeEach(async () => {
  fixture = await AwsFixture.start();
  fixture.change((draft) => {
    for (const one of Object.values(draft.interfaces)) one.sourceDestCheck = false;
  });
});
afterEach(() => fixture.stop());

function target(table: string, vip: string = VIP) {
  const prefixLength = vip.includes(":") ? 128 : 32;
  return fixture.state.routeTables[table]?.routes.find(
    (route) => route.destination === `${vip}/${prefixLength}`,
  )?.target;
}

describe("a VIP behind routes", () => {
  it("gets its routes at the first claim, and has them replaced from then on", async () => {
    const [a, c] = [await fixture.identified(1, OPTIONS), await fixture.identified(3, OPTIONS)];
    await a.claim([VIP], live());
    for (const table of OPTIONS.route_tables)
      expect(target(table)).toEqual({ interfaceId: nodeA.interfaceId });
    fixture.emulator.cloud.journal.clear();
    await c.claim([VIP], live());
    for (const table of OPTIONS.route_tables)
      expect(target(table)).toEqual({ interfaceId: nodeC.interfaceId });
    expect(fixture.changes()).toEqual(["ReplaceRoute", "ReplaceRoute"]);
  });

  it("may be an IPv6 address", async () => {
    const vip = "fd00:77::10" as IpAddress;
    const a = await fixture.identified(1, OPTIONS);
    await a.claim([vip], live());
    expect(target(MAIN_TABLE, vip)).toEqual({ interfaceId: nodeA.interfaceId });
    expect(await ownerOf(a, vip)).toEqual({ kind: "mine", source: "api" });
  });

  it("moves in the tables that work when one does not, and names that one", async () => {
    const a = await fixture.identified(1, { ...OPTIONS, route_tables: [MAIN_TABLE, "rtb-0bad"] });
    const error = await refusalOf(a.claim([VIP], live()));
    expect(error.facts.kind).toBe("not-found");
    expect(error.message).toContain(
      "1 of 2 calls failed: rtb-0bad (ec2:ReplaceRoute: InvalidRouteTableID.NotFound",
    );
    expect(target(MAIN_TABLE)).toEqual({ interfaceId: nodeA.interfaceId });
  });

  it("is worth another try as long as one table may succeed then", async () => {
    const a = await fixture.identified(1, { ...OPTIONS, route_tables: [MAIN_TABLE, "rtb-0bad"] });
    await refusalOf(a.claim([VIP], live()));
    fixture.emulator.cloud.faults.inject({ kind: "throttle", action: "ReplaceRoute", count: 1 });
    expect((await refusalOf(a.claim([VIP], live()))).retry).toBe("soon");
  });

  it("changes twenty tables at once", async () => {
    const tables = Array.from(
      { length: 20 },
      (_, index) => `rtb-${(index + 1).toString(16).padStart(4, "0")}`,
    );
    fixture.change((draft) => {
      for (const table of tables) {
        draft.routeTables[table] = { vpcId: VPC_ID, main: false, subnetIds: [], routes: [] };
      }
    });
    const a = await fixture.identified(1, { ...OPTIONS, route_tables: tables });
    // None is answered before all have arrived, so calls one after the other would never end.
    fixture.emulator.cloud.faults.inject({ kind: "hang", action: "ReplaceRoute", count: 20 });
    const abort = new AbortController();
    const claim = a.claim([VIP], abort.signal);
    await expect.poll(() => fixture.changes().length, PATIENCE).toBe(20);
    abort.abort(new Error("enough"));
    await expect(claim).rejects.toThrow("enough");
  });
});

describe("who has a routed VIP", () => {
  it("is nobody until every table leads here", async () => {
    const partly = await fixture.identified(1, { ...OPTIONS, route_tables: [MAIN_TABLE] });
    await partly.claim([VIP], live());
    const a = await fixture.identified(1, OPTIONS);
    expect(await ownerOf(a, VIP)).toEqual({ kind: "nobody", source: "api" });
    await a.claim([VIP], live());
    expect(await ownerOf(a, VIP)).toEqual({ kind: "mine", source: "api" });
  });

  it("is another as soon as one table leads there", async () => {
    const [a, c] = [await fixture.identified(1, OPTIONS), await fixture.identified(3, OPTIONS)];
    await a.claim([VIP], live());
    fixture.change((draft) => {
      const route = draft.routeTables[SUBNET_B_TABLE]!.routes.at(-1)!;
      draft.routeTables[SUBNET_B_TABLE]!.routes = [{ ...route, target: { interfaceId: nodeC.interfaceId } }];
    });
    expect(await ownerOf(a, VIP)).toEqual({
      kind: "other",
      source: "api",
      holder: nodeC.instanceId,
      addresses: [nodeC.address],
      stopped: false,
    });
    await c.claim([VIP], live());
    expect(await ownerOf(c, VIP)).toMatchObject({ kind: "mine" });
  });

  it("is a stopped server when the route is a blackhole", async () => {
    const [a, c] = [await fixture.identified(1, OPTIONS), await fixture.identified(3, OPTIONS)];
    await a.claim([VIP], live());
    fixture.emulator.cloud.setInstanceState(nodeA.instanceId, "stopped");
    expect(await ownerOf(c, VIP)).toMatchObject({ kind: "other", stopped: true });
  });

  it("is unknown when a table does not exist", async () => {
    const a = await fixture.identified(1, { ...OPTIONS, route_tables: ["rtb-0bad"] });
    expect(await ownerOf(a, VIP)).toMatchObject({ kind: "unknown" });
  });
});

describe("rehearsing with routes", () => {
  it("finds nothing in the way, and changes nothing", async () => {
    const a = await fixture.identified(1, OPTIONS);
    expect((await a.rehearse([VIP], live())).obstacles).toEqual([]);
    expect(target(MAIN_TABLE)).toBeUndefined();
  });

  it("finds a source/destination check that is on, with the command that switches it off", async () => {
    fixture.change((draft) => {
      draft.interfaces[nodeA.interfaceId]!.sourceDestCheck = true;
    });
    const { obstacles } = await (await fixture.identified(1, OPTIONS)).rehearse([VIP], live());
    expect(obstacles).toMatchObject([
      { code: "aws/source-dest-check", hint: expect.stringContaining("--no-source-dest-check") },
    ]);
  });

  it("finds a VIP inside the VPC, a table that is not there, and a missing permission", async () => {
    const a = await fixture.identified(1, OPTIONS);
    expect(await obstacleCodes(a, ["10.0.0.100" as IpAddress])).toEqual(["aws/vip-inside-vpc"]);
    const bad = await fixture.identified(1, { ...OPTIONS, route_tables: ["rtb-0bad"] });
    expect(await obstacleCodes(bad, [VIP])).toEqual(["aws/not-found"]);
    fixture.emulator.cloud.permissions.deny("ReplaceRoute");
    expect(await obstacleCodes(a, [VIP])).toEqual(["aws/permission-denied"]);
  });

  it("asks for the right to create routes only where one is missing", async () => {
    fixture.emulator.cloud.permissions.deny("CreateRoute", nodeC.instanceId);
    const [a, c] = [await fixture.identified(1, OPTIONS), await fixture.identified(3, OPTIONS)];
    expect(await obstacleCodes(c, [VIP])).toEqual(["aws/permission-denied"]);
    await a.claim([VIP], live());
    expect(await obstacleCodes(c, [VIP])).toEqual([]);
  });
});
