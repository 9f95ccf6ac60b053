/**
 * The last accepted advert of each sender, as it came. A MASTER repeats itself word for word: whoever hears the same bytes again
 * knows what they mean and that they are valid, and decodes nothing. What differs between repetitions is the identification of
 * the IPv4 packet and its header checksum, which the kernel has verified.
 */
interface Known<T> {
  readonly bytes: Uint8Array;
  readonly meaning: T;
}

/** A sender that invents addresses must not eat the memory; each accepted advert of a configured peer needs one place. */
const KNOWN_MAX = 4_096;
/** The parts of an IPv4 header that mean nothing here: identification and header checksum, two bytes each. */
const IDENTIFICATION_AT = 4;
const CHECKSUM_AT = 10;
/** Where source and destination begin, and in a header without options the VRID. */
const SOURCE_AT = 12;
const DESTINATION_AT = 16;
const VRID_AT = 21;

export class KnownAdverts<T> {
  readonly #known = new Map<number, Known<T>>();

  /** What was remembered of an equal packet. */
  meaningOf(packet: Uint8Array): T | undefined {
    const known = this.#known.get(keyOf(packet));
    return known && sameAdvert(known.bytes, packet) ? known.meaning : undefined;
  }

  /** In the place of what the same sender said before. */
  remember(packet: Uint8Array, meaning: T): void {
    if (this.#known.size >= KNOWN_MAX) this.#known.clear();
    this.#known.set(keyOf(packet), { bytes: Uint8Array.from(packet), meaning });
  }

  clear(): void {
    this.#known.clear();
  }
}

/** Of sender, receiver and VRID. Two that share a key by chance take turns, which costs time and nothing else. */
function keyOf(packet: Uint8Array): number {
  const [source, destination] = [wordAt(packet, SOURCE_AT), wordAt(packet, DESTINATION_AT)];
  const mixed = Math.imul(source, 0x9e3779b1) ^ Math.imul(destination, 0x85ebca6b);
  return (mixed ^ Math.imul(packet[VRID_AT] ?? 0, 0xc2b2ae35)) >> 1;
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] ?? 0) << 24) |
    ((bytes[at + 1] ?? 0) << 16) |
    ((bytes[at + 2] ?? 0) << 8) |
    (bytes[at + 3] ?? 0)
  );
}

function sameAdvert(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) {
    if (a[index] !== b[index] && !isMeaningless(index)) return false;
  }
  return true;
}

function isMeaningless(index: number): boolean {
  return (
    index === IDENTIFICATION_AT ||
    index === IDENTIFICATION_AT + 1 ||
    index === CHECKSUM_AT ||
    index === CHECKSUM_AT + 1
  );
}
