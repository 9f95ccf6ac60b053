import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { manualClock } from "../base/clock.ts";
import { type HuaweiEmulator, startHuaweiEmulator } from "./emulator.ts";
import { exampleCloud } from "./example-cloud.ts";
import { fetchMetadata, fetchSecurityKey, sdkClients } from "./sdk-client.ts";

let emulator: HuaweiEmulator;
let clock: ReturnType<typeof manualClock>;

beforeEach(async () => {
  // Signatures carry the time of this machine, so the cloud starts at the same.
  clock = manualClock(Date.now());
  emulator = await startHuaweiEmulator({ state: exampleCloud({ overlays: ["10.99.0.5/32"] }), clock });
});

afterEach(async () => {
  await emulator.close();
});

const nodeA = () => Object.values(emulator.state().servers)[0]!;
const nodeB = () => Object.values(emulator.state().servers)[1]!;
const nicOf = (serverId: string) =>
  Object.values(emulator.state().ports).find((port) => port.device_id === serverId)!;
const vipPort = () =>
  Object.values(emulator.state().ports).find((port) => port.device_owner === "neutron:VIP_PORT")!;

async function sdk() {
  return sdkClients(emulator, await fetchSecurityKey(emulator, nodeA().id));
}

describe("the emulated VPC service, asked by the real SDK", () => {
  it("finds a virtual IP's port by its address and device owner", async () => {
    const { v2 } = await sdk();
    const reply = plain(
      await v2.listPorts({
        network_id: vipPort().network_id,
        device_owner: "neutron:VIP_PORT",
        fixed_ips: "ip_address=192.168.0.67",
      } as never),
    );
    expect(reply).toMatchObject({ httpStatusCode: 200, ports: [{ id: vipPort().id, status: "DOWN" }] });
  });

  it("replaces all allowed address pairs of a port at once", async () => {
    const { v2 } = await sdk();
    const body = { port: { allowed_address_pairs: [{ ip_address: "192.168.0.216" }] } };
    await v2.updatePort({ port_id: vipPort().id, body } as never);
    expect(vipPort().allowed_address_pairs.map((pair) => pair.ip_address)).toEqual(["192.168.0.216"]);
  });

  it("refuses 0.0.0.0/0 as an allowed address pair and leaves the port as it was", async () => {
    const { v2 } = await sdk();
    const before = vipPort();
    const body = { port: { allowed_address_pairs: [{ ip_address: "0.0.0.0/0" }] } };
    expect(plain(await v2.updatePort({ port_id: vipPort().id, body } as never))).toMatchObject({
      httpStatusCode: 400,
      code: expect.stringMatching(/^VPC\./),
    });
    expect(vipPort()).toEqual(before);
  });

  it("creates a virtual IP in the subnet, and refuses an address that is taken or outside", async () => {
    const { v2 } = await sdk();
    const create = async (ip_address: string) => {
      const fixed_ips = [{ subnet_id: vipPort().fixed_ips[0]!.subnet_id, ip_address }];
      const port = { network_id: vipPort().network_id, device_owner: "neutron:VIP_PORT", fixed_ips };
      return plain(await v2.createPort({ body: { port } } as never));
    };
    expect(await create("192.168.0.68")).toMatchObject({ port: { device_owner: "neutron:VIP_PORT" } });
    expect(await create("192.168.0.67")).toMatchObject({ httpStatusCode: 500, code: "VPC.0701" });
    expect(await create("10.0.0.1")).toMatchObject({ httpStatusCode: 400 });
  });

  it("lists route tables without their routes, and shows one with them", async () => {
    const { v2 } = await sdk();
    const listed = plain(await v2.listRouteTables({} as never)) as { routetables: { id: string }[] };
    expect(listed.routetables).toHaveLength(2);
    expect(listed.routetables[0]).not.toHaveProperty("routes");
    const shown = plain(await v2.showRouteTable({ routetable_id: listed.routetables[0]!.id } as never));
    expect(shown).toMatchObject({
      routetable: { routes: [{ type: "ecs", destination: "10.99.0.5/32", nexthop: nodeA().id }] },
    });
  });

  it("moves a route to another server, and refuses one that is not there or leads nowhere", async () => {
    const { v2 } = await sdk();
    const [table] = Object.values(emulator.state().routeTables);
    const mod = async (destination: string, nexthop: string) => {
      const body = { routetable: { routes: { mod: [{ type: "ecs", destination, nexthop }] } } };
      return plain(await v2.updateRouteTable({ routetable_id: table!.id, body } as never));
    };
    expect(await mod("10.99.0.5/32", nodeB().id)).toMatchObject({ httpStatusCode: 200 });
    expect(emulator.state().routeTables[table!.id]!.routes[0]!.nexthop).toBe(nodeB().id);
    expect(await mod("10.99.0.6/32", nodeB().id)).toMatchObject({ httpStatusCode: 404 });
    expect(await mod("10.99.0.5/32", "no-such-server")).toMatchObject({ httpStatusCode: 400 });
  });

  it("binds an EIP to a virtual IP's port, and refuses one that is bound elsewhere", async () => {
    const { client } = await sdk();
    const [eip] = Object.values(emulator.state().publicIps);
    const bind = async (port_id: string) => {
      const options = {
        method: "PUT",
        url: `/v1/{project_id}/publicips/${eip!.id}`,
        contentType: "application/json",
        queryParams: {},
        pathParams: {},
        headers: {},
        data: { publicip: { port_id } },
      };
      return plain(await client.sendRequest(options));
    };
    expect(await bind(vipPort().id)).toMatchObject({ publicip: { status: "ACTIVE", port_id: vipPort().id } });
    expect(await bind(nicOf(nodeA().id).id)).toMatchObject({ httpStatusCode: 409, code: "VPC.0510" });
    expect(await bind("")).toMatchObject({ publicip: { status: "DOWN" } });
  });

  it("answers a dry run of a security group rule with 202 and adds nothing", async () => {
    const { v3 } = await sdk();
    const before = emulator.state().securityGroupRules;
    const rule = { security_group_id: Object.keys(emulator.state().securityGroups)[0], direction: "ingress" };
    const body = { dry_run: true, security_group_rule: { ...rule, protocol: "112" } };
    expect(plain(await v3.createSecurityGroupRule({ body } as never))).toMatchObject({ httpStatusCode: 202 });
    expect(emulator.state().securityGroupRules).toEqual(before);
  });

  it("words a missing resource in the shape of the API that was asked", async () => {
    const { v2, v3 } = await sdk();
    expect(plain(await v2.showPort({ port_id: "nowhere" } as never))).toMatchObject({
      httpStatusCode: 404,
      code: "VPC.2204",
    });
    expect(plain(await v2.neutronShowPort({ port_id: "nowhere" } as never))).toMatchObject({
      httpStatusCode: 404,
      NeutronError: { type: "PortNotFound" },
    });
    const body = { security_group_rule: { security_group_id: "nowhere" } };
    expect(plain(await v3.createSecurityGroupRule({ body } as never))).toMatchObject({
      httpStatusCode: 404,
      error_code: "VPC.9904",
    });
  });

  it("shows readers the past while reads lag", async () => {
    const { v2 } = await sdk();
    emulator.setReadLag(5_000);
    clock.advance(10_000);
    const body = { port: { allowed_address_pairs: [] } };
    await v2.updatePort({ port_id: vipPort().id, body } as never);
    const pairs = async () =>
      (
        plain(await v2.showPort({ port_id: vipPort().id } as never)) as {
          port: { allowed_address_pairs: unknown[] };
        }
      ).port.allowed_address_pairs;
    expect(await pairs()).toHaveLength(2);
    clock.advance(5_001);
    expect(await pairs()).toHaveLength(0);
  });
});

