import { type IpAddress, parseIp } from "../base/ip.ts";
import { readDatagrams } from "./datagram-reader.ts";
import { errnoName, openSocket, SOCK_RAW, SystemCallError, sendTo, setReceiveBuffer } from "./libc.ts";
import { refusedSocket } from "./refused-socket.ts";
import { AF_INET, internetAddress } from "./socket-address.ts";

/** Sends pings and hears the answers, for one process. */
export interface IcmpSocket {
  /** @returns why the kernel did not send it, such as ENETUNREACH; undefined when it did */
  ping(destination: IpAddress, sequence: number): string | undefined;
  close(): void;
}

const IPPROTO_ICMP = 1;
const ECHO_REQUEST = 8;
const ECHO_REPLY = 0;
const HEADER_LENGTH = 8;
const IPV4_SOURCE = 12;
/** A raw socket is handed every ICMP message that reaches the host; a longer one than an echo reply of ours is cut. */
const PACKET_BYTES_MAX = 128;
const RECEIVE_BUFFER_BYTES = 1 << 20;

/**
 * Opens a raw ICMP socket (RFC 792) in the network namespace of the calling thread.
 *
 * @param identifier 16 bits that tell our answers from those of other programs on this host
 * @throws {OperatorError} `linux/no-cap-net-raw` or `linux/socket-refused`
 */
export function openIcmpSocket(
  identifier: number,
  onReply: (reply: { readonly from: IpAddress; readonly sequence: number }) => void,
): IcmpSocket {
  const fd = openSocket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
  if (fd < 0) throw refusedSocket("a raw socket for ping (ICMP)", new SystemCallError("ping", errnoName(fd)));
  setReceiveBuffer(fd, RECEIVE_BUFFER_BYTES);
  const reader = readDatagrams(fd, {
    bytesMax: PACKET_BYTES_MAX,
    onDatagram: (packet) => {
      const reply = readEchoReply(packet, identifier);
      if (reply) onReply(reply);
    },
    // Such as a network that is down: the answers that stay away tell.
    onError: () => {},
  });
  return {
    ping(destination, sequence) {
      const sent = sendTo(fd, echoRequest(identifier, sequence), internetAddress(destination));
      return sent < 0 ? errnoName(sent) : undefined;
    },
    close: () => reader.close(),
  };
}

function echoRequest(identifier: number, sequence: number): Uint8Array {
  const message = new DataView(new ArrayBuffer(HEADER_LENGTH));
  message.setUint8(0, ECHO_REQUEST);
  message.setUint16(4, identifier);
  message.setUint16(6, sequence);
  // RFC 1071, for the three words that are not zero.
  const sum = (ECHO_REQUEST << 8) + identifier + sequence;
  message.setUint16(2, ~((sum & 0xffff) + (sum >> 16)));
  return new Uint8Array(message.buffer);
}

/** An IPv4 packet begins with its header, whose length is in its first byte. The kernel has checked checksums. */
function readEchoReply(
  packet: Uint8Array,
  identifier: number,
): { readonly from: IpAddress; readonly sequence: number } | undefined {
  const message = packet.subarray(((packet[0] ?? 0) & 0x0f) * 4);
  if (message.length < HEADER_LENGTH || message[0] !== ECHO_REPLY) return undefined;
  const view = new DataView(message.buffer, message.byteOffset, message.length);
  if (view.getUint16(4) !== identifier) return undefined;
  const from = parseIp(packet.subarray(IPV4_SOURCE, IPV4_SOURCE + 4).join("."));
  return from && { from, sequence: view.getUint16(6) };
}
