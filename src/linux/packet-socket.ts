import type { ArpAnnouncer } from "./arp-announcer.ts";
import { ETHERTYPE_ARP, gratuitousArpRequest } from "./gratuitous-arp.ts";
import { closeSocket, errnoName, openSocket, SOCK_RAW, SystemCallError, sendTo } from "./libc.ts";
import { refusedSocket } from "./refused-socket.ts";
import { AF_PACKET, linkLayerAddress } from "./socket-address.ts";

/** An AF_PACKET socket of protocol 0 sends frames and receives none, so nothing queues up in it. */
const RECEIVE_NOTHING = 0;

/**
 * Opens the socket for gratuitous ARP, one for all interfaces.
 *
 * @throws {OperatorError} `linux/no-cap-net-raw` or `linux/socket-refused`
 */
export function openArpAnnouncer(): ArpAnnouncer {
  const fd = openSocket(AF_PACKET, SOCK_RAW, RECEIVE_NOTHING);
  if (fd < 0) {
    throw refusedSocket("a packet socket for gratuitous ARP", new SystemCallError("socket", errnoName(fd)));
  }
  return {
    announce({ interfaceIndex, hardwareAddress, address }) {
      const frame = gratuitousArpRequest(hardwareAddress, address);
      const sent = sendTo(fd, frame, linkLayerAddress(interfaceIndex, ETHERTYPE_ARP));
      return sent < 0 ? errnoName(sent) : undefined;
    },
    close: () => void closeSocket(fd),
  };
}
