import { OperatorError } from "../base/errors.ts";
import type { InstanceConfig } from "../config/config.ts";
import type { AddressEntry, AddressResult, Network } from "../linux/network.ts";
import { entryOf, managedAddresses } from "./host-view.ts";

/**
 * Removes every configured VIP that a process which crashed left behind, whatever its prefix length. Asking also for those
 * that are not there costs nothing, and shows at the start, not at the failover, whether this process may change addresses.
 *
 * @returns the entries that were there
 * @throws {OperatorError} `linux/no-cap-net-admin`
 */
export async function removeLeftovers(
  instances: readonly InstanceConfig[],
  network: Network,
): Promise<readonly AddressEntry[]> {
  const configured = instances.flatMap(managedAddresses);
  const addresses = new Set(configured.map(({ address }) => address));
  const interfaces = new Set(configured.map(({ interfaceName }) => network.link(interfaceName)?.index));
  const left = network
    .addresses()
    .filter((entry) => addresses.has(entry.address) && interfaces.has(entry.interfaceIndex));
  const wanted = configured
    .map((address) => entryOf(address, network))
    .filter((entry) => entry !== undefined);
  refusePermissionErrors(await network.removeAddresses([...left, ...wanted]));
  return left;
}

function refusePermissionErrors(results: readonly AddressResult[]): void {
  if (!results.some(({ error }) => error === "EPERM")) return;
  throw new OperatorError({
    code: "linux/no-cap-net-admin",
    message: "this process may not change addresses: it lacks CAP_NET_ADMIN",
    hint: "run it as root, or give the service AmbientCapabilities=CAP_NET_ADMIN CAP_NET_RAW",
  });
}
