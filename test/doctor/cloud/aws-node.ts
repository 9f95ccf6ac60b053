import type { AwsState, Interface, SecurityGroup } from "../../cloud/aws/state.ts";
import {
  ELASTIC_IP,
  MAIN_TABLE,
  type NodeIds,
  SECURITY_GROUP,
  SPARE_INTERFACE,
  SUBNET_B_TABLE,
} from "../../cloud/aws/world.ts";
import { type AwsFixture, nodeA, nodeB, VIP } from "../../providers/aws/against-emulator.ts";
import type { CloudServer } from "./run-doctor.ts";

/** A VIP outside the VPC, for routes. */
export const ROUTED = "192.168.255.10";

interface About {
  readonly self?: NodeIds;
  readonly peers?: readonly NodeIds[];
  readonly vips?: readonly string[];
  /** Options of the provider. */
  readonly options?: Readonly<Record<string, unknown>>;
}

/** A node of a pair in an emulated region: the first is this node, the second its peer, unless others are given. */
export function awsNode(fixture: AwsFixture, about: About = {}): CloudServer {
  const { self = nodeA, peers = [nodeB], vips = [VIP], options } = about;
  return {
    address: self.address,
    mac: self.mac,
    peers: peers.map(({ address }) => address),
    vips,
    provider: {
      ...{ name: "aws", mechanism: "secondary-ip" },
      endpoint: fixture.emulator.endpoint,
      metadata_endpoint: fixture.emulator.metadataEndpoint(self.instanceId),
      // A busy machine may be slow; tests of deadlines set their own.
      ...{ connect_timeout: 10, request_timeout: 60 },
      ...options,
    },
  };
}

/** A node with routes to {@link ROUTED} in every table of the VPC, as a first claim leaves them. */
export function routeNode(fixture: AwsFixture, about: About = {}): CloudServer {
  const route = {
    destination: `${ROUTED}/32`,
    target: { interfaceId: nodeA.interfaceId },
    origin: "CreateRoute",
  } as const;
  fixture.change((draft) => {
    for (const one of Object.values(draft.interfaces)) one.sourceDestCheck = false;
    for (const table of Object.values(draft.routeTables)) {
      if (!table.routes.some(({ destination }) => destination === route.destination))
        table.routes.push(route);
    }
  });
  const options = { mechanism: "route", route_tables: [MAIN_TABLE, SUBNET_B_TABLE], ...about.options };
  return awsNode(fixture, { vips: [ROUTED], ...about, options });
}

export function elasticNode(fixture: AwsFixture, about: About = {}): CloudServer {
  const options = { mechanism: "elastic-ip", ...about.options };
  return awsNode(fixture, { vips: [ELASTIC_IP], ...about, options });
}

export function interfaceNode(fixture: AwsFixture, about: About = {}): CloudServer {
  const options = { mechanism: "network-interface", network_interface: SPARE_INTERFACE, ...about.options };
  return awsNode(fixture, { vips: ["10.0.0.240"], ...about, options });
}

export function interfaceOf(draft: AwsState, id: string): Interface {
  const found = draft.interfaces[id];
  if (!found) throw new Error(`no interface ${id}`);
  return found;
}

export function groupOf(draft: AwsState): SecurityGroup {
  const group = draft.securityGroups[SECURITY_GROUP];
  if (!group) throw new Error("no security group");
  return group;
}
