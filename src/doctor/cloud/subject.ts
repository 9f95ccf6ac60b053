import { type IpAddress, ipFromBytes } from "../../base/ip.ts";
import type { InstanceConfig, ProviderConfig } from "../../config/config.ts";
import type { ProviderDefinition, ProviderPorts } from "../../provider/contract.ts";
import type { PreflightSubject } from "../../provider/preflight.ts";
import type { DoctorHost } from "../host.ts";
import { ipv4Entries } from "../wires.ts";

/** An instance whose addresses a cloud moves, and the provider that does it; `options` are in the provider's own form. */
export interface CloudInstance {
  readonly instance: InstanceConfig;
  readonly definition: ProviderDefinition;
  readonly options: unknown;
}

/** What the provider is asked about. */
export function subjectOf({ virtualAddresses, excludedAddresses, peers }: InstanceConfig): PreflightSubject {
  const vips = [...virtualAddresses, ...excludedAddresses].map(({ address }) => address);
  return { vips, peers: peers.map(({ address }) => address) };
}

/** What the agent would give the provider; undefined while the interface or its address is missing. */
export async function portsOf(
  instance: InstanceConfig,
  host: DoctorHost,
): Promise<ProviderPorts | undefined> {
  const network = await host.network();
  const link = network.links.find(({ name }) => name === instance.interfaceName);
  const sourceAddress: IpAddress | undefined =
    instance.sourceAddress ?? (link && ipv4Entries(network, link)[0]?.address);
  if (!link || !sourceAddress) return undefined;
  const bytes = Array.from(link.hardwareAddress, (byte) => byte.toString(16).padStart(2, "0"));
  return {
    interfaceName: instance.interfaceName,
    hardwareAddress: bytes.join(":"),
    sourceAddress,
    log: () => undefined,
  };
}

/** For what a provider can tell without a server: on an administrator's machine, say. */
export function nowhere({ interfaceName, sourceAddress }: InstanceConfig): ProviderPorts {
  return {
    interfaceName,
    hardwareAddress: "00:00:00:00:00:00",
    sourceAddress: sourceAddress ?? NO_ADDRESS,
    log: () => undefined,
  };
}

const NO_ADDRESS = ipFromBytes(new Uint8Array(4));

/** The options as the provider's schema reads them, or what is wrong with them. */
export function readOptions(
  definition: ProviderDefinition,
  { options }: ProviderConfig,
): { readonly options: unknown } | { readonly mistakes: readonly string[] } {
  const parsed = definition.options.safeParse(options);
  if (parsed.success) return { options: parsed.data };
  return { mistakes: parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) };
}
