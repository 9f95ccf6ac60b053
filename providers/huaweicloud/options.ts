import * as z from "zod";
import { parseIp } from "../../src/base/ip.ts";

const id = z.string().min(1);
const virtualAddress = z.string().refine((text) => parseIp(text) !== undefined, "not an IP address");

const common = {
  source_destination_check: z.enum(["repair", "ignore"]).default("repair").meta({
    description:
      "`repair` switches the source/destination check of the own interface off where it is on; `ignore` leaves it to you.",
  }),
  credentials: z.enum(["agency", "environment"]).default("agency").meta({
    description:
      "`agency`: temporary ones of the server's agency, from metadata. `environment`: HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK and, if temporary, HUAWEICLOUD_SDK_SECURITY_TOKEN.",
  }),
  region: id.optional().meta({ description: "Such as `cn-north-4`; from metadata unless given." }),
  project_id: id.optional().meta({ description: "From metadata unless given." }),
  endpoint: z.url().optional().meta({
    description: "The VPC service; `https://vpc.REGION.myhuaweicloud.com` unless given.",
    why: "Partner clouds and private ones have names of their own.",
  }),
  metadata_endpoint: z.url().default("http://169.254.169.254").meta({
    description: "The metadata service of this server.",
  }),
  request_timeout: z.number().min(0.1).max(60).default(3).meta({
    description: "Seconds in which the API must answer.",
    why: "The SDK itself would wait for ever; a failover must not.",
  }),
};

/** Options of `provider: { name: huaweicloud }`, by mechanism. */
export const huaweicloudOptions = z.discriminatedUnion("mechanism", [
  z.strictObject({
    mechanism: z.literal("virtual-ip").meta({
      description: "The VIPs are virtual IPs of the subnet; gratuitous ARP moves them.",
    }),
    exclusive: z.boolean().default(false).meta({
      description: "Bind each virtual IP to the MASTER's network interface alone.",
      why: "A fence against a MASTER that was cut off. It makes every failover wait for an API call.",
    }),
    eips: z.record(virtualAddress, id).default({}).meta({
      description: "The id of the EIP that belongs to a virtual IP, by the virtual IP's address.",
    }),
    ...common,
  }),
  z.strictObject({
    mechanism: z.literal("route").meta({
      description: "The VIPs lie outside the VPC; the API moves the routes that lead to them.",
    }),
    route_tables: z
      .array(id)
      .min(1)
      .refine((tables) => new Set(tables).size === tables.length, "a route table is listed twice")
      .meta({
        description: "The ids of the route tables whose subnets must reach the VIPs.",
        why: "Named one by one, so that no other table is ever touched.",
      }),
    next_hop: z.enum(["ecs", "eni"]).default("ecs").meta({
      description:
        "`ecs` routes to the server's primary interface; `eni` to the own interface, if it is an extension one.",
    }),
    ...common,
  }),
]);

export type HuaweicloudOptions = z.output<typeof huaweicloudOptions>;
export type VirtualIpOptions = Extract<HuaweicloudOptions, { readonly mechanism: "virtual-ip" }>;
export type RouteOptions = Extract<HuaweicloudOptions, { readonly mechanism: "route" }>;
