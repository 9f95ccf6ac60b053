import { describe, expect, test } from "vitest";
import { echoReplySequence, echoRequest } from "../../../src/commands/demo/icmp-echo.ts";
import { internetChecksum } from "../../../src/vrrp/checksum.ts";
import { hex, patched } from "../../vrrp/bytes.ts";

/** 20 bytes of IPv4 header before the message; the kernel has judged them already. */
const HEADER = hex("4500001c 00000000 40010000 0a630064 0a630009");
const REPLY = Uint8Array.from([...HEADER, ...hex("0000 0000 1234 0102")]);

describe("a ping", () => {
  test("is an echo request with a right checksum", () => {
    const message = echoRequest(0x1234, 0x0102);
    expect([...message.subarray(0, 2), ...message.subarray(4)]).toEqual([8, 0, 0x12, 0x34, 1, 2]);
    expect(internetChecksum(message)).toBe(0);
  });

  test("counts in 16 bits", () => {
    expect([...echoRequest(1, 65_536 + 7).subarray(6)]).toEqual([0, 7]);
  });
});

describe("the answer to a ping", () => {
  test("is known by its identifier, and gives its number", () => {
    expect(echoReplySequence(REPLY, 0x1234)).toBe(0x0102);
  });

  test("is found behind an IPv4 header with options", () => {
    const options = [...patched(HEADER, { 0: 0x46 }), 1, 1, 1, 0];
    expect(echoReplySequence(Uint8Array.from([...options, ...REPLY.subarray(20)]), 0x1234)).toBe(0x0102);
  });

  test.each([
    ["of somebody else", REPLY, 0x1235],
    ["that is a request", patched(REPLY, { 20: 8 }), 0x1234],
    ["that is cut short", REPLY.subarray(0, 27), 0x1234],
    ["that is empty", REPLY.subarray(0, 0), 0x1234],
  ])("is not taken from a packet %s", (_, packet, identifier) => {
    expect(echoReplySequence(packet, identifier)).toBeUndefined();
  });
});
