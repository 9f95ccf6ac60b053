/** Virtual IPs as the cloud has them: they exist, they are what they should be, and every node may carry them. */
import { type IpAddress, ipFamily, parseIp } from "../../../src/base/ip.ts";
import { byHand, type PreflightFinding, verdict } from "../../../src/provider/preflight.ts";
import { BINDINGS_MAX, isBound, VIP_DEVICE_OWNER } from "../pairs.ts";
import type { Port } from "../vpc.ts";
import { type HuaweiCheck, pairsCall } from "./check.ts";
import type { Facts, FoundNode } from "./facts.ts";

export const VIRTUAL_IP_CHECKS: readonly HuaweiCheck[] = [
  {
    code: "huaweicloud/no-virtual-ip",
    title: "the virtual addresses exist as virtual IPs of the subnet",
    severity: "failure",
    why: "A virtual IP is a port of the subnet with a device owner of its own. Without one the VPC knows nothing of the address, and gratuitous ARP moves nothing.",
    ask: (facts) =>
      eachVip(facts, (vip, port) => {
        if (port) return [];
        const message = `${vip} is no virtual IP of the subnet ${facts.settings.self.networkId}`;
        return [byHand(message, [], { consequence: UNREACHED, advice: CREATE })];
      }),
  },
  {
    code: "huaweicloud/not-a-virtual-ip",
    title: "the virtual addresses are no server's own ones",
    severity: "failure",
    why: "An address of a server's interface cannot move. A port without the device owner neutron:VIP_PORT works inside the VPC only, and not with EIPs, peering, VPN or Direct Connect.",
    ask: (facts) =>
      eachVip(facts, (vip, port) => {
        if (!port || port.device_owner === VIP_DEVICE_OWNER) return [];
        const message = `${vip} belongs to the port ${port.id} with the device owner "${port.device_owner}"`;
        const advice = `take another address, or make it anew with the device owner ${VIP_DEVICE_OWNER}`;
        return [
          byHand(message, [`port ${port.id}: device_id "${port.device_id}"`], {
            consequence: UNREACHED,
            advice,
          }),
        ];
      }),
  },
  {
    code: "huaweicloud/not-bound",
    title: "the virtual IPs are bound to every node",
    severity: "failure",
    why: "A virtual IP follows gratuitous ARP only among the interfaces that it is bound to. A node that was added or replaced later is often forgotten; it becomes MASTER, announces the address, and the VPC drops what is sent to it.",
    ask: async (facts) => {
      if (isExclusive(facts)) return undefined;
      const nodes = await facts.foundNodes();
      return eachVip(facts, (vip, port) => (port ? unbound(facts, { vip, port, nodes }) : []));
    },
  },
  {
    code: "huaweicloud/binding-limit",
    title: "each virtual IP has room for every node, and each node for the virtual IPs",
    severity: "failure",
    why: "A virtual IP can be bound to ten interfaces, and an interface can carry ten virtual IPs.",
    ask: async (facts) => {
      if (facts.settings.options.mechanism !== "virtual-ip") return undefined;
      const [nodes, all] = await Promise.all([facts.foundNodes(), facts.virtualIps()]);
      const wide = await vipPorts(facts);
      const full = wide.flatMap(({ vip, port }) => (port ? tooManyBindings(vip, port, nodes) : []));
      const laden = nodes.flatMap((node) => tooManyVips(facts, node, all));
      return verdict([...full, ...laden], `${all.length} virtual IPs in the subnet`);
    },
  },
  {
    code: "huaweicloud/eip-elsewhere",
    title: "the EIPs hang on their virtual IPs",
    severity: "warning",
    why: "An EIP that is bound to the virtual IP follows every failover with no call. One that is bound elsewhere stays there: cloudvip never takes it away from another port.",
    ask: async (facts) => {
      const { options } = facts.settings;
      const eips = options.mechanism === "virtual-ip" ? Object.entries(options.eips) : [];
      if (eips.length === 0) return undefined;
      const findings = eips.map(([address, id]) => elsewhere(facts, address, id));
      return verdict((await Promise.all(findings)).flat(), eips.map(([, id]) => id).join(", "));
    },
  },
];

const UNREACHED = "nobody outside the MASTER itself reaches the address";
const CREATE =
  "create it (console: subnet, IP addresses, assign virtual IP address), and bind it to every node";

interface VipPort {
  readonly vip: IpAddress;
  readonly port: Port | undefined;
}

function vipPorts(facts: Facts): Promise<readonly VipPort[]> {
  const { subject, self } = facts.settings;
  return Promise.all(
    subject.vips.map(async (vip) => {
      const port = await facts.portWith(vip);
      return { vip, port: port?.network_id === self.networkId ? port : undefined };
    }),
  );
}