describe("the gateway before the emulated service", () => {
  it("refuses a wrong secret, an unknown key, a foreign token, a foreign project and a skewed clock", async () => {
    const key = await fetchSecurityKey(emulator, nodeA().id);
    const show = async (overrides: Partial<typeof key>, project?: string) => {
      const { v2 } = sdkClients(emulator, { ...key, ...overrides }, project);
      return plain(await v2.showPort({ port_id: vipPort().id } as never));
    };
    const refusal = { httpStatusCode: 401, error_code: "APIGW.0301" };
    expect(await show({})).toMatchObject({ httpStatusCode: 200 });
    expect(await show({ secret: "wrong" })).toMatchObject(refusal);
    expect(await show({ access: "UNKNOWN" })).toMatchObject(refusal);
    expect(await show({ securitytoken: "of-someone-else" })).toMatchObject(refusal);
    expect(await show({}, "another-project")).toMatchObject({ httpStatusCode: 400, code: "VPC.0007" });
    emulator.faults.inject({ kind: "clock-skew", skewMs: 16 * 60_000 });
    expect(await show({})).toMatchObject(refusal);
  });

  it("refuses credentials that have ended", async () => {
    const { v2 } = await sdk();
    emulator.expireCredentials();
    expect(plain(await v2.showPort({ port_id: vipPort().id } as never))).toMatchObject({
      httpStatusCode: 401,
    });
  });

  it("refuses a permission that was taken away, by its name", async () => {
    const { v2 } = await sdk();
    emulator.deny("vpc:ports:update");
    const body = { port: { allowed_address_pairs: [] } };
    expect(plain(await v2.updatePort({ port_id: vipPort().id, body } as never))).toMatchObject({
      httpStatusCode: 403,
      message: expect.stringContaining("vpc:ports:update"),
    });
    expect(vipPort().allowed_address_pairs).toHaveLength(2);
  });

  it("throttles a caller that is over its rate, and lets it in again later", async () => {
    await emulator.close();
    emulator = await startHuaweiEmulator({ clock, rate: { capacity: 1, refillPerSecond: 1 } });
    const { v2 } = await sdk();
    const show = async () => plain(await v2.showPort({ port_id: vipPort().id } as never));
    expect(await show()).toMatchObject({ httpStatusCode: 200 });
    expect(await show()).toMatchObject({ httpStatusCode: 429, error_code: "APIGW.0308" });
    clock.advance(1_000);
    expect(await show()).toMatchObject({ httpStatusCode: 200 });
  });

  it("journals who asked for what", async () => {
    const { v2 } = await sdk();
    await v2.showPort({ port_id: vipPort().id } as never);
    expect(emulator.journal.entries({ surface: "api" })).toMatchObject([
      { action: "ShowPort", who: nodeA().id, read: true, outcome: "ok", params: { port_id: vipPort().id } },
    ]);
  });
});

