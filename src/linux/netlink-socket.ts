/**
 * An rtnetlink socket through libc. The `netlink` package knows the messages, and they are its; its own socket aborts the
 * process when the kernel reports ENOBUFS, which a container host with many interfaces does in the normal course of events.
 */
import { type DatagramReader, readDatagrams } from "./datagram-reader.ts";
import {
  bindSocket,
  closeSocket,
  errnoName,
  openSocket,
  SOCK_RAW,
  SystemCallError,
  sendTo,
  setReceiveBuffer,
} from "./libc.ts";
import { AF_NETLINK, netlinkAddress } from "./socket-address.ts";

const NETLINK_ROUTE = 0;
/** The kernel puts at most 32 KiB of a dump into one datagram. */
const DATAGRAM_BYTES_MAX = 65_536;

export interface NetlinkSocketOptions {
  /** The multicast groups whose events are wanted, each below 33. */
  readonly groups: readonly number[];
  readonly receiveBufferBytes: number;
}

export interface NetlinkSocket {
  /** Never throws; a failure is reported through `onError`. */
  send(datagram: Uint8Array): void;
  close(): void;
}

export interface NetlinkSocketEvents {
  /** One or several messages; the buffer is reused by the next datagram. */
  readonly onDatagram: (datagram: Uint8Array) => void;
  /** The errno's name; ENOBUFS when messages were lost because more came than the socket holds. */
  readonly onError: (code: string) => void;
}

/** @throws SystemCallError */
export function openNetlinkSocket(events: NetlinkSocketEvents, options: NetlinkSocketOptions): NetlinkSocket {
  const fd = openSocket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
  if (fd < 0) throw new SystemCallError("opening a netlink socket", errnoName(fd));
  setReceiveBuffer(fd, options.receiveBufferBytes);
  const bound = bindSocket(fd, netlinkAddress(options.groups));
  if (bound < 0) {
    closeSocket(fd);
    throw new SystemCallError("binding a netlink socket", errnoName(bound));
  }
  const reader: DatagramReader = readDatagrams(fd, { bytesMax: DATAGRAM_BYTES_MAX, ...events });
  return {
    send(datagram) {
      const sent = sendTo(fd, datagram, netlinkAddress([]));
      if (sent < 0) events.onError(errnoName(sent));
    },
    close: () => reader.close(),
  };
}
