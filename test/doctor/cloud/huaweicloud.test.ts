import { afterEach, describe, expect, it } from "vitest";
import { HUAWEICLOUD_CHECKS } from "../../../providers/huaweicloud/preflight/preflight.ts";
import type { CloudState, Firewall, Port, SecurityGroupRule } from "../../cloud/huaweicloud/wire.ts";
import {
  ADDRESS_A,
  ADDRESS_B,
  HuaweiFixture,
  OVERLAY,
} from "../../providers/huaweicloud/against-emulator.ts";
import { type Case, describeCases } from "./cases.ts";
import { changing, changingRules, huaweiNode, huaweiRouteNode, routeTables } from "./huaweicloud-node.ts";
import { codesOf, fixedBy, runDoctor } from "./run-doctor.ts";

type HuaweiCase = Case<HuaweiFixture>;

const ADDRESSES: readonly HuaweiCase[] = [
  {
    code: "huaweicloud/no-virtual-ip",
    healthy: huaweiNode,
    broken: (fixture) => huaweiNode(fixture, { vips: ["192.168.0.77"] }),
    mend: "file",
  },
  {
    code: "huaweicloud/not-a-virtual-ip",
    healthy: huaweiNode,
    broken: changingVip({ device_owner: "" }),
    mend: changingVip({ device_owner: "neutron:VIP_PORT" }),
  },
  {
    code: "huaweicloud/not-bound",
    healthy: huaweiNode,
    broken: changingVip({ allowed_address_pairs: [{ ip_address: ADDRESS_A }] }),
    mend: "doctor",
  },
  {
    code: "huaweicloud/binding-limit",
    healthy: huaweiNode,
    broken: changingVip({
      allowed_address_pairs: [ADDRESS_A, ADDRESS_B, ...hosts(11, 9)].map((ip_address) => ({ ip_address })),
    }),
    mend: changingVip({
      allowed_address_pairs: [ADDRESS_A, ADDRESS_B].map((ip_address) => ({ ip_address })),
    }),
  },
  {
    code: "huaweicloud/eip-elsewhere",
    healthy: (fixture) => huaweiNode(fixture, { options: eips(fixture) }),
    broken: changingEip("some-other-port"),
    mend: changingEip(undefined),
  },
  {
    code: "huaweicloud/route-missing",
    healthy: huaweiRouteNode,
    broken: changing(({ routeTables: tables }) => ({
      routeTables: Object.fromEntries(
        Object.entries(tables).map(([id, table]) => [id, table.default ? { ...table, routes: [] } : table]),
      ),
    })),
    mend: "doctor",
  },
  {
    code: "huaweicloud/route-table-missing",
    healthy: huaweiRouteNode,
    broken: (fixture) =>
      huaweiRouteNode(fixture, { options: { route_tables: [...routeTables(fixture), "no-such-table"] } }),
    mend: "file",
    unseen: ["huaweicloud/route-missing"],
  },
];

const INTERFACES: readonly HuaweiCase[] = [
  {
    code: "huaweicloud/source-destination-check",
    healthy: huaweiNode,
    broken: (fixture) => {
      fixture.changePort(fixture.nic(1), { allowed_address_pairs: [{ ip_address: "10.1.1.1" }] });
      return undefined;
    },
    mend: "doctor",
  },
  {
    code: "huaweicloud/foreign-source-address",
    healthy: huaweiNode,
    broken: (fixture) => huaweiNode(fixture, { address: "192.168.0.5" }),
    mend: "file",
  },
  {
    code: "huaweicloud/peer-not-found",
    healthy: huaweiNode,
    broken: (fixture) => huaweiNode(fixture, { peers: [ADDRESS_B, "192.168.0.99"] }),
    mend: "file",
  },
  {
    code: "huaweicloud/peer-down",
    healthy: huaweiNode,
    broken: (fixture) => void fixture.changePort(fixture.nic(1), { status: "DOWN" }),
    mend: (fixture) => fixture.changePort(fixture.nic(1), { status: "ACTIVE" }),
  },
  {
    code: "huaweicloud/permission-denied",
    healthy: huaweiNode,
    broken: ({ emulator }) => void emulator.deny("vpc:ports:update"),
    mend: ({ emulator }) => void emulator.grant("vpc:ports:update"),
  },
];

