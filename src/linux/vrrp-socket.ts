import type { IpAddress } from "../base/ip.ts";
import type { Millis } from "../base/units.ts";

/** The IP protocol number of VRRP, and the largest packet that a socket reads; an advert of 255 addresses has 1048 bytes. */
export const IPPROTO_VRRP = 112;
export const PACKET_BYTES_MAX = 4096;

/**
 * What the kernel may keep for us while the process is paused, in bytes; it counts about 800 for an advert. A default socket
 * holds 260 adverts, and what is lost of a pause's adverts looks like a silent MASTER.
 */
export const RECEIVE_BUFFER_BYTES = 1024 * 1024;
/** Adverts of a thousand instances leave together, at about 800 bytes each as the kernel counts. */
export const SEND_BUFFER_BYTES = 1024 * 1024;

/**
 * One raw socket of protocol 112 for the whole agent, non-blocking, with IP_HDRINCL set. Two adapters implement it:
 * libc through koffi, and `raw-socket` (a compiled add-on).
 */
export interface VrrpSocket {
  /** Which adapter is in use, for the log and for `status`. */
  readonly adapter: "raw-socket" | "libc";
  /**
   * Hands one packet, its IPv4 header included, to the kernel, which fills in the header checksum. Never blocks and never
   * throws: a failure is reported through `onSendError` before this returns. `destination` is the one in the header.
   */
  send(packet: Uint8Array, destination: IpAddress): void;
  /**
   * Runs `work`, and hands what it sends to the kernel in as few calls as possible and in order, at the latest before this
   * returns. Until then a packet that was given to `send` may be used again, since it is copied.
   */
  together(work: () => void): void;
  /** Packets may wait for so long while many come: then reading them costs fewer wake-ups. Not at all unless this is called. */
  letWait(delay: Millis): void;
  /**
   * Reads every packet that is queued now and returns after the last `onPacket`. Node runs timers before it reads sockets, so
   * whoever is about to act on a peer's silence after a pause calls this first.
   */
  drain(): void;
  /** Resolves when the packets that were sent are with the kernel; for the last words before exit. */
  flushed(): Promise<void>;
  close(): void;
}

export interface VrrpSocketEvents {
  /**
   * A received packet, IPv4 header included. The buffer is reused by the next one: copy what is to be kept (with
   * `Uint8Array.from`; it may be a Buffer, whose `slice` is only a view).
   */
  readonly onPacket: (packet: Uint8Array) => void;
  /** The error's `code` is the errno's name, such as `EPERM` when a firewall drops what we send, or `ENETUNREACH`. */
  readonly onSendError: (error: Error, destination: IpAddress) => void;
  /** The socket itself failed and delivers nothing more. */
  readonly onError: (error: Error) => void;
}
