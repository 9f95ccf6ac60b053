import { type AwsState, emptyState, type Interface } from "./state.ts";

/** One server of a world: an instance with its primary interface. */
export interface NodeSpec {
  /** The subnet's letter; each subnet is in a zone of its own. */
  readonly subnet: "a" | "b";
  /** The primary private address. */
  readonly address: string;
  readonly mac?: string;
  readonly instanceType?: string;
}

export interface WorldSpec {
  readonly nodes?: readonly NodeSpec[];
  readonly vpcCidr?: string;
  /** The subnets' blocks, by letter. */
  readonly subnetCidrs?: { readonly a: string; readonly b: string };
}

export interface NodeIds {
  readonly instanceId: string;
  readonly interfaceId: string;
  readonly mac: string;
  readonly address: string;
}

export const REGION = "eu-central-1";
export const ACCOUNT_ID = "123456789012";
export const VPC_ID = "vpc-00000000000000001";
export const SUBNET_A = "subnet-0000000000000000a";
export const SUBNET_B = "subnet-0000000000000000b";
export const SECURITY_GROUP = "sg-00000000000000001";
/** The main route table, and one that subnet b has for itself. */
export const MAIN_TABLE = "rtb-00000000000000001";
export const SUBNET_B_TABLE = "rtb-00000000000000002";
export const ALLOCATION = "eipalloc-00000000000000001";
export const ELASTIC_IP = "203.0.113.10";
/** Both tables lead out through it. */
const NAT_GATEWAY = "nat-00000000000000001";
export const NETWORK_ACL = "acl-00000000000000001";
/** An interface in subnet a that is attached nowhere at first. */
export const SPARE_INTERFACE = "eni-000000000000000ff";
export const SPARE_MAC = "0a:00:00:00:00:ff";

const DEFAULT_NODES: readonly NodeSpec[] = [
  { subnet: "a", address: "10.0.0.11" },
  { subnet: "a", address: "10.0.0.12" },
  { subnet: "b", address: "10.0.1.13" },
];

/** The ids of the n-th node, counted from 1, of a world made by {@link createWorld}. */
export function nodeIds(number: number, spec: WorldSpec = {}): NodeIds {
  const node = (spec.nodes ?? DEFAULT_NODES)[number - 1];
  if (!node) throw new Error(`the world has no node ${number}`);
  const hex = number.toString(16);
  return {
    instanceId: `i-${hex.padStart(17, "0")}`,
    interfaceId: `eni-${hex.padStart(17, "0")}`,
    mac: node.mac ?? `0a:00:00:00:00:${hex.padStart(2, "0")}`,
    address: node.address,
  };
}

/**
 * A VPC 10.0.0.0/16 with two subnets in two zones, three nodes (two in subnet a, one in subnet b), two route tables that lead
 * out through a NAT gateway, an Elastic IP, a spare interface, and a security group that admits VRRP from itself.
 */
export function createWorld(spec: WorldSpec = {}): AwsState {
  const nodes = spec.nodes ?? DEFAULT_NODES;
  const vpcCidr = spec.vpcCidr ?? "10.0.0.0/16";
  const subnetCidrs = spec.subnetCidrs ?? { a: "10.0.0.0/24", b: "10.0.1.0/24" };
  const state = structuredClone(emptyState);
  state.vpcs[VPC_ID] = { cidrBlock: vpcCidr, ipv6CidrBlock: "2001:db8:0:100::/56" };
  for (const [letter, id] of [["a", SUBNET_A] as const, ["b", SUBNET_B] as const]) {
    state.subnets[id] = {
      vpcId: VPC_ID,
      cidrBlock: subnetCidrs[letter],
      ipv6CidrBlock: `2001:db8:0:10${letter}::/64`,
      availabilityZone: `${REGION}${letter}`,
    };
  }
  for (const [index, node] of nodes.entries()) addNode(state, node, nodeIds(index + 1, spec));
  state.interfaces[SPARE_INTERFACE] = newInterface(SUBNET_A, SPARE_MAC, spareAddress(subnetCidrs.a));
  state.elasticAddresses[ALLOCATION] = { publicIp: ELASTIC_IP };
  addRouteTables(state, vpcCidr);
  addSecurity(state);
  return state;
}

