import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { huaweicloudOptions } from "../../../providers/huaweicloud/options.ts";
import { provider as definition } from "../../../providers/huaweicloud/provider.ts";
import type { IpAddress } from "../../../src/base/ip.ts";
import type { Route } from "../../cloud/huaweicloud/wire.ts";
import { ADDRESS_A, ADDRESS_B, HuaweiFixture, live, OVERLAY, refusalOf } from "./against-emulator.ts";

const OTHER = "10.99.0.6" as IpAddress;
const FOREIGN: Route = { type: "peering", destination: "10.98.0.0/16", nexthop: "peering-1" };
let fixture: HuaweiFixture;

beforeEach(async () => {
  fixture = await HuaweiFixture.start({ overlays: [`${OVERLAY}/32`, `${OTHER}/32`] });
});

afterEach(() => fixture.stop());

const tableIds = () => Object.keys(fixture.emulator.state().routeTables);
const options = () => ({ mechanism: "route", route_tables: tableIds() });
const routesOf = (table: string) => fixture.emulator.state().routeTables[table]?.routes ?? [];
const setRoutes = (table: string, routes: readonly Route[]) =>
  fixture.emulator.change((state) => ({
    ...state,
    routeTables: { ...state.routeTables, [table]: { ...state.routeTables[table]!, routes } },
  }));

describe("routes to a VIP outside the VPC", () => {
  it("are moved by the API", () => {
    expect(definition.kindOf(huaweicloudOptions.parse(options()))).toBe("move");
  });

  it("lead here in every named table after a claim, with one write a table, and other routes stay", async () => {
    const [first = ""] = tableIds();
    setRoutes(first, [...routesOf(first), FOREIGN]);
    const provider = await fixture.identified(1, { ...options(), source_destination_check: "ignore" });
    fixture.emulator.journal.clear();
    await provider.claim([OVERLAY, OTHER], live());
    const here = { type: "ecs", nexthop: fixture.serverId(1) };
    const moved = [
      { ...here, destination: `${OVERLAY}/32` },
      { ...here, destination: `${OTHER}/32` },
    ];
    expect(tableIds().map(routesOf)).toEqual([[...moved, FOREIGN], moved]);
    expect(fixture.emulator.journal.entries({ surface: "api" }).map((entry) => entry.action)).toEqual([
      "UpdateRouteTable",
      "UpdateRouteTable",
    ]);
  });

  it("are added where they are missing", async () => {
    const [, second = ""] = tableIds();
    setRoutes(second, [FOREIGN]);
    await (await fixture.identified(1, options())).claim([OVERLAY], live());
    expect(routesOf(second).map((route) => route.destination)).toEqual([
      FOREIGN.destination,
      `${OVERLAY}/32`,
    ]);
  });

  it("lead to the network interface on request", async () => {
    await (await fixture.identified(1, { ...options(), next_hop: "eni" })).claim([OVERLAY], live());
    expect(routesOf(tableIds()[0] ?? "")[0]).toMatchObject({ type: "eni", nexthop: fixture.nic(1).id });
  });

  it("are moved in the other tables when one fails, and the failed one is named", async () => {
    const provider = await fixture.identified(1, {
      ...options(),
      route_tables: ["no-such-table", ...tableIds()],
    });
    const error = await refusalOf(provider.claim([OVERLAY], live()));
    expect(error.facts).toMatchObject({
      kind: "not-found",
      message: expect.stringContaining("no-such-table"),
    });
    expect(tableIds().map((table) => routesOf(table)[0]?.nexthop)).toEqual([
      fixture.serverId(1),
      fixture.serverId(1),
    ]);
  });

  it("switch the source/destination check off on the way", async () => {
    fixture.changePort(fixture.nic(1), { allowed_address_pairs: [] });
    await (await fixture.identified(1, options())).claim([OVERLAY], live());
    expect(fixture.nic(1).allowed_address_pairs).toMatchObject([{ ip_address: "1.1.1.1/0" }]);
  });
});

describe("the owner of a routed VIP", () => {
  it("is the node that every table names, and its addresses tell which peer it is", async () => {
    const [a, b] = [await fixture.identified(0, options()), await fixture.identified(1, options())];
    expect(await a.owner([OVERLAY], live())).toEqual([
      { vip: OVERLAY, owner: { kind: "mine", source: "api" } },
    ]);
    expect(await b.owner([OVERLAY], live())).toEqual([
      {
        vip: OVERLAY,
        owner: {
          kind: "other",
          source: "api",
          holder: fixture.serverId(0),
          addresses: [ADDRESS_A],
          stopped: false,
        },
      },
    ]);
  });

  it("is the other one while a single table still names it", async () => {
    const provider = await fixture.identified(0, options());
    const [, second = ""] = tableIds();
    setRoutes(second, [{ type: "ecs", destination: `${OVERLAY}/32`, nexthop: fixture.serverId(1) }]);
    expect(await provider.owner([OVERLAY], live())).toMatchObject([
      { owner: { kind: "other", addresses: [ADDRESS_B] } },
    ]);
  });

  it("is nobody while a table has no route", async () => {
    setRoutes(tableIds()[1] ?? "", []);
    const provider = await fixture.identified(0, options());
    expect(await provider.owner([OVERLAY], live())).toMatchObject([{ owner: { kind: "nobody" } }]);
  });
});

describe("readiness of a node for routes", () => {
  it("names a table that is not there and one that has no room", async () => {
    const full = Array.from({ length: 200 }, (_, index) => ({
      ...FOREIGN,
      destination: `10.1.${index}.0/24`,
    }));
    setRoutes(tableIds()[0] ?? "", full);
    const provider = await fixture.identified(1, {
      ...options(),
      route_tables: [...tableIds(), "no-such-table"],
    });
    const { obstacles } = await provider.rehearse([OVERLAY], live());
    expect(obstacles.map((obstacle) => obstacle.code)).toEqual([
      "huaweicloud/route-limit",
      "huaweicloud/not-found",
    ]);
  });

  it("is proved by writing a table's name as it is, which moves nothing", async () => {
    const before = fixture.emulator.state().routeTables;
    const provider = await fixture.identified(1, options());
    expect(await provider.rehearse([OVERLAY], live())).toMatchObject({ ready: true, obstacles: [] });
    expect(fixture.writes()).toEqual(["UpdateRouteTable"]);
    expect(fixture.emulator.state().routeTables).toEqual(before);
    fixture.emulator.deny("vpc:routeTables:update");
    const another = await fixture.identified(1, options());
    expect((await another.rehearse([OVERLAY], live())).obstacles).toMatchObject([
      { code: "huaweicloud/permission-denied" },
    ]);
  });
});