/** Undefined with routes, which need no virtual IPs. */
async function eachVip(
  facts: Facts,
  look: (vip: IpAddress, port: Port | undefined) => readonly PreflightFinding[],
) {
  if (facts.settings.options.mechanism !== "virtual-ip") return undefined;
  const ports = await vipPorts(facts);
  const note = ports.map(({ vip, port }) => `${vip} is the port ${port?.id}`).join(", ");
  return verdict(
    ports.flatMap(({ vip, port }) => look(vip, port)),
    note,
  );
}

function isExclusive({ settings }: Facts): boolean {
  return settings.options.mechanism === "virtual-ip" && settings.options.exclusive;
}

interface Binding {
  readonly vip: IpAddress;
  readonly port: Port;
  readonly nodes: readonly FoundNode[];
}

function unbound(facts: Facts, { vip, port, nodes }: Binding): readonly PreflightFinding[] {
  const missing = nodes.filter(({ nic, address }) => !isBound(port, bindingAddress(nic, vip, address)));
  if (missing.length === 0 || port.device_owner !== VIP_DEVICE_OWNER) return [];
  const addresses = missing.map(({ nic, address }) => bindingAddress(nic, vip, address));
  const bound = port.allowed_address_pairs.map(({ ip_address }) => ip_address).join(", ") || "nothing";
  const call = pairsCall(facts, port, (now) => {
    const added = addresses.filter((address) => !isBound(now, address));
    if (added.length === 0) return undefined;
    return [...now.allowed_address_pairs, ...added.map((ip_address) => ({ ip_address }))];
  });
  return [
    {
      message: `the virtual IP ${vip} is not bound to ${missing.map(({ name }) => name).join(", ")}`,
      evidence: [`port ${port.id}: allowed_address_pairs hold ${bound}`],
      consequence:
        "after a failover there the VPC drops what is sent to the address, until the API is called",
      fix: { advice: `bind it to ${addresses.join(", ")} too`, calls: [call], commands: [] },
    },
  ];
}

/** A virtual IP is bound by the interface's address of its family: the source of the adverts where that is one. */
function bindingAddress(nic: Port, vip: IpAddress, source: IpAddress): IpAddress {
  const addresses = nic.fixed_ips.flatMap(({ ip_address }) => parseIp(ip_address) ?? []);
  const usable = addresses.filter((address) => ipFamily(address) === ipFamily(vip));
  return usable.find((address) => address === source) ?? usable[0] ?? source;
}

function tooManyBindings(
  vip: IpAddress,
  port: Port,
  nodes: readonly FoundNode[],
): readonly PreflightFinding[] {
  const bound = port.allowed_address_pairs.map(({ ip_address }) => ip_address);
  const needed = new Set([...bound, ...nodes.map(({ nic, address }) => bindingAddress(nic, vip, address))]);
  if (needed.size <= BINDINGS_MAX) return [];
  const message = `the virtual IP ${vip} would be bound to ${needed.size} interfaces, and ${BINDINGS_MAX} are the most`;
  const consequence = "a node that is not bound cannot serve the address";
  return [
    byHand(message, [bound.join(", ")], {
      consequence,
      advice: "unbind it from interfaces that do not need it",
    }),
  ];
}

function tooManyVips(
  facts: Facts,
  { name, address }: FoundNode,
  all: readonly Port[],
): readonly PreflightFinding[] {
  const vips: readonly string[] = facts.settings.subject.vips;
  const carried = all.filter(
    (port) => isBound(port, address) || port.fixed_ips.some(({ ip_address }) => vips.includes(ip_address)),
  );
  if (carried.length <= BINDINGS_MAX) return [];
  const message = `${carried.length} virtual IPs are or would be bound to ${name}, and ${BINDINGS_MAX} are the most`;
  const consequence = "the binding that is one too many is refused";
  return [byHand(message, [], { consequence, advice: "unbind virtual IPs that this node does not need" })];
}

async function elsewhere(facts: Facts, address: string, id: string): Promise<readonly PreflightFinding[]> {
  const vip = parseIp(address);
  const [eip, port] = await Promise.all([facts.publicIp(id), vip ? facts.portWith(vip) : undefined]);
  if (!port || eip.port_id === undefined || eip.port_id === port.id) return [];
  const message = `the EIP ${id} is bound to the port ${eip.port_id}, not to the virtual IP ${address} (port ${port.id})`;
  const consequence = "from outside the VPC the address leads elsewhere, whoever is MASTER";
  return [byHand(message, [], { consequence, advice: "unbind it there and bind it to the virtual IP" })];
}
