/**
 * The capture file of Wireshark (draft-ietf-opsawg-pcapng): a chain of blocks, each `type, length, body, length`. A section
 * header sets the byte order, an interface description the link type and the clock of the packets that name it by number.
 * Blocks of other types carry nothing that a VRRP decoder needs and are passed over.
 */
import { type CapturedFrame, damaged, endsEarly } from "./captured-frame.ts";

/** The first block's type, the same in both byte orders. */
export const PCAPNG_MAGIC = 0x0a0d0d0a;

const SECTION_HEADER = PCAPNG_MAGIC;
const INTERFACE_DESCRIPTION = 1;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const BLOCK_OVERHEAD = 12;
const OPTION_END = 0;
const OPTION_TIME_RESOLUTION = 9;

interface Interface {
  readonly linkType: number;
  readonly snapLength: number;
  readonly unitsPerSecond: bigint;
}

/** One block's body, seen in its section's byte order. */
interface Block {
  readonly type: number;
  readonly body: DataView;
  readonly littleEndian: boolean;
  /** For messages. */
  readonly at: number;
}

/**
 * The frames of a pcapng file, in the file's order.
 *
 * @throws {OperatorError} `watch/bad-capture-file` where the file stops making sense, after the frames before that place
 */
export function* readPcapng(file: Uint8Array): Generator<CapturedFrame> {
  let interfaces: Interface[] = [];
  for (const block of blocks(file)) {
    if (block.type === SECTION_HEADER) interfaces = [];
    else if (block.type === INTERFACE_DESCRIPTION) interfaces.push(readInterface(block));
    else if (block.type === ENHANCED_PACKET) yield enhancedPacket(block, interfaces);
    else if (block.type === SIMPLE_PACKET) yield simplePacket(block, interfaces);
  }
}

function* blocks(file: Uint8Array): Generator<Block> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let littleEndian = false;
  for (let at = 0; at < file.length; ) {
    if (at + BLOCK_OVERHEAD > file.length) throw endsEarly(`the block at byte ${at}`);
    if (view.getUint32(at) === SECTION_HEADER) littleEndian = sectionOrder(view, at);
    const length = view.getUint32(at + 4, littleEndian);
    if (length < BLOCK_OVERHEAD || length % 4 !== 0) {
      throw damaged(`the block at byte ${at} claims ${length} bytes`);
    }
    if (at + length > file.length) throw endsEarly(`the block at byte ${at}`);
    const body = new DataView(file.buffer, file.byteOffset + at + 8, length - BLOCK_OVERHEAD);
    yield { type: view.getUint32(at, littleEndian), body, littleEndian, at };
    at += length;
  }
}

/** True when the section that begins at `at` is little-endian. */
function sectionOrder(view: DataView, at: number): boolean {
  if (view.getUint32(at + 8, true) === BYTE_ORDER_MAGIC) return true;
  if (view.getUint32(at + 8, false) === BYTE_ORDER_MAGIC) return false;
  throw damaged(`the section at byte ${at} has no byte-order magic`);
}

function readInterface(block: Block): Interface {
  requireBody(block, 8);
  const { body, littleEndian } = block;
  return {
    linkType: body.getUint16(0, littleEndian),
    snapLength: body.getUint32(4, littleEndian),
    unitsPerSecond: timeResolution(block),
  };
}

/** `if_tsresol`: a power of ten, or of two where the top bit is set; microseconds without it. */
function timeResolution({ body, littleEndian }: Block): bigint {
  let at = 8;
  while (at + 4 <= body.byteLength) {
    const [code, length] = [body.getUint16(at, littleEndian), body.getUint16(at + 2, littleEndian)];
    if (code === OPTION_END) break;
    if (code === OPTION_TIME_RESOLUTION && length === 1 && at + 4 < body.byteLength) {
      const value = body.getUint8(at + 4);
      return (value & 0x80 ? 2n : 10n) ** BigInt(value & 0x7f);
    }
    at += 4 + length + ((4 - (length % 4)) % 4);
  }
  return 1_000_000n;
}

function enhancedPacket(block: Block, interfaces: readonly Interface[]): CapturedFrame {
  requireBody(block, 20);
  const { body, littleEndian } = block;
  const source = interfaces[body.getUint32(0, littleEndian)];
  if (!source) throw damaged(`the packet at byte ${block.at} names an interface that was not described`);
  const [captured, original] = [body.getUint32(12, littleEndian), body.getUint32(16, littleEndian)];
  requireBody(block, 20 + captured);
  const time = (BigInt(body.getUint32(4, littleEndian)) << 32n) | BigInt(body.getUint32(8, littleEndian));
  return {
    timeMicros: Number((time * 1_000_000n) / source.unitsPerSecond),
    linkType: source.linkType,
    bytes: bytesOf(body, 20, captured),
    cut: captured < original,
  };
}

/** A packet without time and without a captured length: what fits is what was captured. */
function simplePacket(block: Block, interfaces: readonly Interface[]): CapturedFrame {
  requireBody(block, 4);
  const [source] = interfaces;
  if (!source) throw damaged(`the packet at byte ${block.at} comes before any interface`);
  const original = block.body.getUint32(0, block.littleEndian);
  const limit = source.snapLength === 0 ? original : source.snapLength;
  const captured = Math.min(original, limit, block.body.byteLength - 4);
  return {
    timeMicros: null,
    linkType: source.linkType,
    bytes: bytesOf(block.body, 4, captured),
    cut: captured < original,
  };
}

function requireBody({ body, at }: Block, length: number): void {
  if (body.byteLength < length) throw damaged(`the block at byte ${at} is shorter than its content`);
}

function bytesOf(body: DataView, start: number, length: number): Uint8Array {
  return new Uint8Array(body.buffer, body.byteOffset + start, length);
}
