/** What one account holds in one region, as plain data. Ids are the keys of each record. */
export interface AwsState {
  readonly vpcs: Record<string, Vpc>;
  readonly subnets: Record<string, Subnet>;
  readonly instances: Record<string, Instance>;
  readonly interfaces: Record<string, Interface>;
  readonly elasticAddresses: Record<string, ElasticAddress>;
  readonly routeTables: Record<string, RouteTable>;
  readonly securityGroups: Record<string, SecurityGroup>;
  readonly networkAcls: Record<string, NetworkAcl>;
  readonly prefixLists: Record<string, readonly string[]>;
  readonly vpcEndpoints: Record<string, VpcEndpoint>;
}

export interface Vpc {
  readonly cidrBlock: string;
  readonly ipv6CidrBlock?: string;
}

export interface Subnet {
  readonly vpcId: string;
  readonly cidrBlock: string;
  readonly ipv6CidrBlock?: string;
  readonly availabilityZone: string;
}

export interface Instance {
  type: string;
  state: "running" | "stopped" | "terminated";
  /** The name of the instance's IAM role; undefined for an instance without one. */
  role: string | undefined;
  metadataHopLimit: number;
  metadataEndpoint: "enabled" | "disabled";
}

export interface Interface {
  readonly subnetId: string;
  /** Lower case, colons. */
  readonly mac: string;
  /** The first is the primary. */
  addresses: string[];
  ipv6Addresses: string[];
  sourceDestCheck: boolean;
  securityGroupIds: string[];
  attachment: Attachment | undefined;
}

/** Times are milliseconds since 1970: an attachment changes by itself as time passes. */
export interface Attachment {
  readonly id: string;
  readonly instanceId: string;
  readonly deviceIndex: number;
  readonly attachedAt: number;
  /** Set when a detach was asked: the attachment is gone from then on. */
  goneAt?: number;
}

export interface ElasticAddress {
  readonly publicIp: string;
  association?: { readonly id: string; interfaceId: string; readonly privateIp: string };
}

export interface RouteTable {
  readonly vpcId: string;
  readonly main: boolean;
  readonly subnetIds: readonly string[];
  routes: Route[];
}

export interface Route {
  readonly destination: string;
  /** `gatewayId`: `local`, an internet gateway `igw-…`, or a NAT gateway `nat-…`. */
  readonly target: { readonly gatewayId: string } | { readonly interfaceId: string };
  readonly origin: "CreateRoute" | "CreateRouteTable";
}

export interface SecurityGroup {
  readonly name: string;
  readonly vpcId: string;
  ingress: Permission[];
  egress: Permission[];
}

export interface Permission {
  /** `-1` for all, `tcp`, `udp`, or a number such as `112`. */
  readonly protocol: string;
  readonly cidrs?: readonly string[];
  readonly groupIds?: readonly string[];
  readonly prefixListIds?: readonly string[];
}

export interface NetworkAcl {
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  readonly isDefault: boolean;
  entries: readonly NetworkAclEntry[];
}

export interface VpcEndpoint {
  readonly vpcId: string;
  /** Such as `com.amazonaws.eu-central-1.ec2`. */
  readonly serviceName: string;
  readonly privateDns: boolean;
}

export interface NetworkAclEntry {
  readonly ruleNumber: number;
  readonly protocol: string;
  readonly action: "allow" | "deny";
  readonly egress: boolean;
  readonly cidrBlock: string;
}

export const emptyState: AwsState = {
  vpcs: {},
  subnets: {},
  instances: {},
  interfaces: {},
  elasticAddresses: {},
  routeTables: {},
  securityGroups: {},
  networkAcls: {},
  prefixLists: {},
  vpcEndpoints: {},
};

/** The attachment as it is at `time`, with the status that the API shows. */
export function attachmentAt(
  networkInterface: Interface,
  time: number,
): (Attachment & { readonly status: "attaching" | "attached" | "detaching" }) | undefined {
  const { attachment } = networkInterface;
  if (!attachment || (attachment.goneAt !== undefined && attachment.goneAt <= time)) return undefined;
  if (attachment.goneAt !== undefined) return { ...attachment, status: "detaching" };
  return { ...attachment, status: attachment.attachedAt <= time ? "attached" : "attaching" };
}

/** The Elastic IP that hangs on this private address of this interface, if any. */
export function elasticAddressOn(
  state: AwsState,
  interfaceId: string,
  privateIp: string,
): [allocationId: string, address: ElasticAddress] | undefined {
  return Object.entries(state.elasticAddresses).find(
    ([, { association }]) => association?.interfaceId === interfaceId && association.privateIp === privateIp,
  );
}
