/**
 * The VRRP socket through libc, for machines on which the raw-socket add-on is not compiled.
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
  receive,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SOCK_RAW,
  SOL_SOCKET,
  SystemCallError,
  sendTo,
  setSocketOption,
  watchReadable,
} from "./libc.ts";
import { AF_INET, internetAddress } from "./socket-address.ts";
import {
  DRAIN_PACKETS_MAX,
  IPPROTO_VRRP,
  PACKET_BYTES_MAX,
  RECEIVE_BUFFER_BYTES,
  type VrrpSocket,
  type VrrpSocketEvents,
} from "./vrrp-socket.ts";

/** Packets that one turn of the loop reads, so that timers run in a flood too; the rest waits for the next turn. */
const PACKETS_PER_TURN = 64;

/** What watches a descriptor may be garbage collected with its owner, so the owner lives here until it is closed. */
const openSockets = new Set<VrrpSocket>();

/** @throws SystemCallError, its `code` EPERM without CAP_NET_RAW */
export function openLibcAdapter(events: VrrpSocketEvents): VrrpSocket {
  const fd = openRawSocket();
  const buffer = new Uint8Array(PACKET_BYTES_MAX);
  let open = true;

  function read(packetsMax: number): void {
    for (let packets = 0; packets < packetsMax && open; packets++) {
      const length = receive(fd, buffer);
      if (length < 0) {
        const code = errnoName(length);
        if (code !== "EAGAIN") events.onError(new SystemCallError("reading VRRP packets", code));
        return;
      }
      events.onPacket(buffer.subarray(0, length));
    }
  }

  const stopWatching = watchReadable(fd, () => read(PACKETS_PER_TURN));
  const socket: VrrpSocket = {
    adapter: "libc",
    send(packet, destination) {
      const sent = sendTo(fd, packet, internetAddress(destination));
      if (sent < 0) {
        events.onSendError(
          new SystemCallError(`sending VRRP to ${destination}`, errnoName(sent)),
          destination,
        );
      }
    },
    drain: () => read(DRAIN_PACKETS_MAX),
    flushed: () => Promise.resolve(),
    close() {
      if (!open) return;
      open = false;
      openSockets.delete(socket);
      stopWatching();
      closeSocket(fd);
    },
  };
  openSockets.add(socket);
  return socket;
}

function openRawSocket(): number {
  const fd = openSocket(AF_INET, SOCK_RAW, IPPROTO_VRRP);
  if (fd < 0) throw new SystemCallError("opening a raw socket", errnoName(fd));
  setSocketOption(fd, IPPROTO_IP, IP_HDRINCL, 1);
  // Only CAP_NET_ADMIN may go beyond net.core.rmem_max.
  const forced = setSocketOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER_BYTES);
  if (forced < 0) setSocketOption(fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER_BYTES);
  return fd;
}
