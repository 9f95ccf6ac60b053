/**
 * The resources of the emulated project in the shape in which the real service sends them, so that nothing is translated
 * between the store and the wire.
 */

export interface AllowedAddressPair {
  readonly ip_address: string;
  readonly mac_address?: string;
}

interface FixedIp {
  /** The Neutron subnet, `subnet.neutron_subnet_id`. */
  readonly subnet_id: string;
  readonly ip_address: string;
}

/** A network interface of a server, or a virtual IP (`device_owner` is `neutron:VIP_PORT`). */
export interface Port {
  readonly id: string;
  readonly name: string;
  /** `subnet.id` of the v1 API. */
  readonly network_id: string;
  readonly admin_state_up: boolean;
  readonly mac_address: string;
  readonly fixed_ips: readonly FixedIp[];
  readonly device_id: string;
  readonly device_owner: string;
  readonly tenant_id: string;
  readonly status: "ACTIVE" | "BUILD" | "DOWN";
  readonly security_groups: readonly string[];
  readonly allowed_address_pairs: readonly AllowedAddressPair[];
  readonly port_security_enabled: boolean;
  readonly instance_id: string;
  readonly instance_type: string;
}

export interface Subnet {
  readonly id: string;
  readonly name: string;
  readonly cidr: string;
  readonly gateway_ip: string;
  readonly vpc_id: string;
  readonly availability_zone: string;
  readonly status: "ACTIVE";
  readonly neutron_network_id: string;
  readonly neutron_subnet_id: string;
}

interface Vpc {
  readonly id: string;
  readonly name: string;
  readonly cidr: string;
  readonly status: "OK";
}

export interface Route {
  readonly type: string;
  readonly destination: string;
  readonly nexthop: string;
  readonly description?: string;
}

export interface RouteTable {
  readonly id: string;
  readonly name: string;
  readonly default: boolean;
  readonly routes: readonly Route[];
  readonly subnets: readonly { readonly id: string }[];
  readonly vpc_id: string;
  readonly tenant_id: string;
}

/** An EIP. */
export interface PublicIp {
  readonly id: string;
  readonly status: "ACTIVE" | "DOWN" | "FREEZED";
  readonly public_ip_address: string;
  readonly private_ip_address?: string;
  readonly port_id?: string;
  readonly tenant_id: string;
}

interface SecurityGroup {
  readonly id: string;
  readonly name: string;
  readonly description: string;
}

/** A rule as v3 shows it; v1 shows a subset of the fields and knows no `deny`. */
export interface SecurityGroupRule {
  readonly id: string;
  readonly security_group_id: string;
  readonly direction: "ingress" | "egress";
  readonly ethertype: "IPv4" | "IPv6";
  readonly protocol: string | null;
  readonly multiport: string | null;
  readonly remote_ip_prefix: string | null;
  readonly remote_group_id: string | null;
  readonly remote_address_group_id: string | null;
  readonly action: "allow" | "deny";
  readonly priority: number;
}

/** A named list of addresses and blocks, for rules. */
export interface AddressGroup {
  readonly id: string;
  readonly name: string;
  readonly ip_set: readonly string[];
}

export interface FirewallRule {
  readonly id: string;
  readonly action: "allow" | "deny";
  readonly protocol: string;
  readonly ip_version: 4 | 6;
  readonly source_ip_address: string | null;
  readonly destination_ip_address: string | null;
  readonly enabled: boolean;
}

/** A network ACL; the order of its rules is their priority. */
export interface Firewall {
  readonly id: string;
  readonly name: string;
  readonly admin_state_up: boolean;
  readonly status: "ACTIVE" | "INACTIVE";
  readonly associations: readonly { readonly virsubnet_id: string }[];
  readonly ingress_rules: readonly FirewallRule[];
  readonly egress_rules: readonly FirewallRule[];
}

/** A server (ECS); its network interfaces are the ports whose `device_id` is its id. */
export interface Server {
  readonly id: string;
  readonly name: string;
  readonly availability_zone: string;
  /** False: no agency is set on the server, so that its metadata gives no credentials. */
  readonly agency: boolean;
}

/** Everything that the emulator knows; a write makes a new one and leaves the old one as it was. */
export interface CloudState {
  readonly region: string;
  readonly project_id: string;
  readonly vpcs: Collection<Vpc>;
  readonly subnets: Collection<Subnet>;
  readonly servers: Collection<Server>;
  readonly ports: Collection<Port>;
  readonly routeTables: Collection<RouteTable>;
  readonly publicIps: Collection<PublicIp>;
  readonly securityGroups: Collection<SecurityGroup>;
  readonly securityGroupRules: Collection<SecurityGroupRule>;
  readonly addressGroups: Collection<AddressGroup>;
  readonly firewalls: Collection<Firewall>;
}

type Collection<T> = Readonly<Record<string, T>>;

export const VIP_DEVICE_OWNER = "neutron:VIP_PORT";

/** The pair that switches the source/destination check of a network interface off. */
export const UNCHECKED_PAIR = "1.1.1.1/0";
