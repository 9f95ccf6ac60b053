/** One captured Ethernet frame. */
export interface Frame {
  /** Milliseconds since 1970, as the kernel stamped it. */
  readonly atMs: number;
  readonly bytes: Buffer;
}

const FILE_HEADER_LENGTH = 24;
const RECORD_HEADER_LENGTH = 16;
const MAGIC_MICROSECONDS = 0xa1b2c3d4;

/** Reads the classic pcap format, as tcpdump writes it on this machine, from a stream of chunks. */
export class PcapReader {
  #pending = Buffer.alloc(0);
  #headerSeen = false;

  /** Takes the next piece and returns the frames that it completed. */
  feed(chunk: Buffer): readonly Frame[] {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    if (!this.#headerSeen && !this.#readHeader()) return [];
    const frames: Frame[] = [];
    for (let frame = this.#readFrame(); frame; frame = this.#readFrame()) frames.push(frame);
    return frames;
  }

  #readHeader(): boolean {
    if (this.#pending.length < FILE_HEADER_LENGTH) return false;
    const magic = this.#pending.readUInt32LE(0);
    if (magic !== MAGIC_MICROSECONDS) throw new Error(`no pcap file: it starts with ${magic.toString(16)}`);
    this.#pending = this.#pending.subarray(FILE_HEADER_LENGTH);
    this.#headerSeen = true;
    return true;
  }

  #readFrame(): Frame | undefined {
    if (this.#pending.length < RECORD_HEADER_LENGTH) return undefined;
    const end = RECORD_HEADER_LENGTH + this.#pending.readUInt32LE(8);
    if (this.#pending.length < end) return undefined;
    const atMs = this.#pending.readUInt32LE(0) * 1000 + this.#pending.readUInt32LE(4) / 1000;
    const bytes = Buffer.from(this.#pending.subarray(RECORD_HEADER_LENGTH, end));
    this.#pending = this.#pending.subarray(end);
    return { atMs, bytes };
  }
}
