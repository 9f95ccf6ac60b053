/**
 * The VRRP socket through the raw-socket add-on. Four of its habits shape this file:
 * - nothing in it keeps the socket alive, and a collected one goes silent;
 * - it reads into one buffer, which the next packet overwrites;
 * - a turn of the loop reads one packet, and sends one only if there was nothing to read, so a flood of packets would hold
 *   back our adverts. Its own two event handlers are therefore called from here as well: at once after a packet was queued
 *   for sending, and to read until nothing is left;
 * - the scripts that we start would inherit the descriptor.
 */
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { messageOf } from "../base/errors.ts";
import { DATAGRAMS_PER_TURN, DRAIN_DATAGRAMS_MAX } from "./datagram-reader.ts";
import {
  errnoNameOfText,
  IP_HDRINCL,
  IPPROTO_IP,
  protocolOf,
  SystemCallError,
  setCloseOnExec,
  setReceiveBuffer,
} from "./libc.ts";
import {
  IPPROTO_VRRP,
  PACKET_BYTES_MAX,
  RECEIVE_BUFFER_BYTES,
  type VrrpSocket,
  type VrrpSocketEvents,
} from "./vrrp-socket.ts";

type RawSocketModule = typeof import("raw-socket");
type RawSocket = import("raw-socket").Socket;

const openSockets = new Set<RawSocket>();

/** The add-on, or undefined where it was not compiled, or not for this version of Node. */
export function loadRawSocket(): RawSocketModule | undefined {
  try {
    return createRequire(import.meta.url)("raw-socket") as RawSocketModule;
  } catch {
    return undefined;
  }
}

/** @throws SystemCallError, its `code` EPERM without CAP_NET_RAW */
export function openRawSocketAdapter(rawSocket: RawSocketModule, events: VrrpSocketEvents): VrrpSocket {
  const socket = openSocket(rawSocket);
  openSockets.add(socket);
  tuneDescriptor();
  let nothingLeft = false;
  let reading = false;

  function read(packetsMax: number): void {
    nothingLeft = false;
    reading = true;
    for (let packets = 0; packets < packetsMax && !nothingLeft && openSockets.has(socket); packets++) {
      socket.onRecvReady();
    }
    reading = false;
  }

  socket.on("message", (packet) => {
    events.onPacket(packet);
    if (!reading) read(DATAGRAMS_PER_TURN);
  });
  socket.on("error", (error) => {
    nothingLeft = true;
    const failure = named("reading VRRP packets", error);
    if (!(failure instanceof SystemCallError) || failure.code !== "EAGAIN") events.onError(failure);
  });

  return {
    adapter: "raw-socket",
    send(packet, destination) {
      socket.send(packet, 0, packet.length, destination, (error) => {
        if (error) events.onSendError(named(`sending VRRP to ${destination}`, error), destination);
      });
      socket.onSendReady();
    },
    // It knows no call for many packets, and cannot look away from its socket.
    together: (work) => work(),
    letWait: () => {},
    drain: () => read(DRAIN_DATAGRAMS_MAX),
    flushed: () => Promise.resolve(),
    close() {
      if (openSockets.delete(socket)) socket.close();
    },
  };
}

function openSocket(rawSocket: RawSocketModule): RawSocket {
  try {
    const socket = rawSocket.createSocket({ protocol: IPPROTO_VRRP, bufferSize: PACKET_BYTES_MAX });
    socket.setOption(IPPROTO_IP, IP_HDRINCL, 1);
    return socket;
  } catch (error) {
    throw named("opening a raw socket", error);
  }
}

/** The add-on does not tell its descriptor, so it is looked for among all of ours. */
function tuneDescriptor(): void {
  for (const fd of readdirSync("/proc/self/fd").map(Number)) {
    if (protocolOf(fd) !== IPPROTO_VRRP) continue;
    setCloseOnExec(fd);
    setReceiveBuffer(fd, RECEIVE_BUFFER_BYTES);
  }
}

/** The add-on throws libc's text of an errno; this gives it its name. Other errors stay as they are. */
function named(what: string, error: unknown): Error {
  const code = errnoNameOfText(messageOf(error));
  if (code !== undefined) return new SystemCallError(what, code);
  return error instanceof Error ? error : new Error(String(error));
}
