/** What is used of raw-socket 1.8.1, which ships no types. */
declare module "raw-socket" {
  import type { EventEmitter } from "node:events";

  export interface Socket extends EventEmitter {
    on(event: "message", listener: (packet: Buffer, source: string) => void): this;
    on(event: "error", listener: (error: Error) => void): this;
    /** Queues a packet; `afterCallback` gets the error of sending it, whose message is strerror's text. */
    send(
      packet: Uint8Array,
      offset: number,
      length: number,
      address: string,
      afterCallback: (error: Error | null, bytes: number) => void,
    ): this;
    /** Reads one packet and emits `message`, or `error` when none is there. Otherwise called by the event loop. */
    onRecvReady(): void;
    /** Sends the packet that was queued first. Otherwise called by the event loop. */
    onSendReady(): void;
    /** @throws Error with strerror's text */
    setOption(level: number, option: number, value: number): void;
    close(): this;
  }

  /** @throws Error with strerror's text, such as "Operation not permitted" */
  export function createSocket(options: { readonly protocol: number; readonly bufferSize?: number }): Socket;
}
