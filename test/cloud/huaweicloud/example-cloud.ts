import type { CloudState, Port, Server } from "./wire.ts";
import { UNCHECKED_PAIR, VIP_DEVICE_OWNER } from "./wire.ts";

/** One server with one network interface. */
export interface ExampleServer {
  readonly name: string;
  readonly address: string;
  /** Such as `fa:16:3e:58:85:71`. */
  readonly mac: string;
}

export interface ExampleCloud {
  readonly servers?: readonly ExampleServer[];
  /** Each becomes a virtual IP port. */
  readonly virtualAddresses?: readonly string[];
  /** True: every virtual IP is bound to every server, as the console's "bind to server" leaves it. */
  readonly bound?: boolean;
  /** Overlay destinations such as `10.99.0.5/32`, routed to the first server in both route tables. */
  readonly overlays?: readonly string[];
}

export const EXAMPLE_SERVERS: readonly ExampleServer[] = [
  { name: "node-a", address: "192.168.0.2", mac: "fa:16:3e:58:85:71" },
  { name: "node-b", address: "192.168.0.216", mac: "fa:16:3e:35:fc:32" },
];

/**
 * One VPC with one subnet 192.168.0.0/24, two servers in it, a virtual IP 192.168.0.67, an unbound EIP, two route tables,
 * and a security group that lets VRRP in from itself. Ids are fixed, so that a configuration can name them.
 */
export function exampleCloud(example: ExampleCloud = {}): CloudState {
  const servers = (example.servers ?? EXAMPLE_SERVERS).map(serverOf);
  const nics = (example.servers ?? EXAMPLE_SERVERS).map((server, index) =>
    nicOf(server, index, example.bound ?? true),
  );
  const bindings = (example.bound ?? true) ? nics.map((nic) => nic.fixed_ips[0]?.ip_address ?? "") : [];
  const vips = (example.virtualAddresses ?? ["192.168.0.67"]).map((address, index) =>
    vipOf(address, index, bindings),
  );
  const overlays = (example.overlays ?? []).map((destination) => ({
    type: "ecs",
    destination,
    nexthop: servers[0]?.id ?? "",
  }));
  return {
    region: "cn-north-4",
    project_id: PROJECT_ID,
    vpcs: byId([{ id: VPC_ID, name: "vpc-main", cidr: "192.168.0.0/16", status: "OK" }]),
    subnets: byId([SUBNET]),
    servers: byId(servers),
    ports: byId([...nics, ...vips]),
    routeTables: byId([
      { ...ROUTE_TABLE, routes: overlays },
      {
        ...ROUTE_TABLE,
        id: uuid("40", 1),
        name: "rtb-clients",
        default: false,
        routes: overlays,
        subnets: [],
      },
    ]),
    publicIps: byId([
      { id: uuid("50", 0), status: "DOWN", public_ip_address: "203.0.113.9", tenant_id: PROJECT_ID },
    ]),
    securityGroups: byId([{ id: GROUP_ID, name: "sg-cluster", description: "" }]),
    securityGroupRules: byId([RULE, EGRESS_RULE]),
    addressGroups: {},
    firewalls: {},
  };
}

const PROJECT_ID = "0605767a5780d5762fc5c0118072a564";
const VPC_ID = uuid("10", 0);
const GROUP_ID = uuid("60", 0);

const SUBNET = {
  id: uuid("20", 0),
  name: "subnet-main",
  cidr: "192.168.0.0/24",
  gateway_ip: "192.168.0.1",
  vpc_id: VPC_ID,
  availability_zone: "cn-north-4a",
  status: "ACTIVE",
  neutron_network_id: uuid("20", 0),
  neutron_subnet_id: uuid("21", 0),
} as const;

const ROUTE_TABLE = {
  id: uuid("40", 0),
  name: "rtb-main",
  default: true,
  subnets: [{ id: SUBNET.id }],
  vpc_id: VPC_ID,
  tenant_id: PROJECT_ID,
};

const RULE = {
  id: uuid("61", 0),
  security_group_id: GROUP_ID,
  direction: "ingress",
  ethertype: "IPv4",
  protocol: "112",
  multiport: null,
  remote_ip_prefix: null,
  remote_group_id: GROUP_ID,
  remote_address_group_id: null,
  action: "allow",
  priority: 1,
} as const;

/** Everything out, as a new group has it. */
const EGRESS_RULE = {
  ...RULE,
  id: uuid("61", 1),
  direction: "egress",
  protocol: null,
  remote_group_id: null,
} as const;

function serverOf({ name }: ExampleServer, index: number): Server {
  return { id: uuid("30", index), name, availability_zone: "cn-north-4a", agency: true };
}

function nicOf({ address, mac }: ExampleServer, index: number, unchecked: boolean): Port {
  return {
    ...portOf(uuid("31", index), address, mac),
    device_id: uuid("30", index),
    device_owner: "compute:cn-north-4a",
    status: "ACTIVE",
    security_groups: [GROUP_ID],
    allowed_address_pairs: unchecked ? [{ ip_address: UNCHECKED_PAIR, mac_address: mac }] : [],
  };
}

function vipOf(address: string, index: number, boundTo: readonly string[]): Port {
  const mac = `fa:16:3e:00:00:${index.toString(16).padStart(2, "0")}`;
  return {
    ...portOf(uuid("32", index), address, mac),
    device_owner: VIP_DEVICE_OWNER,
    allowed_address_pairs: boundTo.map((ip_address) => ({ ip_address, mac_address: mac })),
  };
}

function portOf(id: string, address: string, mac: string): Port {
  return {
    id,
    name: "",
    network_id: SUBNET.id,
    admin_state_up: true,
    mac_address: mac,
    fixed_ips: [{ subnet_id: SUBNET.neutron_subnet_id, ip_address: address }],
    device_id: "",
    device_owner: "",
    tenant_id: PROJECT_ID,
    status: "DOWN",
    security_groups: [],
    allowed_address_pairs: [],
    port_security_enabled: true,
    instance_id: "",
    instance_type: "",
  };
}

/** `kind` is two hex digits that tell the resources apart for a human reader. */
function uuid(kind: string, index: number): string {
  return `${kind}000000-0000-4000-8000-${index.toString(16).padStart(12, "0")}`;
}

function byId<T extends { readonly id: string }>(resources: readonly T[]): Readonly<Record<string, T>> {
  return Object.fromEntries(resources.map((resource) => [resource.id, resource]));
}
