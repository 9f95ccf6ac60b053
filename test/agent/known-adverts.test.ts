import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KnownAdverts } from "../../src/agent/known-adverts.ts";

const packets = fc.uint8Array({ minLength: 28, maxLength: 60 });
/** Identification and header checksum. */
const MEANINGLESS = [4, 5, 10, 11];

describe("known adverts", () => {
  it("recognise a packet that differs in nothing but its identification and its header checksum", () => {
    fc.assert(
      fc.property(packets, fc.uint8Array({ minLength: 4, maxLength: 4 }), (packet, other) => {
        const known = new KnownAdverts<string>();
        known.remember(packet, "meaning");
        const repeated = Uint8Array.from(packet);
        for (const [index, at] of MEANINGLESS.entries()) repeated[at] = other[index] ?? 0;
        expect(known.meaningOf(repeated)).toBe("meaning");
      }),
    );
  });

  it("do not recognise a packet that differs in any other byte", () => {
    fc.assert(
      fc.property(packets, fc.nat(), fc.integer({ min: 1, max: 255 }), (packet, position, flip) => {
        const at = position % packet.length;
        fc.pre(!MEANINGLESS.includes(at));
        const known = new KnownAdverts<string>();
        known.remember(packet, "meaning");
        const changed = Uint8Array.from(packet);
        changed[at] = (changed[at] ?? 0) ^ flip;
        expect(known.meaningOf(changed)).toBeUndefined();
      }),
    );
  });

  it("do not recognise a packet that is longer or shorter", () => {
    const packet = Uint8Array.from({ length: 32 }, (_, index) => index);
    const known = new KnownAdverts<string>();
    known.remember(packet, "meaning");
    expect(known.meaningOf(packet.subarray(0, 31))).toBeUndefined();
    expect(known.meaningOf(Uint8Array.of(...packet, 0))).toBeUndefined();
    expect(known.meaningOf(new Uint8Array(0))).toBeUndefined();
  });

  it("keep a copy, since the socket's buffer is used again", () => {
    const buffer = Uint8Array.from({ length: 32 }, (_, index) => index);
    const known = new KnownAdverts<string>();
    known.remember(buffer, "meaning");
    const packet = Uint8Array.from(buffer);
    buffer.fill(0);
    expect(known.meaningOf(packet)).toBe("meaning");
  });

  it("know what a sender said last, and nothing after they were cleared", () => {
    const packet = new Uint8Array(32).fill(1);
    const known = new KnownAdverts<string>();
    known.remember(packet, "first");
    known.remember(packet, "second");
    expect(known.meaningOf(packet)).toBe("second");
    known.clear();
    expect(known.meaningOf(packet)).toBeUndefined();
  });
});
