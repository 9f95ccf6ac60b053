import { type IpAddress, ipToBytes } from "../base/ip.ts";

export const ETHERTYPE_ARP = 0x0806;

const BROADCAST = new Uint8Array(6).fill(0xff);
/** Hardware type Ethernet, protocol type IPv4, lengths 6 and 4, operation request (RFC 826). */
const ARP_REQUEST_FOR_IPV4 = Uint8Array.of(0, 1, 0x08, 0, 6, 4, 0, 1);

/**
 * The Ethernet frame of a gratuitous ARP request for an IPv4 address (RFC 5227 §3, RFC 9568 §8.1.2), 42 bytes. As in keepalived
 * the target hardware address is broadcast; every form updates the neighbour table of a Linux host, and this one is what
 * networks with a keepalived in them have proved.
 */
export function gratuitousArpRequest(hardwareAddress: Uint8Array, address: IpAddress): Uint8Array {
  const protocolAddress = ipToBytes(address);
  return Uint8Array.from([
    ...BROADCAST,
    ...hardwareAddress,
    ETHERTYPE_ARP >> 8,
    ETHERTYPE_ARP & 0xff,
    ...ARP_REQUEST_FOR_IPV4,
    ...hardwareAddress,
    ...protocolAddress,
    ...BROADCAST,
    ...protocolAddress,
  ]);
}
