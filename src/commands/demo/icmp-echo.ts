import { internetChecksum } from "../../vrrp/checksum.ts";

export const IPPROTO_ICMP = 1;

const ECHO_REQUEST = 8;
const ECHO_REPLY = 0;
const HEADER_LENGTH = 8;

/** The ICMP message of a ping without data (RFC 792); both numbers have 16 bits. */
export function echoRequest(identifier: number, sequence: number): Uint8Array {
  const message = new Uint8Array(HEADER_LENGTH);
  const view = new DataView(message.buffer);
  view.setUint8(0, ECHO_REQUEST);
  view.setUint16(4, identifier);
  view.setUint16(6, sequence);
  view.setUint16(2, internetChecksum(message));
  return message;
}

/** The sequence number, if an IPv4 packet is the answer to a ping with this identifier. The kernel has checked checksums. */
export function echoReplySequence(packet: Uint8Array, identifier: number): number | undefined {
  const headerLength = ((packet[0] ?? 0) & 0x0f) * 4;
  const message = packet.subarray(headerLength);
  if (message.length < HEADER_LENGTH) return undefined;
  const view = new DataView(message.buffer, message.byteOffset, message.length);
  const isOurs = view.getUint8(0) === ECHO_REPLY && view.getUint16(4) === identifier;
  return isOurs ? view.getUint16(6) : undefined;
}
