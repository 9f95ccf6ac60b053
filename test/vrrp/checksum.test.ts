import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { internetChecksum, vrrpChecksum } from "../../src/vrrp/checksum.ts";
import { address } from "./arbitraries.ts";
import { hex } from "./bytes.ts";

describe("the internet checksum", () => {
  it("is that of the example in RFC 1071 §3", () => {
    expect(internetChecksum(hex("0001 f203 f4f5 f6f7"))).toBe(~0xddf2 & 0xffff);
  });

  it("carries over until nothing is left to carry", () => {
    expect(internetChecksum(hex("ffff ffff 0001"))).toBe(~0x0001 & 0xffff);
  });

  it("counts an odd byte at the end as if a zero followed", () => {
    expect(internetChecksum(hex("010203"))).toBe(internetChecksum(hex("01020300")));
  });

  it("of the empty message is all ones", () => {
    expect(internetChecksum(hex(""))).toBe(0xffff);
  });

  it("makes every message sum up to zero once it stands in it", () => {
    const message = fc.uint8Array({ minLength: 8, maxLength: 64 });
    fc.assert(
      fc.property(message, address(4), address(4), (bytes, source, destination) => {
        const checksum = vrrpChecksum(bytes, "rfc9568", { source, destination });
        const carrying = Uint8Array.from([
          ...bytes.subarray(0, 6),
          checksum >> 8,
          checksum & 0xff,
          ...bytes.subarray(8),
        ]);
        expect(internetChecksum(carrying) % 0xffff).toBe(0);
      }),
    );
  });
});