const NETWORK: readonly HuaweiCase[] = [
  {
    code: "huaweicloud/sg-vrrp-blocked",
    healthy: huaweiNode,
    broken: changingRules("ingress", { protocol: "tcp" }),
    mend: "doctor",
  },
  {
    code: "huaweicloud/sg-vrrp-blocked",
    when: "a denial comes at a lower priority number than the rule that allows",
    healthy: huaweiNode,
    broken: (fixture) => {
      changingRules("ingress", { priority: 50 })(fixture);
      addRule({ action: "deny", priority: 20, remote_group_id: null, remote_ip_prefix: "192.168.0.0/24" })(
        fixture,
      );
      return undefined;
    },
    mend: "doctor",
  },
  {
    code: "huaweicloud/sg-vrrp-blocked",
    when: "the address group of its rule does not have the peers",
    healthy: (fixture) => {
      changing(() => ({ addressGroups: { ag: { id: "ag", name: "peers", ip_set: ["192.168.0.0/24"] } } }))(
        fixture,
      );
      changingRules("ingress", { remote_group_id: null, remote_address_group_id: "ag" })(fixture);
      return huaweiNode(fixture);
    },
    broken: changing(() => ({ addressGroups: { ag: { id: "ag", name: "peers", ip_set: ["192.168.9.9"] } } })),
    mend: "doctor",
  },
  {
    code: "huaweicloud/sg-vrrp-egress-blocked",
    healthy: huaweiNode,
    broken: changingRules("egress", { protocol: "udp" }),
    mend: "doctor",
  },
  {
    code: "huaweicloud/firewall-vrrp-blocked",
    healthy: (fixture) => {
      fixture.changePort(fixture.nic(1), { network_id: "another-subnet" });
      changing((state) => ({ firewalls: { acl: firewall(state, "any") } }))(fixture);
      return huaweiRouteNode(fixture);
    },
    broken: changing((state) => ({ firewalls: { acl: firewall(state, "tcp") } })),
    mend: changing((state) => ({ firewalls: { acl: firewall(state, "112") } })),
  },
];

const start = () => HuaweiFixture.start({ overlays: [`${OVERLAY}/32`] });
describeCases("doctor on Huawei Cloud, of addresses,", start, ADDRESSES);
describeCases("doctor on Huawei Cloud, of interfaces,", start, INTERFACES);
describeCases("doctor on Huawei Cloud, of the network,", start, NETWORK);

