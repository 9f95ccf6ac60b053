import { addressOf } from "./libc.ts";
import { AF_INET, INTERNET_ADDRESS_LENGTH } from "./socket-address.ts";

/** Of `struct mmsghdr` where pointers have 8 bytes, as on all machines that Node 20 and koffi support. */
const HEADER_BYTES = 64;
/** Fields of its `struct msghdr`, and the length that recvmmsg(2) writes behind it. */
const NAME_AT = 0;
const NAME_LENGTH_AT = 8;
const VECTOR_AT = 16;
const VECTOR_COUNT_AT = 24;
const LENGTH_AT = 56;
/** Of `struct iovec`: where the bytes lie, and how many. */
const VECTOR_BYTES = 16;
/** A cache line. Buffers that lie a power of two apart would fight for the same few lines of the processor's cache. */
const CACHE_LINE_BYTES = 64;
/** Where an IPv4 header has its destination, and `struct sockaddr_in` the address. */
const DESTINATION_AT = 16;
const ADDRESS_AT = 4;
const ADDRESS_LENGTH = 4;

/**
 * IPv4 packets for one recvmmsg(2) or sendmmsg(2): a `struct mmsghdr[]` whose entries point to a buffer each. All of it lies in
 * memory that does not move, so the pointers are written once, and using it allocates nothing.
 */
export class MessageVector {
  /** How many packets there is room for. */
  readonly capacity: number;
  /** The `struct mmsghdr[]`. */
  readonly headers: Uint8Array;
  readonly #lengths: Uint32Array;
  /** The `struct iovec[]`. */
  readonly #vectors: BigUint64Array;
  /** The `struct sockaddr_in[]` of packets to send. */
  readonly #names: Uint8Array;
  readonly #buffers: readonly Uint8Array[];
  /** The part of each buffer that was last in use: adverts of one length come again and again, and a new view costs more than they do. */
  readonly #parts: Uint8Array[];

  constructor(purpose: "receive" | "send", { capacity, bytesMax }: { capacity: number; bytesMax: number }) {
    this.capacity = capacity;
    this.headers = fixedBytes(capacity * HEADER_BYTES);
    this.#lengths = new Uint32Array(this.headers.buffer);
    this.#vectors = new BigUint64Array(fixedBytes(capacity * VECTOR_BYTES).buffer);
    this.#names = fixedBytes(capacity * INTERNET_ADDRESS_LENGTH);
    const arena = fixedBytes(capacity * (bytesMax + CACHE_LINE_BYTES));
    this.#buffers = Array.from({ length: capacity }, (_, index) => {
      const start = index * (bytesMax + CACHE_LINE_BYTES);
      return arena.subarray(start, start + bytesMax);
    });
    this.#parts = [...this.#buffers];
    this.#pointToBuffers(addressOf(arena));
    if (purpose === "send") this.#pointToNames();
  }

  /** Packet number `index` of those that were received. Its bytes are overwritten by the next call. */
  received(index: number): Uint8Array {
    return this.#part(index, this.#lengths[(index * HEADER_BYTES + LENGTH_AT) / 4] ?? 0);
  }

  /** Copies a packet in as number `index`, to be sent to the destination in its header. */
  put(index: number, packet: Uint8Array): void {
    if (this.#parts[index]?.length !== packet.length) {
      this.#vectors[index * 2 + 1] = BigInt(packet.length);
    }
    this.#part(index, packet.length).set(packet);
    const name = index * INTERNET_ADDRESS_LENGTH + ADDRESS_AT;
    for (let byte = 0; byte < ADDRESS_LENGTH; byte++) {
      this.#names[name + byte] = packet[DESTINATION_AT + byte] ?? 0;
    }
  }

  /** The `struct mmsghdr[]` from packet number `index` on. */
  headersFrom(index: number): Uint8Array {
    return this.headers.subarray(index * HEADER_BYTES);
  }

  #part(index: number, length: number): Uint8Array {
    const last = this.#parts[index];
    if (last?.length === length) return last;
    const part = this.#buffers[index]?.subarray(0, length) ?? new Uint8Array(0);
    this.#parts[index] = part;
    return part;
  }

  #pointToBuffers(arena: bigint): void {
    const words = new BigUint64Array(this.headers.buffer);
    const vectors = addressOf(new Uint8Array(this.#vectors.buffer));
    for (const [index, buffer] of this.#buffers.entries()) {
      words[(index * HEADER_BYTES + VECTOR_AT) / 8] = vectors + BigInt(index * VECTOR_BYTES);
      words[(index * HEADER_BYTES + VECTOR_COUNT_AT) / 8] = 1n;
      this.#vectors[index * 2] = arena + BigInt(buffer.byteOffset);
      this.#vectors[index * 2 + 1] = BigInt(buffer.length);
    }
  }

  #pointToNames(): void {
    const words = new BigUint64Array(this.headers.buffer);
    const families = new Uint16Array(this.#names.buffer);
    const names = addressOf(this.#names);
    for (let index = 0; index < this.capacity; index++) {
      words[(index * HEADER_BYTES + NAME_AT) / 8] = names + BigInt(index * INTERNET_ADDRESS_LENGTH);
      this.#lengths[(index * HEADER_BYTES + NAME_LENGTH_AT) / 4] = INTERNET_ADDRESS_LENGTH;
      families[(index * INTERNET_ADDRESS_LENGTH) / 2] = AF_INET;
    }
  }
}

/** Bytes outside of V8's heap, where nothing moves them. */
function fixedBytes(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new ArrayBuffer(length));
}
