import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OperatorError } from "../../src/base/errors.ts";
import { readCapture } from "../../src/observe/capture-file.ts";
import type { CapturedFrame } from "../../src/observe/captured-frame.ts";
import { networkPacket } from "../../src/observe/link-layer.ts";
import { reportPacket } from "../../src/observe/packet-report.ts";
import { formatReport } from "../../src/observe/report-text.ts";
import { hex, patched } from "../vrrp/bytes.ts";
import { ethernet, ipv4, ngBlock, pcap, pcapng, SECONDS, V2_MESSAGE, V3_MESSAGE } from "./capture-files.ts";

const FRAMES = [ethernet(ipv4(V2_MESSAGE)), ethernet(ipv4(V3_MESSAGE))];

const FORMATS = [
  { name: "pcap", write: pcap },
  { name: "pcapng", write: pcapng },
];
const VARIANTS = FORMATS.flatMap((format) =>
  [true, false].flatMap((littleEndian) =>
    [true, false].map((nanoseconds) => ({ ...format, littleEndian, nanoseconds })),
  ),
);

describe.each(VARIANTS)("$name, little-endian $littleEndian, nanoseconds $nanoseconds", (variant) => {
  test("gives every frame with its bytes, its link type and its time to the microsecond", () => {
    const frames = [...readCapture(variant.write(FRAMES, variant))];
    expect(frames.map((frame) => ({ ...frame, bytes: Buffer.from(frame.bytes) }))).toEqual(
      FRAMES.map((bytes, index) => ({
        timeMicros: (SECONDS + index) * 1_000_000 + 123_456,
        linkType: 1,
        bytes: Buffer.from(bytes),
        cut: false,
      })),
    );
  });

  test("says when a frame was cut by the capture", () => {
    const [frame] = readCapture(variant.write(FRAMES, { ...variant, originalLength: 500 }));
    expect(frame?.cut).toBe(true);
  });

  test("gives the whole frames of a file that ends early, then one error", () => {
    const file = variant.write(FRAMES, variant);
    const { frames, error } = readAll(file.subarray(0, file.length - 10));
    expect(frames).toHaveLength(1);
    expect(error).toMatchObject({ code: "watch/bad-capture-file" });
    expect(error?.message).toMatch(/^the capture file ends in the middle of /);
  });
});

describe("a pcap file", () => {
  test("that claims a frame of a gigabyte is damaged", () => {
    const file = patched(pcap(FRAMES), { [24 + 11]: 0x40 });
    expect(readAll(file).error?.message).toMatch(/^the capture file is damaged: packet 1 claims \d+ bytes$/);
  });

  test("without frames holds none", () => {
    expect([...readCapture(pcap([]))]).toEqual([]);
  });

  test.each([10, 23])("of %i bytes ends in its header", (length) => {
    expect(readAll(pcap(FRAMES).subarray(0, length)).error?.message).toBe(
      "the capture file ends in the middle of its header",
    );
  });
});

describe("a pcapng file", () => {
  const header = pcapng([]);

  test("with a simple packet block gives a frame without a time", () => {
    const [frame = new Uint8Array(0)] = FRAMES;
    const block = ngBlock(3, { parts: [Uint8Array.of(frame.length, 0, 0, 0), frame] });
    const [read] = readCapture(Buffer.concat([header, block]));
    expect(read).toMatchObject({ timeMicros: null, linkType: 1, cut: false });
    expect(Buffer.from(read?.bytes ?? [])).toEqual(Buffer.from(frame));
  });

  test("of two sections, each with its own byte order, is read through", () => {
    const sections = [pcapng(FRAMES, { littleEndian: true }), pcapng(FRAMES, { littleEndian: false })];
    expect([...readCapture(Buffer.concat(sections))]).toHaveLength(4);
  });

  test.each([
    [
      "a packet of an interface that was not described",
      ngBlock(6, { parts: [hex("07000000"), new Uint8Array(16)] }),
    ],
    ["a simple packet shorter than its header", ngBlock(3, { parts: [] })],
    ["an interface block without a link type", ngBlock(1, { parts: [] })],
    ["a block shorter than a block can be", hex("06000000 08000000 00000000")],
    ["a section without byte-order magic", ngBlock(0x0a0d0d0a, { parts: [new Uint8Array(16)] })],
    [
      "a packet that claims more than its block",
      ngBlock(6, { parts: [new Uint8Array(12), hex("ff000000 ff000000")] }),
    ],
  ])("with %s is damaged", (_, block) => {
    const { error } = readAll(Buffer.concat([header, block]));
    expect(error?.message).toMatch(/^the capture file is damaged: /);
  });
});

describe("a file of another kind", () => {
  test.each([
    ["nothing", new Uint8Array(0), "the capture file is empty", /tcpdump/],
    ["gzip", hex("1f8b0800"), "the capture file is compressed", /gunzip/],
    ["text", Buffer.from("hello, world"), "the file is neither pcap nor pcapng", /editcap/],
    ["two bytes", hex("d4c3"), "the file is neither pcap nor pcapng", /editcap/],
  ])("of %s is refused with what to do", (_, file, message, hint) => {
    const { error } = readAll(file);
    expect(error?.message).toBe(message);
    expect(error?.hint).toMatch(hint);
  });
});

describe("whatever the bytes", () => {
  const files = FORMATS.flatMap(({ write }) => [write(FRAMES), write(FRAMES, { littleEndian: false })]);
  const linkTypes = [0, 1, 12, 101, 113, 228, 229, 276];

  test("a file is decoded, or refused with an error for the operator", () => {
    const damagedFile = fc
      .record({
        file: fc.constantFrom(...files),
        changes: fc.dictionary(fc.nat(200).map(String), fc.nat(255), { maxKeys: 6 }),
        keep: fc.nat(400),
      })
      .map(({ file, changes, keep }) => patched(file, changes).subarray(0, keep));
    fc.assert(fc.property(fc.oneof(damagedFile, fc.uint8Array({ maxLength: 200 })), decodeEverything), {
      numRuns: 3000,
    });
  });

  test("a frame of any link type is decoded, passed over, or refused with an error for the operator", () => {
    const anyFrame = fc
      .record({
        linkType: fc.constantFrom(...linkTypes),
        start: fc.constantFrom(...FRAMES, ipv4(V3_MESSAGE), hex("60000000 0008 70 ff"), hex("")),
        rest: fc.uint8Array({ maxLength: 80 }),
        flip: fc.nat(60),
      })
      .map(({ linkType, start, rest, flip }) => {
        const bytes = Uint8Array.from([...start, ...rest]);
        return pcap([flip < bytes.length ? patched(bytes, { [flip]: 0x31 }) : bytes], { linkType });
      });
    fc.assert(fc.property(anyFrame, decodeEverything), { numRuns: 3000 });
  });
});

function readAll(file: Uint8Array): { frames: readonly CapturedFrame[]; error: OperatorError | undefined } {
  const frames: CapturedFrame[] = [];
  try {
    for (const frame of readCapture(file)) frames.push(frame);
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return { frames, error };
  }
  return { frames, error: undefined };
}

/** As the command does; only an OperatorError may come out. */
function decodeEverything(file: Uint8Array): void {
  try {
    for (const frame of readCapture(file)) {
      const packet = networkPacket(frame);
      const report =
        packet && reportPacket(packet.bytes, { ...frame, interfaceName: null, direction: packet.direction });
      if (report) expect(formatReport(report)).not.toContain("\n");
    }
  } catch (error) {
    expect(error).toBeInstanceOf(OperatorError);
  }
}
