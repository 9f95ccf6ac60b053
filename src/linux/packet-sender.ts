import type { IpAddress } from "../base/ip.ts";
import { errnoName, sendMany, sendTo } from "./libc.ts";
import { MessageVector } from "./message-vector.ts";
import { internetAddress } from "./socket-address.ts";

/** Packets of one system call: enough to make it cheap, and few enough that none waits long for those before it. */
const PACKETS_PER_CALL = 64;
/** An advert of 255 IPv4 addresses and a v2 password has 1056 bytes; a longer packet goes alone. */
const PACKET_BYTES_MAX = 1280;

/** Sends IPv4 packets through a raw socket, those of one piece of work many at a time. */
export class PacketSender {
  readonly #fd: number;
  readonly #onError: (code: string, destination: IpAddress) => void;
  readonly #messages = new MessageVector("send", { capacity: PACKETS_PER_CALL, bytesMax: PACKET_BYTES_MAX });
  readonly #destinations: IpAddress[] = [];
  #collecting = false;

  /** `onError` gets the errno's name. */
  constructor(fd: number, onError: (code: string, destination: IpAddress) => void) {
    this.#fd = fd;
    this.#onError = onError;
  }

  send(packet: Uint8Array, destination: IpAddress): void {
    if (this.#collecting && packet.length <= PACKET_BYTES_MAX) {
      this.#collect(packet, destination);
      return;
    }
    this.#flush();
    const sent = sendTo(this.#fd, packet, internetAddress(destination));
    if (sent < 0) this.#onError(errnoName(sent), destination);
  }

  together(work: () => void): void {
    if (this.#collecting) {
      work();
      return;
    }
    this.#collecting = true;
    try {
      work();
    } finally {
      this.#collecting = false;
      this.#flush();
    }
  }

  #collect(packet: Uint8Array, destination: IpAddress): void {
    this.#messages.put(this.#destinations.length, packet);
    this.#destinations.push(destination);
    if (this.#destinations.length === PACKETS_PER_CALL) this.#flush();
  }

  /** The kernel stops at a packet that it refuses, says how many went before, and why only to who asks for that one first. */
  #flush(): void {
    const destinations = this.#destinations;
    for (let done = 0; done < destinations.length; ) {
      const rest = done === 0 ? this.#messages.headers : this.#messages.headersFrom(done);
      const sent = sendMany(this.#fd, rest, destinations.length - done);
      if (sent < 0) this.#onError(errnoName(sent), destinations[done] as IpAddress);
      done += Math.max(1, sent);
    }
    destinations.length = 0;
  }
}
