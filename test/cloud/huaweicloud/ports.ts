import { randomBytes, randomUUID } from "node:crypto";
import { parseIp, parsePrefix, prefixContains } from "../../../src/base/ip.ts";
import { ApiError, type ApiFamily, notFound } from "./api-error.ts";
import { type ApiCall, bodyObject, isRecord, type Operation, page } from "./operation.ts";
import type { AllowedAddressPair, CloudState, Port, Subnet } from "./wire.ts";

/** Ports: network interfaces of servers and virtual IPs. v1 and the native Neutron paths act on the same resources. */
export const portOperations: readonly Operation[] = [
  ...operationsOf("v1", "/v1/{project_id}/ports", ""),
  ...operationsOf("neutron", "/v2.0/ports", "Neutron"),
];

/** At most this many pairs a port (documented for virtual IPs as 10 network interfaces). */
const VIP_PAIRS_MAX = 10;

function operationsOf(family: ApiFamily, base: string, prefix: string): readonly Operation[] {
  const operation = (name: string, method: Operation["method"], path: string, action: string) => ({
    name: `${prefix}${name}`,
    method,
    path,
    family,
    action: `vpc:ports:${action}`,
  });
  return [
    {
      ...operation("ListPorts", "GET", base, "get"),
      handle: (state, call) => ({ status: 200, body: { ports: listPorts(state, call.query) } }),
    },
    {
      ...operation("ShowPort", "GET", `${base}/{port_id}`, "get"),
      handle: (state, call) => ({ status: 200, body: { port: portOf(state, call, family) } }),
    },
    {
      ...operation("CreatePort", "POST", base, "create"),
      handle: (state, call) => {
        const port = newPort(state, bodyObject(call, "port"));
        return { status: family === "v1" ? 200 : 201, body: { port }, state: withPort(state, port) };
      },
    },
    {
      ...operation("UpdatePort", "PUT", `${base}/{port_id}`, "update"),
      handle: (state, call) => {
        const port = updatedPort(portOf(state, call, family), bodyObject(call, "port"));
        return { status: 200, body: { port }, state: withPort(state, port) };
      },
    },
  ];
}

function portOf(state: CloudState, call: ApiCall, family: ApiFamily): Port {
  const id = call.path["port_id"] ?? "";
  const port = state.ports[id];
  if (!port) throw notFound(family, "Port", id);
  return port;
}

/** Filters that are given must all match; `fixed_ips` is `ip_address=…` or `subnet_id=…`. */
function listPorts(state: CloudState, query: URLSearchParams): readonly Port[] {
  const equal = ["id", "name", "network_id", "device_id", "device_owner", "mac_address", "status"] as const;
  const matching = Object.values(state.ports).filter((port) => {
    const fields = equal.every((field) => !query.has(field) || query.get(field) === port[field]);
    return fields && query.getAll("fixed_ips").every((filter) => hasFixedIp(port, filter));
  });
  return page(matching, query);
}

function hasFixedIp(port: Port, filter: string): boolean {
  const [field, value] = filter.split("=");
  return port.fixed_ips.some((ip) => (field === "ip_address" ? ip.ip_address : ip.subnet_id) === value);
}

/** What a PUT leaves out stays; `allowed_address_pairs` is replaced as a whole. */
function updatedPort(port: Port, change: Readonly<Record<string, unknown>>): Port {
  const pairs = change["allowed_address_pairs"];
  const portSecurity = change["port_security_enabled"];
  return {
    ...port,
    ...(pairs === undefined ? {} : { allowed_address_pairs: checkedPairs(port, pairs) }),
    ...(typeof portSecurity === "boolean" ? { port_security_enabled: portSecurity } : {}),
    ...(typeof change["name"] === "string" ? { name: change["name"] } : {}),
  };
}

function checkedPairs(port: Port, pairs: unknown): readonly AllowedAddressPair[] {
  if (!Array.isArray(pairs)) throw invalid("allowed_address_pairs is not a list.");
  if (pairs.length > VIP_PAIRS_MAX)
    throw new ApiError(409, "VPC.9905", "Quota exceeded for allowed_address_pairs.");
  return pairs.map((pair: unknown) => {
    const address = isRecord(pair) ? pair["ip_address"] : undefined;
    const prefix = typeof address === "string" ? parsePrefix(address) : undefined;
    if (typeof address !== "string" || !prefix || prefix.address === "0.0.0.0") {
      throw invalid(`${String(address)} is not a valid ip_address of an allowed address pair.`);
    }
    return { ip_address: address, mac_address: port.mac_address };
  });
}

function newPort(state: CloudState, wanted: Readonly<Record<string, unknown>>): Port {
  const subnet = state.subnets[String(wanted["network_id"])];
  if (!subnet) throw new ApiError(404, "VPC.0202", "Query subnet fail.");
  const id = randomUUID();
  return {
    id,
    name: typeof wanted["name"] === "string" ? wanted["name"] : "",
    network_id: subnet.id,
    admin_state_up: true,
    mac_address: `fa:16:3e${[...randomBytes(3)].map((byte) => `:${byte.toString(16).padStart(2, "0")}`).join("")}`,
    fixed_ips: [
      { subnet_id: subnet.neutron_subnet_id, ip_address: freeAddress(state, subnet, wanted["fixed_ips"]) },
    ],
    device_id: "",
    device_owner: typeof wanted["device_owner"] === "string" ? wanted["device_owner"] : "",
    tenant_id: state.project_id,
    status: "DOWN",
    security_groups: [],
    allowed_address_pairs: [],
    port_security_enabled: true,
    instance_id: "",
    instance_type: "",
  };
}

function freeAddress(state: CloudState, subnet: Subnet, fixedIps: unknown): string {
  const first: unknown = Array.isArray(fixedIps) ? fixedIps[0] : undefined;
  const wanted =
    isRecord(first) && typeof first["ip_address"] === "string" ? parseIp(first["ip_address"]) : undefined;
  const network = parsePrefix(subnet.cidr);
  if (!wanted || !network || !prefixContains(network, wanted)) {
    throw invalid("IP address is not a valid IP for the specified subnet.");
  }
  const taken = Object.values(state.ports).some((port) =>
    port.fixed_ips.some((ip) => ip.ip_address === wanted),
  );
  if (taken) throw new ApiError(500, "VPC.0701", `IP address ${wanted} is in use.`);
  return wanted;
}

function withPort(state: CloudState, port: Port): CloudState {
  return { ...state, ports: { ...state.ports, [port.id]: port } };
}

function invalid(message: string): ApiError {
  return new ApiError(400, "VPC.0514", `Neutron Error: ${message}`);
}