/** Gives an instance a second interface; its id. */
export function addInterface(
  state: AwsState,
  about: {
    readonly instanceId: string;
    readonly mac: string;
    readonly address: string;
    readonly subnetId?: string;
  },
): string {
  const interfaceId = `eni-${about.mac.replaceAll(":", "").padStart(17, "0")}`;
  const deviceIndex = Object.values(state.interfaces).filter(
    (one) => one.attachment?.instanceId === about.instanceId,
  ).length;
  state.interfaces[interfaceId] = {
    ...newInterface(about.subnetId ?? SUBNET_A, about.mac, about.address),
    attachment: { id: `eni-attach-${interfaceId}`, instanceId: about.instanceId, deviceIndex, attachedAt: 0 },
  };
  return interfaceId;
}

function addNode(state: AwsState, node: NodeSpec, ids: NodeIds): void {
  state.instances[ids.instanceId] = {
    type: node.instanceType ?? "t3.medium",
    state: "running",
    role: "cloudvip-node",
    metadataHopLimit: 2,
    metadataEndpoint: "enabled",
  };
  const subnetId = node.subnet === "a" ? SUBNET_A : SUBNET_B;
  state.interfaces[ids.interfaceId] = {
    ...newInterface(subnetId, ids.mac, node.address),
    attachment: {
      id: `eni-attach-${ids.interfaceId}`,
      instanceId: ids.instanceId,
      deviceIndex: 0,
      attachedAt: 0,
    },
  };
}

function newInterface(subnetId: string, mac: string, address: string): Interface {
  return {
    subnetId,
    mac,
    addresses: [address],
    ipv6Addresses: [],
    sourceDestCheck: true,
    securityGroupIds: [SECURITY_GROUP],
    attachment: undefined,
  };
}

/** The 240th address of the subnet, out of the way of the nodes. */
function spareAddress(cidrBlock: string): string {
  return cidrBlock.replace(/\.\d+\/\d+$/, ".240");
}

function addRouteTables(state: AwsState, vpcCidr: string): void {
  const local = { destination: vpcCidr, target: { gatewayId: "local" }, origin: "CreateRouteTable" } as const;
  const out = {
    destination: "0.0.0.0/0",
    target: { gatewayId: NAT_GATEWAY },
    origin: "CreateRoute",
  } as const;
  const routes = () => [local, out];
  state.routeTables[MAIN_TABLE] = { vpcId: VPC_ID, main: true, subnetIds: [], routes: routes() };
  state.routeTables[SUBNET_B_TABLE] = { vpcId: VPC_ID, main: false, subnetIds: [SUBNET_B], routes: routes() };
}

function addSecurity(state: AwsState): void {
  const all = [{ protocol: "-1", cidrs: ["0.0.0.0/0"] }];
  const vrrpFromSelf = [{ protocol: "112", groupIds: [SECURITY_GROUP] }];
  state.securityGroups[SECURITY_GROUP] = {
    name: "cluster",
    vpcId: VPC_ID,
    ingress: vrrpFromSelf,
    egress: all,
  };
  const allow = { ruleNumber: 100, protocol: "-1", action: "allow", cidrBlock: "0.0.0.0/0" } as const;
  const deny = { ruleNumber: 32_767, protocol: "-1", action: "deny", cidrBlock: "0.0.0.0/0" } as const;
  state.networkAcls[NETWORK_ACL] = {
    vpcId: VPC_ID,
    subnetIds: [SUBNET_A, SUBNET_B],
    isDefault: true,
    entries: [allow, deny].flatMap((entry) => [
      { ...entry, egress: false },
      { ...entry, egress: true },
    ]),
  };
}
