import { z } from "zod";
import { parseIp } from "../../src/base/ip.ts";

const id = z.string().min(1);
const virtualAddress = z.string().refine((text) => parseIp(text) !== undefined, "must be an IP address");

/** Options of `provider: { name: huaweicloud }`. */
export const huaweicloudOptions = z
  .strictObject({
    mechanism: z.enum(["virtual_ip", "route"]).default("virtual_ip").meta({
      description:
        "`virtual_ip`: the VIPs are virtual IPs of the subnet, moved by gratuitous ARP. `route`: the VIPs lie outside the VPC and routes to them are moved by the API.",
    }),
    exclusive: z.boolean().default(false).meta({
      description: "Bind the virtual IP to the MASTER's network interface alone.",
      why: "A fence against a MASTER that was cut off. It makes every failover wait for one API call.",
    }),
    eips: z.record(virtualAddress, id).default({}).meta({
      description: "The id of the EIP that belongs to a virtual IP, by the virtual IP's address.",
    }),
    route_tables: z.array(id).default([]).meta({
      description: "The ids of the route tables whose routes to the VIPs are moved.",
      why: "Named one by one, so that no other route is ever touched.",
    }),
    next_hop: z.enum(["ecs", "eni"]).default("ecs").meta({
      description:
        "`ecs` routes to the server, that is its primary interface; `eni` to an extension interface.",
    }),
    source_destination_check: z.enum(["repair", "ignore"]).default("repair").meta({
      description:
        "`repair` switches the check of the own interface off where it is on; `ignore` leaves it to you.",
    }),
    credentials: z.enum(["agency", "environment"]).default("agency").meta({
      description:
        "`agency`: temporary ones of the server's agency, from metadata. `environment`: HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK and, if temporary, HUAWEICLOUD_SDK_SECURITY_TOKEN.",
    }),
    region: id.optional().meta({ description: "Such as `cn-north-4`; from metadata unless given." }),
    project_id: id.optional().meta({ description: "From metadata unless given." }),
    endpoint: z.url().optional().meta({
      description:
        "The VPC service, `https://vpc.REGION.myhuaweicloud.com` unless given; another for partner clouds.",
    }),
    metadata_endpoint: z.url().default("http://169.254.169.254"),
    timeout: z.number().min(0.1).max(60).default(5).meta({ description: "Seconds for one API call." }),
  })
  .check((context) => {
    const { mechanism, exclusive, eips, route_tables } = context.value;
    const refuse = (path: string, message: string) =>
      context.issues.push({ code: "custom", input: context.value, path: [path], message });
    if (mechanism === "route" && route_tables.length === 0) {
      refuse("route_tables", "must name at least one route table for `mechanism: route`");
    }
    if (mechanism === "virtual_ip" && route_tables.length > 0) {
      refuse("route_tables", "belongs to `mechanism: route`");
    }
    if (mechanism === "route" && exclusive) refuse("exclusive", "belongs to `mechanism: virtual_ip`");
    if (mechanism === "route" && Object.keys(eips).length > 0) {
      refuse("eips", "belongs to `mechanism: virtual_ip`");
    }
  });

export type HuaweicloudOptions = z.output<typeof huaweicloudOptions>;
