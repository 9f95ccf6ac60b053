/**
 * What `allowed_address_pairs` should hold. Two unlike uses share the field: on a virtual IP's port it lists the addresses
 * of the interfaces that may carry the virtual IP; on a server's interface the single pair 1.1.1.1/0 switches the
 * source/destination check off. A PUT replaces the whole list, so what others put there is always written back.
 */
import type { AddressPair, Port } from "./vpc.ts";

/** A virtual IP is a port with this owner. */
export const VIP_DEVICE_OWNER = "neutron:VIP_PORT";

/** Documented: a virtual IP can be bound to this many interfaces. */
export const BINDINGS_MAX = 10;

const UNCHECKED = "1.1.1.1/0";

/** Whether the interface with this address may carry the virtual IP. */
export function isBound(vipPort: Port, ownAddress: string): boolean {
  return vipPort.allowed_address_pairs.some((pair) => pair.ip_address === ownAddress);
}

/** Whether nobody else may. */
export function bindsAlone(vipPort: Port, ownAddress: string): boolean {
  return isBound(vipPort, ownAddress) && vipPort.allowed_address_pairs.length === 1;
}

/** The list that binds the own interface beside those that are bound; undefined when there is nothing to change. */
export function pairsWithOwn(vipPort: Port, ownAddress: string): readonly AddressPair[] | undefined {
  if (isBound(vipPort, ownAddress)) return undefined;
  return [...vipPort.allowed_address_pairs, { ip_address: ownAddress }];
}

/** Whether the interface drops packets that are not of or for its own addresses. */
export function isChecked(nic: Port): boolean {
  return (
    nic.port_security_enabled && !nic.allowed_address_pairs.some((pair) => pair.ip_address === UNCHECKED)
  );
}

/** The list that switches the check off; undefined when it is off. */
export function pairsUnchecked(nic: Port): readonly AddressPair[] | undefined {
  return isChecked(nic) ? [...nic.allowed_address_pairs, { ip_address: UNCHECKED }] : undefined;
}
