import * as z from "zod";
import { parseIp } from "../../src/base/ip.ts";

const region = z
  .string()
  .regex(/^[a-z]{2,3}(-[a-z]+)+-\d+$/, "a region looks like eu-central-1")
  .optional()
  .meta({ description: "Such as eu-central-1. Without it, the region that the instance's metadata name." });

const common = {
  region,
  connect_timeout: z.number().min(0.1).max(10).default(1).meta({
    description: "Seconds in which a connection to the API must be open, and instance metadata must answer.",
  }),
  request_timeout: z.number().min(0.2).max(60).default(3).meta({
    description: "Seconds in which the API must answer.",
    why: "The SDK itself would wait for ever; a failover must not.",
  }),
  endpoint: z.url().optional().meta({
    description: "Another EC2 endpoint than the region's: a VPC endpoint, or an emulator.",
  }),
  metadata_endpoint: z.url().optional().meta({
    description: "Another metadata endpoint than http://169.254.169.254.",
  }),
};

const address = z.string().refine((text) => parseIp(text) !== undefined, "not an IP address");

/** Options of `provider: { name: aws }`, by mechanism. */
export const awsOptions = z.discriminatedUnion("mechanism", [
  z.strictObject({
    mechanism: z.literal("secondary-ip").meta({
      description:
        "The VIPs are secondary addresses of a network interface; IPv6 addresses may be among them.",
    }),
    ...common,
  }),
  z.strictObject({
    mechanism: z.literal("elastic-ip").meta({ description: "The VIPs are Elastic IPs, that is, public." }),
    private_addresses: z.record(address, address).default({}).meta({
      description: "Which private address of this node an Elastic IP goes to: VIP: private address.",
      why: "One private address can have one Elastic IP. Those not listed go to the primary address.",
    }),
    ...common,
  }),
  z.strictObject({
    mechanism: z
      .literal("route")
      .meta({ description: "The VIPs lie outside the VPC; route tables lead to them." }),
    route_tables: z
      .array(z.string().regex(/^rtb-[0-9a-f]+$/, "a route table's id looks like rtb-0123456789abcdef0"))
      .min(1)
      .refine((tables) => new Set(tables).size === tables.length, "a route table is listed twice")
      .meta({ description: "Every table whose subnets must reach the VIPs." }),
    ...common,
  }),
  z.strictObject({
    mechanism: z.literal("network-interface").meta({
      description:
        "A whole network interface moves, and the VIPs, which are its addresses, with it. The slowest.",
    }),
    network_interface: z
      .string()
      .regex(/^eni-[0-9a-f]+$/, "a network interface's id looks like eni-0123456789abcdef0")
      .meta({ description: "The interface that moves; never a primary one." }),
    device_index: z.int().min(1).max(30).default(1).meta({
      description: "Where it is attached on this node.",
    }),
    force_detach_after: z.number().min(0).max(30).default(10).meta({
      description: "Seconds after which a detachment that does not end is forced; 0 never forces.",
      why: "A dead server's system cannot take part in detaching.",
    }),
    ...common,
  }),
]);

export type AwsOptions = z.output<typeof awsOptions>;
export type MechanismName = AwsOptions["mechanism"];
export type OptionsOf<Name extends MechanismName> = Extract<AwsOptions, { readonly mechanism: Name }>;
