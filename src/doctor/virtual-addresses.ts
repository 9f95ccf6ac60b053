import type { InstanceConfig, VirtualAddress } from "../config/config.ts";

/** All that an instance binds, whether its adverts list them or not. */
export function virtualAddressesOf({
  virtualAddresses,
  excludedAddresses,
}: InstanceConfig): readonly VirtualAddress[] {
  return [...virtualAddresses, ...excludedAddresses];
}
