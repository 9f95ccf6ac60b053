import { provider } from "../../providers/aws/provider.ts";
import type { IpAddress } from "../../src/base/ip.ts";
import { attachmentAt } from "../cloud/aws/state.ts";
import { ALLOCATION, ELASTIC_IP, MAIN_TABLE, SPARE_INTERFACE, SUBNET_B_TABLE } from "../cloud/aws/world.ts";
import { AwsFixture, nodeA, nodeB } from "../providers/aws/against-emulator.ts";
import { type NodeName, providerSuite } from "./compliance.ts";

const NODES = { a: { number: 1, ...nodeA }, b: { number: 2, ...nodeB } } as const;
const HERE = [NODES.a, NODES.b];

interface Mechanism {
  readonly options: Readonly<Record<string, unknown>>;
  readonly vips: readonly string[];
  /** What a claim calls. */
  readonly call: string;
  /** The ids of the interface, or of the instance, that has an address. */
  readonly holdersOf: (fixture: AwsFixture, vip: string) => readonly (string | undefined)[];
}

const setUp =
  ({ options, vips, call, holdersOf }: Mechanism) =>
  async () => {
    const fixture = await AwsFixture.start();
    const { cloud } = fixture.emulator;
    fixture.change((draft) => {
      for (const { interfaceId } of HERE) {
        const networkInterface = draft.interfaces[interfaceId];
        if (networkInterface) networkInterface.sourceDestCheck = false;
      }
    });
    const has = (node: NodeName, vip: string) =>
      holdersOf(fixture, vip).every((id) => id === NODES[node].interfaceId || id === NODES[node].instanceId);
    return {
      vips: vips as unknown as readonly [IpAddress, ...IpAddress[]],
      addressOf: (node: NodeName) => NODES[node].address as IpAddress,
      create: (node: NodeName, timeout = 60) =>
        fixture.create(NODES[node].number, { ...options, request_timeout: timeout }),
      holders: () => (["a", "b"] as const).filter((node) => vips.every((vip) => has(node, vip))),
      inject: (kind: Parameters<typeof cloud.faults.inject>[0]["kind"]) => void cloud.faults.inject({ kind }),
      heal: () => cloud.faults.clear(),
      deny: () => cloud.permissions.deny(call),
      changes: () => fixture.changes(),
      expireCredentials: () => {
        for (const { instanceId } of HERE) cloud.credentials.expire(instanceId);
      },
      stop: () => fixture.stop(),
    };
  };

providerSuite(
  "aws with secondary addresses",
  provider,
  setUp({
    options: { mechanism: "secondary-ip" },
    vips: ["10.0.0.100", "10.0.0.101"],
    call: "AssignPrivateIpAddresses",
    holdersOf: ({ state }, vip) => [
      HERE.find(({ interfaceId }) => state.interfaces[interfaceId]?.addresses.includes(vip))?.interfaceId,
    ],
  }),
  { readsMetadata: true },
);

providerSuite(
  "aws with Elastic IPs",
  provider,
  setUp({
    options: { mechanism: "elastic-ip" },
    vips: [ELASTIC_IP],
    call: "AssociateAddress",
    holdersOf: ({ state }) => [state.elasticAddresses[ALLOCATION]?.association?.interfaceId],
  }),
  { readsMetadata: true },
);

providerSuite(
  "aws with routes",
  provider,
  setUp({
    options: { mechanism: "route", route_tables: [MAIN_TABLE, SUBNET_B_TABLE] },
    vips: ["192.168.255.10", "192.168.255.11"],
    call: "ReplaceRoute",
    holdersOf: ({ state }, vip) =>
      [MAIN_TABLE, SUBNET_B_TABLE].map((table) => {
        const route = state.routeTables[table]?.routes.find(({ destination }) => destination === `${vip}/32`);
        return route && "interfaceId" in route.target ? route.target.interfaceId : undefined;
      }),
  }),
);

providerSuite(
  "aws with a whole interface",
  provider,
  setUp({
    options: { mechanism: "network-interface", network_interface: SPARE_INTERFACE },
    vips: ["10.0.0.240"],
    call: "AttachNetworkInterface",
    holdersOf: ({ state, emulator }) => {
      const spare = state.interfaces[SPARE_INTERFACE];
      return [spare && attachmentAt(spare, emulator.cloud.clock.now())?.instanceId];
    },
  }),
  { givesUpFirst: true },
);

providerSuite(
  "aws with IPv6 addresses",
  provider,
  setUp({
    options: { mechanism: "secondary-ip" },
    vips: ["2001:db8:0:10a::100"],
    call: "AssignIpv6Addresses",
    holdersOf: ({ state }, vip) => [
      HERE.find(({ interfaceId }) => state.interfaces[interfaceId]?.ipv6Addresses.includes(vip))?.interfaceId,
    ],
  }),
  { givesUpFirst: true, readsMetadata: true, deniesUnforeseen: true },
);
