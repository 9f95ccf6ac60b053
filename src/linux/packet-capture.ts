/**
 * What an onlooker sees of VRRP: an AF_PACKET socket delivers the packets of every address and group, also those that this
 * host sends, which a raw IP socket does not. A filter in the kernel passes protocol 112 only, so that a busy host's other
 * traffic costs nothing here.
 */
import { OperatorError } from "../base/errors.ts";
import {
  arrivalOf,
  attachFilter,
  bindSocket,
  closeSocket,
  errnoName,
  interfaceIndex,
  interfaceName,
  openSocket,
  receiveFrom,
  SOCK_DGRAM,
  SystemCallError,
  watchReadable,
} from "./libc.ts";
import { refusedSocket } from "./refused-socket.ts";
import {
  AF_PACKET,
  LINK_LAYER_ADDRESS_LENGTH,
  linkLayerAddress,
  readLinkLayerAddress,
} from "./socket-address.ts";
import { vrrpFilter } from "./vrrp-filter.ts";

export interface PacketCapture {
  close(): void;
}

export interface PacketCaptureOptions {
  /** All interfaces of the network namespace when undefined. */
  readonly interfaceName?: string | undefined;
  readonly onPacket: (packet: ObservedPacket) => void;
  /** The socket itself failed and delivers nothing more. */
  readonly onError: (error: Error) => void;
}

export interface ObservedPacket {
  /** From the IP header on, IPv4 or IPv6. The buffer is reused by the next packet: copy what is to be kept. */
  readonly bytes: Uint8Array;
  /** Null when the interface is gone by now. */
  readonly interfaceName: string | null;
  /** When the kernel saw it, in whole microseconds since 1970. */
  readonly timeMicros: number;
  /** Sent by this host. On the loopback interface every packet is seen twice, going out and coming in. */
  readonly outgoing: boolean;
}

const ETHERTYPE_ALL = 3;
const EVERY_INTERFACE = 0;
/** A socket of protocol 0 receives nothing: first the filter, then the packets. */
const RECEIVE_NOTHING = 0;
const IP_PACKET_BYTES_MAX = 65_535;
/** Packets that one turn of the loop reads, so that an interrupt is heard in a flood too. */
const PACKETS_PER_TURN = 64;

/** What watches a descriptor may be garbage collected with its owner, so the owner lives here until it is closed. */
const openCaptures = new Set<PacketCapture>();

/**
 * Opens a capture of VRRP packets, in both directions, in the network namespace of the calling thread.
 *
 * @throws {OperatorError} `linux/no-interface`, `linux/no-cap-net-raw` or `linux/socket-refused`
 */
export function openPacketCapture(options: PacketCaptureOptions): PacketCapture {
  const fd = openFiltered(indexOf(options.interfaceName));
  let open = true;
  const startWatching = () =>
    watchReadable(fd, () => {
      const outcome = readPackets(fd, options, () => open);
      if (outcome === "more" || !open) return;
      // Node's loop drops a watch at any error of the socket, even at one that passes.
      watch.close();
      watch = startWatching();
    });
  let watch = startWatching();
  const capture: PacketCapture = {
    close() {
      if (!open) return;
      open = false;
      openCaptures.delete(capture);
      watch.close();
      closeSocket(fd);
    },
  };
  openCaptures.add(capture);
  return capture;
}

function indexOf(name: string | undefined): number {
  if (name === undefined) return EVERY_INTERFACE;
  const index = interfaceIndex(name);
  if (index !== undefined) return index;
  throw new OperatorError({
    code: "linux/no-interface",
    message: `there is no network interface ${name}`,
    hint: "`ip link` lists those that there are.",
  });
}

function openFiltered(index: number): number {
  // SOCK_DGRAM: the kernel takes the link layer off, whichever it is.
  const fd = openSocket(AF_PACKET, SOCK_DGRAM, RECEIVE_NOTHING);
  if (fd < 0) throw refused("opening a packet socket", fd);
  const filtered = attachFilter(fd, vrrpFilter());
  const bound = filtered < 0 ? filtered : bindSocket(fd, linkLayerAddress(index, ETHERTYPE_ALL));
  if (bound < 0) {
    closeSocket(fd);
    throw refused("preparing a packet socket", bound);
  }
  // The first question makes the kernel keep the times.
  arrivalOf(fd);
  return fd;
}

function refused(step: string, answer: number): unknown {
  return refusedSocket("a packet socket to watch VRRP", new SystemCallError(step, errnoName(answer)));
}

/** Reads what is queued; "went-down" when the kernel told, once, that the interface did. */
function readPackets(fd: number, options: PacketCaptureOptions, isOpen: () => boolean): "more" | "went-down" {
  const buffer = new Uint8Array(IP_PACKET_BYTES_MAX);
  const address = new Uint8Array(LINK_LAYER_ADDRESS_LENGTH);
  for (let packets = 0; packets < PACKETS_PER_TURN && isOpen(); packets++) {
    const length = receiveFrom(fd, buffer, address);
    if (length < 0) {
      const code = errnoName(length);
      if (code === "ENETDOWN") return "went-down";
      if (code !== "EAGAIN") options.onError(new SystemCallError("reading packets", code));
      break;
    }
    const { interfaceIndex: index, outgoing } = readLinkLayerAddress(address);
    options.onPacket({
      bytes: buffer.subarray(0, length),
      timeMicros: arrivalOf(fd) ?? Date.now() * 1000,
      interfaceName: options.interfaceName ?? interfaceName(index),
      outgoing,
    });
  }
  return "more";
}
