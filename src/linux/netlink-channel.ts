/**
 * Requests, answers and events on one netlink socket, in the messages of the `netlink` package.
 *
 * The package's own request layer is not used: it takes the event that a request causes for the answer, since the kernel gives
 * both the same sequence number, and it loses a dump into which an event falls. One socket for everything has a merit that two
 * would not: the kernel queues the events of a request before its answer, so whoever has the answer has seen the events.
 */
// The codec's own files: the package's index would load a native socket that nobody here uses.
import { Flags, FlagsGet, MessageType } from "netlink/dist/constants.js";
import {
  align,
  formatMessage,
  type NetlinkMessage,
  parseError,
  parseMessages,
} from "netlink/dist/structs.js";
import { errnoName } from "./libc.ts";
import { type NetlinkSocket, type NetlinkSocketOptions, openNetlinkSocket } from "./netlink-socket.ts";

export interface NetlinkRequest {
  readonly type: number;
  readonly flags: number;
  readonly payload: Uint8Array;
}

export interface NetlinkQuestion {
  readonly request: NetlinkRequest;
  /** Gets the errno's name, or undefined for success, before any message that the kernel queued after its answer. */
  readonly onAnswer: (error: string | undefined) => void;
}

export interface NetlinkChannelEvents {
  /** A part of a dump, or an event; in the kernel's order. */
  readonly onMessage: (message: NetlinkMessage) => void;
  /** Messages were lost, because more came than the socket holds. Nothing comes any more until `open`. */
  readonly onOverrun: () => void;
}

/**
 * Requests without an answer yet. Each causes two messages, an event and the answer, which the kernel counts as some 800 bytes
 * each: far less than the smallest receive buffer that one meets.
 */
const IN_FLIGHT_MAX = 32;
/** How often a dump is tried anew because what it lists was changing. */
const DUMP_ATTEMPTS_MAX = 10;

export class NetlinkChannel {
  readonly #events: NetlinkChannelEvents;
  readonly #options: NetlinkSocketOptions;
  #socket: NetlinkSocket | undefined;
  #sequence = 0;
  #queue: NetlinkQuestion[] = [];
  /** By sequence number, in the order of sending. */
  readonly #inFlight = new Map<number, NetlinkQuestion>();
  #dump: { sequence: number; consistent: boolean; settle: (error?: Error) => void } | undefined;

  constructor(events: NetlinkChannelEvents, options: NetlinkSocketOptions) {
    this.#events = events;
    this.#options = options;
  }

  /**
   * Opens the socket, in the place of one that was overrun, and asks again what was not answered.
   *
   * @throws when the kernel refuses a netlink socket
   */
  open(): void {
    this.#socket = openNetlinkSocket(
      {
        onDatagram: (datagram) => {
          for (const message of parseMessages(Buffer.from(datagram))) this.#receive(message);
        },
        onError: (code) => this.#overrun(code),
      },
      this.#options,
    );
    this.#queue = [...this.#inFlight.values(), ...this.#queue];
    this.#inFlight.clear();
    this.#sendQueued();
  }

  /**
   * Sends requests, after all that were made before, as soon as what runs now is through: what many ask for in one turn goes in
   * one datagram, and whoever sends an advert and then binds has the advert out first. The requests must bear to be repeated: one whose answer is lost in an overrun is
   * sent again.
   */
  ask(questions: readonly NetlinkQuestion[]): void {
    if (this.#queue.length === 0) queueMicrotask(() => this.#sendQueued());
    this.#queue.push(...questions);
  }

  /** Has the kernel list everything through `onMessage`; rejects when messages are lost meanwhile. One dump at a time. */
  async dump(request: NetlinkRequest): Promise<void> {
    for (let attempt = 0; attempt < DUMP_ATTEMPTS_MAX; attempt++) {
      if (await this.#dumpOnce(request)) return;
    }
    throw new Error("the kernel's lists keep changing while they are read");
  }

  close(): void {
    this.#socket?.close();
    this.#socket = undefined;
    this.#dump?.settle(new Error("closed"));
  }

  #overrun(code: string): void {
    this.#socket?.close();
    this.#socket = undefined;
    this.#dump?.settle(new Error(code));
    this.#events.onOverrun();
  }

  #sendQueued(): void {
    if (!this.#socket) return;
    const batch = this.#queue.splice(0, IN_FLIGHT_MAX - this.#inFlight.size);
    if (batch.length === 0) return;
    const datagram = batch.map((question) => {
      const sequence = this.#nextSequence();
      this.#inFlight.set(sequence, question);
      return encode(question.request, sequence);
    });
    this.#socket.send(Buffer.concat(datagram));
  }

  #dumpOnce(request: NetlinkRequest): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const socket = this.#socket;
      if (!socket) return reject(new Error("closed"));
      const sequence = this.#nextSequence();
      const settle = (error?: Error): void => {
        const consistent = this.#dump?.consistent === true;
        this.#dump = undefined;
        if (error) reject(error);
        else resolve(consistent);
      };
      this.#dump = { sequence, consistent: true, settle };
      socket.send(encode({ ...request, flags: request.flags | FlagsGet.DUMP }, sequence));
    });
  }

  #receive(message: NetlinkMessage): void {
    if (message.seq === this.#dump?.sequence) {
      this.#dump.consistent &&= (message.flags & Flags.DUMP_INTR) === 0;
    }
    if (message.type === MessageType.DONE) this.#dump?.settle();
    else if (message.type === MessageType.ERROR) this.#answered(message);
    else this.#events.onMessage(message);
  }

  #answered(message: NetlinkMessage): void {
    const { errno } = parseError(Buffer.from(message.data), message.flags);
    const error = errno === 0 ? undefined : errnoName(errno);
    if (message.seq === this.#dump?.sequence) this.#dump.settle(new Error(error));
    const question = this.#inFlight.get(message.seq);
    if (!question) return;
    this.#inFlight.delete(message.seq);
    question.onAnswer(error);
    this.#sendQueued();
  }

  #nextSequence(): number {
    this.#sequence = (this.#sequence % 0xffffffff) + 1;
    return this.#sequence;
  }
}

/** One message, padded to where the next may begin. */
function encode({ type, flags, payload }: NetlinkRequest, seq: number): Buffer {
  const message = formatMessage({
    type,
    flags: flags | Flags.REQUEST | Flags.ACK,
    seq,
    port: 0,
    data: payload,
  });
  const padding = align(payload.length) - payload.length;
  return Buffer.concat([...message, Buffer.alloc(padding)]);
}
