/** The calls of the VPC service that this provider makes, and the parts of the answers that it reads. */
import type { HcClient, HttpRequestOptions } from "@huaweicloud/huaweicloud-sdk-core/HcClient.js";
import type { SdkResponse } from "@huaweicloud/huaweicloud-sdk-core/SdkResponse.js";
import * as z from "zod";
import { SignedCaller, type VpcClientOptions } from "./vpc-client.ts";

export type Port = z.output<typeof portSchema>;
export interface AddressPair {
  readonly ip_address: string;
  readonly mac_address?: string | undefined;
}
export type Route = z.output<typeof routeSchema>;
export type RouteTable = z.output<typeof routeTableSchema>;
export type PublicIp = z.output<typeof publicIpSchema>;

export interface PortFilter {
  readonly network_id?: string;
  readonly device_id?: string;
  readonly device_owner?: string;
  /** Such as `ip_address=192.168.0.67`. */
  readonly fixed_ips?: string;
}

/** All of these throw {@link import("../../src/provider/errors.ts").ProviderError}, or the reason of an aborted signal. */
export class Vpc {
  /** For calls that only doctor makes. */
  readonly caller: SignedCaller;

  constructor(options: VpcClientOptions) {
    this.caller = new SignedCaller(options);
  }

  /** `GET /v1/{project_id}/ports/{port_id}` */
  async showPort(id: string, signal: AbortSignal): Promise<Port> {
    const reply = await this.caller.call("vpc:ports:get", z.object({ port: portSchema }), signal, ({ vpc }) =>
      vpc.showPort(wire({ port_id: id })),
    );
    return reply.port;
  }

  /** `GET /v1/{project_id}/ports`: those that match every given field. */
  async listPorts(filter: PortFilter, signal: AbortSignal): Promise<readonly Port[]> {
    const schema = z.object({ ports: z.array(portSchema) });
    const reply = await this.caller.call("vpc:ports:get", schema, signal, ({ vpc }) =>
      vpc.listPorts(wire(filter)),
    );
    return reply.ports;
  }

  /** `PUT /v1/{project_id}/ports/{port_id}`; the pairs replace all that were there. */
  async updatePort(
    id: string,
    change: { readonly allowed_address_pairs: readonly AddressPair[] } | { readonly name: string },
    signal: AbortSignal,
  ): Promise<Port> {
    const reply = await this.caller.call(
      "vpc:ports:update",
      z.object({ port: portSchema }),
      signal,
      ({ vpc }) => vpc.updatePort(wire({ port_id: id, body: { port: change } })),
    );
    return reply.port;
  }

  /** `GET /v1/{project_id}/routetables/{routetable_id}` */
  async showRouteTable(id: string, signal: AbortSignal): Promise<RouteTable> {
    const schema = z.object({ routetable: routeTableSchema });
    const reply = await this.caller.call("vpc:routeTables:get", schema, signal, ({ vpc }) =>
      vpc.showRouteTable(wire({ routetable_id: id })),
    );
    return reply.routetable;
  }

  /** `PUT /v1/{project_id}/routetables/{routetable_id}`; several routes at once, all or none. */
  async updateRouteTable(
    id: string,
    change:
      | { readonly routes: { readonly add?: readonly Route[]; readonly mod?: readonly Route[] } }
      | { readonly name: string },
    signal: AbortSignal,
  ): Promise<void> {
    await this.caller.call("vpc:routeTables:update", z.unknown(), signal, ({ vpc }) =>
      vpc.updateRouteTable(wire({ routetable_id: id, body: { routetable: change } })),
    );
  }

  /** `GET /v1/{project_id}/publicips/{publicip_id}` */
  async showPublicIp(id: string, signal: AbortSignal): Promise<PublicIp> {
    const schema = z.object({ publicip: publicIpSchema });
    const reply = await this.caller.call("vpc:publicIps:get", schema, signal, ({ http }) =>
      sendPublicIp(http, "GET", id),
    );
    return reply.publicip;
  }

  /** `PUT /v1/{project_id}/publicips/{publicip_id}`; fails with a conflict while it is bound to another port. */
  async bindPublicIp(id: string, portId: string, signal: AbortSignal): Promise<void> {
    await this.caller.call("vpc:publicIps:update", z.unknown(), signal, ({ http }) =>
      sendPublicIp(http, "PUT", id, { publicip: { port_id: portId } }),
    );
  }

  close(): void {
    this.caller.close();
  }
}

/** The service writes null for what is not set, or leaves it out, by its age. */
export const optionalText = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined);

const text = optionalText.transform((value) => value ?? "");

export function listOf<Entry extends z.ZodType>(entry: Entry) {
  return z
    .array(entry)
    .nullish()
    .transform((list) => list ?? []);
}

const portSchema = z.object({
  id: z.string().min(1),
  name: text,
  device_id: text,
  device_owner: text,
  network_id: text,
  status: text,
  security_groups: listOf(z.string()),
  "binding:profile": z.object({ disable_security_groups: z.boolean().nullish() }).nullish(),
  fixed_ips: listOf(z.object({ ip_address: z.string() })),
  allowed_address_pairs: listOf(z.object({ ip_address: z.string(), mac_address: optionalText })),
  port_security_enabled: z
    .boolean()
    .nullish()
    .transform((value) => value ?? true),
});

const routeSchema = z.object({ type: z.string(), destination: z.string(), nexthop: z.string() });

const routeTableSchema = z.object({ id: z.string().min(1), name: text, routes: listOf(routeSchema) });

const publicIpSchema = z.object({ id: z.string().min(1), port_id: optionalText });

/** The SDK has no methods for EIPs, but signs any request. */
function sendPublicIp(
  http: HcClient,
  method: "GET" | "PUT",
  id: string,
  data?: NonNullable<HttpRequestOptions["data"]>,
): Promise<SdkResponse> {
  return http.sendRequest({
    method,
    url: `/v1/{project_id}/publicips/${encodeURIComponent(id)}`,
    contentType: "application/json",
    queryParams: {},
    pathParams: {},
    headers: {},
    ...(data === undefined ? {} : { data }),
  });
}

/**
 * The SDK's methods also take plain objects with the names of the wire, which its types do not say; its request classes
 * would have to be filled through setters and give the same bytes.
 */
function wire<Request>(request: object): Request {
  return request as Request;
}
