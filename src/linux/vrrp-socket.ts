import type { IpAddress } from "../base/ip.ts";

/**
 * One raw socket of protocol 112 for the whole agent, non-blocking, with IP_HDRINCL set. Two adapters implement it:
 * `raw-socket` (a compiled add-on) and libc through koffi, for machines that have no compiler.
 */
export interface VrrpSocket {
  /** Which adapter is in use, for the log and for `status`. */
  readonly adapter: "raw-socket" | "libc";
  /**
   * Queues one packet, its IPv4 header included; the kernel fills in the header checksum. Never blocks and never throws: a
   * failure is reported through `onSendError`. The buffer must not be changed until the next turn of the loop.
   */
  send(packet: Uint8Array, destination: IpAddress): void;
  /** Resolves when the queued packets are with the kernel; for the last words before exit. */
  flushed(): Promise<void>;
  close(): void;
}

export interface VrrpSocketEvents {
  /** A received packet, IPv4 header included. The buffer is reused by the next one: copy what is to be kept. */
  readonly onPacket: (packet: Uint8Array) => void;
  readonly onSendError: (error: Error, destination: IpAddress) => void;
  /** The socket itself failed and delivers nothing more. */
  readonly onError: (error: Error) => void;
}
