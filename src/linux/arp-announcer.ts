import type { IpAddress } from "../base/ip.ts";

/** Sends gratuitous ARP through an AF_PACKET socket. */
export interface ArpAnnouncer {
  /**
   * Sends one gratuitous ARP request for an IPv4 address, as keepalived forms it (target hardware address = broadcast).
   * Never blocks and never throws; returns the errno's name, such as `ENETDOWN`, or undefined when the frame went out.
   */
  announce(frame: {
    interfaceIndex: number;
    hardwareAddress: Uint8Array;
    address: IpAddress;
  }): string | undefined;
  close(): void;
}
