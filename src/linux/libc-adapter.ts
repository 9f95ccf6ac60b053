/**
 * The VRRP socket through libc: many packets a system call, and no compiler at installation.
 *
 * Node's own classes refuse a raw socket's descriptor, so the question is who tells us that it is readable. A thread in
 * poll(2) would wait in the same pool as DNS look-ups and hanging disks, and a signal (O_ASYNC) says nothing more while its
 * queue is full. koffi can put a descriptor into Node's own event loop (uv_poll), as Node does with its sockets: no thread,
 * level-triggered, so no wake-up is lost. That function is young, hence koffi's exact version in package.json.
 */
import {
  closeSocket,
  errnoName,
  IP_HDRINCL,
  IPPROTO_IP,
  openSocket,
  SOCK_RAW,
  SystemCallError,
  setReceiveBuffer,
  setSendBuffer,
  setSocketOption,
} from "./libc.ts";
import { readPackets } from "./packet-reader.ts";
import { PacketSender } from "./packet-sender.ts";
import { AF_INET } from "./socket-address.ts";
import {
  IPPROTO_VRRP,
  PACKET_BYTES_MAX,
  RECEIVE_BUFFER_BYTES,
  SEND_BUFFER_BYTES,
  type VrrpSocket,
  type VrrpSocketEvents,
} from "./vrrp-socket.ts";

/** @throws SystemCallError, its `code` EPERM without CAP_NET_RAW */
export function openLibcAdapter(events: VrrpSocketEvents): VrrpSocket {
  const fd = openRawSocket();
  const reader = readPackets(fd, {
    bytesMax: PACKET_BYTES_MAX,
    onPacket: events.onPacket,
    onError: (code) => events.onError(new SystemCallError("reading VRRP packets", code)),
  });
  const sender = new PacketSender(fd, (code, destination) =>
    events.onSendError(new SystemCallError(`sending VRRP to ${destination}`, code), destination),
  );
  return {
    adapter: "libc",
    send: (packet, destination) => sender.send(packet, destination),
    together: (work) => sender.together(work),
    letWait: (delay) => reader.letWait(delay),
    drain: () => reader.drain(),
    flushed: () => Promise.resolve(),
    close: () => reader.close(),
  };
}

function openRawSocket(): number {
  const fd = openSocket(AF_INET, SOCK_RAW, IPPROTO_VRRP);
  if (fd < 0) throw new SystemCallError("opening a raw socket", errnoName(fd));
  const answer = setSocketOption(fd, IPPROTO_IP, IP_HDRINCL, 1);
  if (answer < 0) {
    closeSocket(fd);
    throw new SystemCallError("asking for IP_HDRINCL", errnoName(answer));
  }
  setReceiveBuffer(fd, RECEIVE_BUFFER_BYTES);
  setSendBuffer(fd, SEND_BUFFER_BYTES);
  return fd;
}