describe("the emulated metadata service of a server", () => {
  it("names the server, its project and its port by the MAC address", async () => {
    const data = await (await fetchMetadata(emulator, nodeA().id, "/openstack/latest/meta_data.json")).json();
    expect(data).toMatchObject({ uuid: nodeA().id, project_id: emulator.state().project_id });
    const network = await (
      await fetchMetadata(emulator, nodeA().id, "/openstack/latest/network_data.json")
    ).json();
    const nic = nicOf(nodeA().id);
    expect(network).toMatchObject({ links: [{ vif_id: nic.id, ethernet_mac_address: nic.mac_address }] });
  });

  it("gives new credentials ten minutes before the end of the old ones, which work meanwhile", async () => {
    const first = await fetchSecurityKey(emulator, nodeA().id);
    clock.advance(49 * 60_000);
    expect((await fetchSecurityKey(emulator, nodeA().id)).access).toBe(first.access);
    clock.advance(2 * 60_000);
    expect((await fetchSecurityKey(emulator, nodeA().id)).access).not.toBe(first.access);
  });

  it("says when the server has no agency", async () => {
    const { id } = nodeA();
    emulator.change((state) => ({
      ...state,
      servers: { ...state.servers, [id]: { ...state.servers[id]!, agency: false } },
    }));
    const answer = await fetchMetadata(emulator, id, "/openstack/latest/securitykey");
    expect([answer.status, await answer.text()]).toEqual([
      401,
      expect.stringContaining("Cloud Service Agency"),
    ]);
  });

  it("asks for a token where tokens are required", async () => {
    await emulator.close();
    emulator = await startHuaweiEmulator({ clock, metadataTokens: "required" });
    expect((await fetchMetadata(emulator, nodeA().id, "/openstack/latest/meta_data.json")).status).toBe(401);
    const token = await fetch(`${emulator.metadataUrl(nodeA().id)}/meta-data/latest/api/token`, {
      method: "PUT",
      headers: { "X-Metadata-Token-Ttl-Seconds": "60" },
    });
    const headers = { "X-Metadata-Token": await token.text() };
    const url = `${emulator.metadataUrl(nodeA().id)}/openstack/latest/meta_data.json`;
    expect((await fetch(url, { headers })).status).toBe(200);
    clock.advance(61_000);
    expect((await fetch(url, { headers })).status).toBe(401);
  });

  it("is gone while the metadata service is down", async () => {
    emulator.faults.inject({ kind: "metadata-down" });
    await expect(fetchMetadata(emulator, nodeA().id, "/openstack/latest/meta_data.json")).rejects.toThrow();
  });
});

describe("the control API, for other processes", () => {
  const control = async (method: string, path: string, body?: object) => {
    const init = body ? { method, body: JSON.stringify(body) } : { method };
    return (await fetch(`${emulator.url}/_emulator/${path}`, init)).json() as Promise<unknown>;
  };

  it("sets faults, lag, permissions and the end of credentials, and shows state and journal", async () => {
    const { v2 } = await sdk();
    const show = async () => plain(await v2.showPort({ port_id: vipPort().id } as never));
    await control("POST", "deny", { action: "vpc:ports:get" });
    expect(await show()).toMatchObject({ httpStatusCode: 403 });
    await control("DELETE", "deny");
    await control("POST", "faults", { kind: "throttle", action: "ShowPort", count: 1 });
    expect(await show()).toMatchObject({ httpStatusCode: 429 });
    await control("POST", "lag", { readMs: 1_000 });
    expect(await show()).toMatchObject({ httpStatusCode: 200 });
    await control("POST", "expire-credentials", {});
    expect(await show()).toMatchObject({ httpStatusCode: 401 });
    expect(await control("GET", "state")).toMatchObject({ region: "cn-north-4" });
    expect(await control("GET", "journal")).toHaveLength(5);
  });
});

/** SDK answers are plain JSON; their types promise getters that are not there. */
function plain(reply: unknown): unknown {
  return reply;
}
