import { ApiError, notFound } from "./api-error.ts";
import { type ApiCall, bodyObject, type Operation, page } from "./operation.ts";
import type { CloudState, PublicIp } from "./wire.ts";

/** EIPs. An EIP is bound to a port; bound to a virtual IP's port it follows the virtual IP with no call at all. */
export const publicIpOperations: readonly Operation[] = [
  {
    name: "ListPublicips",
    method: "GET",
    path: "/v1/{project_id}/publicips",
    family: "v1",
    action: "vpc:publicIps:list",
    handle: (state, call) => ({
      status: 200,
      body: { publicips: page(Object.values(state.publicIps), call.query) },
    }),
  },
  {
    name: "ShowPublicip",
    method: "GET",
    path: "/v1/{project_id}/publicips/{publicip_id}",
    family: "v1",
    action: "vpc:publicIps:get",
    handle: (state, call) => ({ status: 200, body: { publicip: publicIpOf(state, call) } }),
  },
  {
    name: "UpdatePublicip",
    method: "PUT",
    path: "/v1/{project_id}/publicips/{publicip_id}",
    family: "v1",
    action: "vpc:publicIps:update",
    handle: (state, call) => {
      const publicip = bound(state, publicIpOf(state, call), bodyObject(call, "publicip")["port_id"]);
      const publicIps = { ...state.publicIps, [publicip.id]: publicip };
      return { status: 200, body: { publicip }, state: { ...state, publicIps } };
    },
  },
];

function publicIpOf(state: CloudState, call: ApiCall): PublicIp {
  const id = call.path["publicip_id"] ?? "";
  const publicIp = state.publicIps[id];
  if (!publicIp) throw notFound("v1", "PublicIp", id);
  return publicIp;
}

/** An empty or missing `port_id` unbinds. An EIP that is bound elsewhere has to be unbound first, in a call of its own. */
function bound(state: CloudState, publicIp: PublicIp, portId: unknown): PublicIp {
  if (typeof portId !== "string" || portId === "") {
    const { port_id: _, private_ip_address: __, ...unbound } = publicIp;
    return { ...unbound, status: "DOWN" };
  }
  const port = state.ports[portId];
  if (!port) throw notFound("v1", "Port", portId);
  if (publicIp.port_id === portId) return publicIp;
  if (publicIp.port_id) throw new ApiError(409, "VPC.0510", "Floatingip has already associated with port.");
  if (Object.values(state.publicIps).some((other) => other.port_id === portId)) {
    throw new ApiError(409, "VPC.0511", "Port has already associated with floatingip.");
  }
  const privateAddress = port.fixed_ips[0]?.ip_address ?? "";
  return { ...publicIp, status: "ACTIVE", port_id: portId, private_ip_address: privateAddress };
}
