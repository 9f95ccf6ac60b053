import { type IpAddress, type IpPrefix, parseIp, parsePrefix } from "../../src/base/ip.ts";
import type { Identity, ProviderPorts } from "../../src/provider/contract.ts";
import { ProviderError } from "../../src/provider/errors.ts";
import type { Metadata } from "./metadata.ts";

/** This instance and the network interface that the VIPs go to. */
export interface AwsIdentity extends Identity {
  readonly region: string;
  readonly zone: string;
  readonly subnetId: string;
  readonly instanceType: string;
  readonly vpcId: string;
  /** Where its metadata are: `network/interfaces/macs/<mac>/`. */
  readonly metadataPath: string;
  readonly primaryAddress: IpAddress | undefined;
  /** IPv4 and IPv6. */
  readonly subnetBlocks: readonly IpPrefix[];
  readonly vpcBlocks: readonly IpPrefix[];
}

const INTERFACES = "network/interfaces/macs/";

/**
 * Finds the interface by its MAC, never by a device number: numbers differ between what the cloud and the kernel say.
 *
 * @throws {ProviderError} `misconfigured` when the instance has no such interface, or the adverts leave by another one
 */
export async function readIdentity(
  metadata: Metadata,
  ports: ProviderPorts,
  signal: AbortSignal,
): Promise<AwsIdentity> {
  const read = (item: string) => required(metadata, item, signal);
  const macs = (await metadata.readLines(INTERFACES, signal)).map((line) => line.replace(/\/$/, ""));
  const mac = ports.hardwareAddress.toLowerCase();
  if (!macs.includes(mac)) throw notOurs(ports, macs);
  await refuseOtherSource(metadata, ports, macs, signal);
  const metadataPath = `${INTERFACES}${mac}/`;
  const list = (item: string) => metadata.readLines(`${metadataPath}${item}`, signal);
  const [instanceId, instanceType, region, zone] = await Promise.all([
    read("instance-id"),
    read("instance-type"),
    read("placement/region"),
    read("placement/availability-zone"),
  ]);
  const [networkInterfaceId, subnetId, vpcId] = await Promise.all([
    read(`${metadataPath}interface-id`),
    read(`${metadataPath}subnet-id`),
    read(`${metadataPath}vpc-id`),
  ]);
  const [addresses, subnet4, subnet6, vpc4, vpc6] = await Promise.all([
    list("local-ipv4s"),
    list("subnet-ipv4-cidr-block"),
    list("subnet-ipv6-cidr-blocks"),
    list("vpc-ipv4-cidr-blocks"),
    list("vpc-ipv6-cidr-blocks"),
  ]);
  return {
    ...{ instanceId, instanceType, region, zone, networkInterfaceId, subnetId, vpcId, metadataPath },
    primaryAddress: parseIp(addresses[0] ?? ""),
    subnetBlocks: prefixes([...subnet4, ...subnet6]),
    vpcBlocks: prefixes([...vpc4, ...vpc6]),
  };
}

async function required(metadata: Metadata, item: string, signal: AbortSignal): Promise<string> {
  const value = await metadata.read(item, signal);
  if (value !== undefined) return value;
  throw new ProviderError({
    kind: "not-found",
    operation: "metadata",
    message: `instance metadata have no ${item}`,
    hint: "Run cloudvip with the aws provider on an EC2 instance in a VPC.",
  });
}

/** Adverts from one interface and VIPs on another would elect by a path that clients do not use. */
async function refuseOtherSource(
  metadata: Metadata,
  ports: ProviderPorts,
  macs: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const others = macs.filter((mac) => mac !== ports.hardwareAddress.toLowerCase());
  for (const mac of others) {
    const addresses = await metadata.readLines(`${INTERFACES}${mac}/local-ipv4s`, signal);
    if (!addresses.includes(ports.sourceAddress)) continue;
    throw new ProviderError({
      kind: "misconfigured",
      operation: "metadata",
      message: `${ports.sourceAddress}, the source of the adverts, belongs to the interface ${mac}, and not to ${ports.interfaceName} (${ports.hardwareAddress})`,
      hint: "Let `interface` and `unicast_src_ip` name the same network interface.",
    });
  }
}

function notOurs(ports: ProviderPorts, macs: readonly string[]): ProviderError {
  return new ProviderError({
    kind: "misconfigured",
    operation: "metadata",
    message: `${ports.interfaceName} has the MAC ${ports.hardwareAddress}, which is no network interface of this instance (it has ${macs.join(", ")})`,
    hint: "Name the interface that is attached to the instance, not a bridge, tunnel or container interface.",
  });
}

function prefixes(texts: readonly string[]): readonly IpPrefix[] {
  return texts.flatMap((text) => parsePrefix(text) ?? []);
}