describe("doctor on Huawei Cloud", () => {
  let fixture: HuaweiFixture;
  afterEach(() => fixture.stop());

  it("has no warning for a healthy pair, with any mechanism, and changes nothing", async () => {
    fixture = await start();
    const before = fixture.emulator.state();
    for (const server of [
      huaweiNode(fixture),
      huaweiNode(fixture, { options: { exclusive: true } }),
      huaweiRouteNode(fixture),
    ]) {
      const report = await runDoctor(server);
      expect([report.findings, report.unseen]).toEqual([[], []]);
      expect(report.fine.length).toBeGreaterThan(8);
    }
    expect(fixture.emulator.state()).toEqual(before);
  });

  it("tells that the API does not answer, or asks for fewer calls", async () => {
    fixture = await start();
    fixture.emulator.faults.inject({ kind: "hang" });
    const hanging = await runDoctor(huaweiNode(fixture, { options: { request_timeout: 1 } }));
    expect(codesOf(hanging)).toEqual(["huaweicloud/unreachable"]);
    fixture.emulator.faults.clear();
    fixture.emulator.faults.inject({ kind: "throttle" });
    expect(codesOf(await runDoctor(huaweiNode(fixture)))).toEqual(["huaweicloud/throttled"]);
    fixture.emulator.faults.clear();
    expect(codesOf(await runDoctor(huaweiNode(fixture)))).toEqual([]);
  });

  it.each(["error-500", "reset", "garbage"] as const)("survives answers such as %s", async (kind) => {
    fixture = await start();
    fixture.emulator.faults.inject({ kind });
    const report = await runDoctor(huaweiNode(fixture));
    expect(report.exitCode).toBeGreaterThan(0);
    expect(report.unseen.map(({ code }) => code)).toContain("huaweicloud/sg-vrrp-blocked");
  });

  it("tells that credentials end soon and no newer ones come", async () => {
    fixture = await HuaweiFixture.start({}, { credentialLifetimeMs: 120_000 });
    expect(codesOf(await runDoctor(huaweiNode(fixture)))).toEqual(["huaweicloud/credentials-expire"]);
  });

  it("tells that the server has no agency", async () => {
    fixture = await start();
    changing(({ servers }) => ({
      servers: Object.fromEntries(
        Object.entries(servers).map(([id, one]) => [id, { ...one, agency: false }]),
      ),
    }))(fixture);
    const report = await runDoctor(huaweiNode(fixture));
    expect(JSON.stringify(report)).toContain("no agency");
    expect(report.exitCode).toBeGreaterThan(0);
  });

  it("tells that the node forwards packets, and how to stop it", async () => {
    fixture = await start();
    const file = "/proc/sys/net/ipv4/ip_forward";
    const ran: string[] = [];
    const command = "sysctl -w net.ipv4.ip_forward=0";
    const host = { files: { [file]: "1\n" }, ran, commands: { [command]: "" } };
    const server = { ...huaweiNode(fixture), host };
    expect(codesOf(await runDoctor(server))).toEqual(["huaweicloud/ip-forward"]);
    await fixedBy(server);
    expect(ran).toContain(command);
    expect(codesOf(await runDoctor({ ...server, host: { files: { [file]: "0\n" } } }))).toEqual([]);
  });

  it("has a test for each of its codes", () => {
    const cases = [...ADDRESSES, ...INTERFACES, ...NETWORK].map(({ code }) => code);
    const others = ["unreachable", "throttled", "credentials-expire"].map((name) => `huaweicloud/${name}`);
    const tested = new Set([...cases, ...others]);
    expect(HUAWEICLOUD_CHECKS.map(({ code }) => code).filter((code) => !tested.has(code))).toEqual([]);
  });
});

function changingVip(change: Partial<Port>) {
  return (fixture: HuaweiFixture): undefined => {
    const port = Object.values(fixture.emulator.state().ports).find(({ device_id }) => device_id === "");
    if (port) fixture.changePort(port, change);
  };
}

function changingEip(port: string | undefined) {
  return changing(({ publicIps }) => ({
    publicIps: Object.fromEntries(
      Object.entries(publicIps).map(([id, { port_id: _, ...eip }]) => [
        id,
        port === undefined ? eip : { ...eip, port_id: port },
      ]),
    ),
  }));
}

function eips(fixture: HuaweiFixture) {
  const [id] = Object.keys(fixture.emulator.state().publicIps);
  return { eips: { "192.168.0.67": id } };
}

function addRule(change: Partial<SecurityGroupRule>) {
  return changing(({ securityGroupRules }) => {
    const [rule] = Object.values(securityGroupRules);
    if (!rule) return {};
    return { securityGroupRules: { ...securityGroupRules, added: { ...rule, ...change, id: "added" } } };
  });
}

/** One network ACL of both subnets that lets one protocol pass both ways. */
function firewall({ subnets }: CloudState, protocol: string): Firewall {
  const rule = {
    action: "allow",
    ip_version: 4,
    source_ip_address: null,
    destination_ip_address: null,
  } as const;
  const associations = [...Object.keys(subnets), "another-subnet"].map((virsubnet_id) => ({ virsubnet_id }));
  return {
    ...{ id: "acl", name: "acl", admin_state_up: true, status: "ACTIVE", associations },
    ingress_rules: [{ ...rule, id: "in", protocol, enabled: true }],
    egress_rules: [{ ...rule, id: "out", protocol, enabled: true }],
  };
}

function hosts(first: number, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `192.168.0.${first + index}`);
}
