/**
 * The classic capture file of tcpdump (draft-ietf-opsawg-pcap): a header of 24 bytes, then 16 bytes before each frame, all in
 * the byte order of the machine that wrote it. The magic number tells the order and whether times count micro- or nanoseconds.
 */
import { type CapturedFrame, damaged, endsEarly } from "./captured-frame.ts";

const FILE_HEADER_LENGTH = 24;
const FRAME_HEADER_LENGTH = 16;

/** libpcap's own MAXIMUM_SNAPLEN: a longer frame means that the file is damaged. */
const FRAME_LENGTH_MAX = 262_144;

interface Format {
  readonly littleEndian: boolean;
  readonly unitsPerMicro: 1 | 1000;
}

const FORMATS: ReadonlyMap<number, Format> = new Map([
  [0xa1b2c3d4, { littleEndian: false, unitsPerMicro: 1 }],
  [0xd4c3b2a1, { littleEndian: true, unitsPerMicro: 1 }],
  [0xa1b23c4d, { littleEndian: false, unitsPerMicro: 1000 }],
  [0x4d3cb2a1, { littleEndian: true, unitsPerMicro: 1000 }],
]);

/** Whether a file with this magic number (its first four bytes, most significant first) is a classic capture. */
export function isPcap(magic: number): boolean {
  return FORMATS.has(magic);
}

/**
 * The frames of a classic capture, in the file's order.
 *
 * @throws {OperatorError} `watch/bad-capture-file` where the file stops making sense, after the frames before that place
 */
export function* readPcap(file: Uint8Array): Generator<CapturedFrame> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < FILE_HEADER_LENGTH) throw endsEarly("its header");
  const { littleEndian, unitsPerMicro } = formatOf(view);
  // The upper bits say whether frames end with a checksum, which nothing here reads.
  const linkType = view.getUint32(20, littleEndian) & 0xffff;
  let at = FILE_HEADER_LENGTH;
  for (let number = 1; at < file.length; number++) {
    if (at + FRAME_HEADER_LENGTH > file.length) throw endsEarly(`packet ${number}'s header`);
    const [seconds = 0, fraction = 0, captured = 0, original = 0] = [0, 4, 8, 12].map((offset) =>
      view.getUint32(at + offset, littleEndian),
    );
    if (captured > FRAME_LENGTH_MAX) throw damaged(`packet ${number} claims ${captured} bytes`);
    const start = at + FRAME_HEADER_LENGTH;
    at = start + captured;
    if (at > file.length) throw endsEarly(`packet ${number}`);
    yield {
      timeMicros: seconds * 1_000_000 + Math.floor(fraction / unitsPerMicro),
      linkType,
      bytes: file.subarray(start, at),
      cut: captured < original,
    };
  }
}

function formatOf(view: DataView): Format {
  const format = FORMATS.get(view.getUint32(0));
  if (!format) throw damaged("it does not begin with a magic number of pcap");
  return format;
}
