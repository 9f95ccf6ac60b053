import { type IpAddress, ipFromBytes } from "../base/ip.ts";
import { type DatagramReader, readDatagrams } from "./datagram-reader.ts";
import { errnoName, openSocket, SOCK_RAW, SystemCallError, setSocketOption } from "./libc.ts";
import { refusedSocket } from "./refused-socket.ts";
import { AF_INET } from "./socket-address.ts";
import { IPPROTO_VRRP } from "./vrrp-socket.ts";

/** Somebody says that a VRRP packet of this host does not get where it was sent (RFC 792 "destination unreachable"). */
export interface Undelivered {
  /** Who says so: this host itself when nobody answers ARP, a router, or the peer. */
  readonly from: IpAddress;
  readonly destination: IpAddress;
  /** RFC 792, RFC 1812 §5.2.7.1: 0 network, 1 host, 2 protocol, 3 port, 9, 10 and 13 forbidden. */
  readonly code: number;
}

const IPPROTO_ICMP = 1;
const SOL_RAW = 255;
const ICMP_FILTER = 1;
const DESTINATION_UNREACHABLE = 3;
/** Bits of the types that the kernel is to keep from us: all but one. */
const ALL_OTHER_TYPES = ~(1 << DESTINATION_UNREACHABLE);
const IPV4_HEADER_LENGTH = 20;
const ICMP_HEADER_LENGTH = 8;
/** Two IPv4 headers with options and what belongs to them; the rest is of no interest and is cut. */
const PACKET_BYTES_MAX = 160;

/**
 * Hears what becomes of VRRP packets that this host sends and that do not arrive.
 *
 * @throws {OperatorError} `linux/no-cap-net-raw` or `linux/socket-refused`
 */
export function openIcmpErrors(
  onUndelivered: (undelivered: Undelivered) => void,
): Pick<DatagramReader, "close"> {
  const fd = openSocket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
  if (fd < 0) throw refusedSocket("a raw socket for ICMP", new SystemCallError("socket", errnoName(fd)));
  setSocketOption(fd, SOL_RAW, ICMP_FILTER, ALL_OTHER_TYPES);
  return readDatagrams(fd, {
    bytesMax: PACKET_BYTES_MAX,
    onDatagram: (packet) => {
      const undelivered = readUndelivered(packet);
      if (undelivered) onUndelivered(undelivered);
    },
    onError: () => {},
  });
}

/** An ICMP message carries the start of the packet that it is about. The kernel has checked its checksum. */
export function readUndelivered(packet: Uint8Array): Undelivered | undefined {
  const message = packet.subarray(((packet[0] ?? 0) & 0x0f) * 4);
  const about = message.subarray(ICMP_HEADER_LENGTH);
  if (message[0] !== DESTINATION_UNREACHABLE || about.length < IPV4_HEADER_LENGTH) return undefined;
  if (about[9] !== IPPROTO_VRRP) return undefined;
  return {
    from: ipFromBytes(packet.subarray(12, 16)),
    destination: ipFromBytes(about.subarray(16, 20)),
    code: message[1] ?? 0,
  };
}
