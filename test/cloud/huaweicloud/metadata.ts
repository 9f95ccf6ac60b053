import { randomBytes } from "node:crypto";
import type { CloudAnswer, CloudRequest } from "../base/call.ts";
import type { Credentials } from "./agency.ts";
import type { CloudState, Server } from "./wire.ts";

/** `required` refuses a GET without a token; `absent` knows no tokens at all, as most regions. */
export type MetadataTokens = "absent" | "optional" | "required";

/** The metadata service of one server, as the server sees it on 169.254.169.254. */
export class Metadata {
  readonly #credentials: Credentials;
  readonly #tokens = new Map<string, number>();
  readonly tokenMode: MetadataTokens;

  constructor(credentials: Credentials, tokenMode: MetadataTokens) {
    this.#credentials = credentials;
    this.tokenMode = tokenMode;
  }

  answer(state: CloudState, server: Server, request: CloudRequest, path: string, now: number): CloudAnswer {
    if (path === "/meta-data/latest/api/token") return this.#issueToken(request, now);
    if (request.method !== "GET") return plain(405, "Method Not Allowed");
    if (!this.#admits(request, now)) return plain(401, "Unauthorized");
    switch (path) {
      case "/openstack/latest/meta_data.json":
        return plain(200, metaData(state, server), "application/json");
      case "/openstack/latest/network_data.json":
        return plain(200, networkData(state, server), "application/json");
      case "/openstack/latest/securitykey":
        return this.#securityKey(server, now);
      case "/latest/meta-data/local-ipv4":
        return plain(200, portsOf(state, server)[0]?.fixed_ips[0]?.ip_address ?? "");
      case "/latest/meta-data/placement/availability-zone":
        return plain(200, server.availability_zone);
    }
    return plain(404, "404 Not Found");
  }

  #issueToken(request: CloudRequest, now: number): CloudAnswer {
    if (this.tokenMode === "absent") return plain(404, "404 Not Found");
    if (request.method !== "PUT") return plain(405, "Method Not Allowed");
    const ttlSeconds = Number(request.headers["x-metadata-token-ttl-seconds"]);
    if (!(ttlSeconds >= 1 && ttlSeconds <= 21_600)) return plain(400, "Bad Request");
    const token = randomBytes(24).toString("base64url");
    this.#tokens.set(token, now + ttlSeconds * 1000);
    return plain(200, token);
  }

  #admits(request: CloudRequest, now: number): boolean {
    const token = request.headers["x-metadata-token"];
    if (token === undefined || this.tokenMode === "absent") return this.tokenMode !== "required";
    return typeof token === "string" && (this.#tokens.get(token) ?? 0) > now;
  }

  #securityKey(server: Server, now: number): CloudAnswer {
    if (!server.agency) return plain(401, "Please configure Cloud Service Agency first");
    const { access, secret, securitytoken, expiresAt } = this.#credentials.ofServer(server.id, now);
    // The service writes microseconds.
    const expires_at = new Date(expiresAt).toISOString().replace(/Z$/, "000Z");
    return plain(200, { credential: { access, secret, securitytoken, expires_at } }, "application/json");
  }
}

function metaData(state: CloudState, server: Server): unknown {
  const vpcId = portsOf(state, server).map((port) => state.subnets[port.network_id]?.vpc_id)[0];
  return {
    uuid: server.id,
    availability_zone: server.availability_zone,
    hostname: `${server.name}.novalocal`,
    name: server.name,
    project_id: state.project_id,
    region_id: state.region,
    meta: { vpc_id: vpcId },
  };
}

function networkData(state: CloudState, server: Server): unknown {
  const ports = portsOf(state, server);
  return {
    services: [],
    links: ports.map((port) => ({
      id: tapOf(port.id),
      vif_id: port.id,
      ethernet_mac_address: port.mac_address,
      mtu: null,
      type: "cascading",
    })),
    networks: ports.map((port, index) => ({
      id: `network${index}`,
      link: tapOf(port.id),
      network_id: port.network_id,
      type: "ipv4_dhcp",
    })),
  };
}

function tapOf(portId: string): string {
  return `tap${portId.slice(0, 11)}`;
}

function portsOf(state: CloudState, server: Server) {
  return Object.values(state.ports).filter((port) => port.device_id === server.id);
}

function plain(status: number, body: unknown, type = "text/plain"): CloudAnswer {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const error = status >= 400 ? { error: `HTTP ${status}` } : {};
  return { status, headers: { "content-type": type }, body: text, ...error };
}
