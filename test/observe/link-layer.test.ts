import { describe, expect, test } from "vitest";
import { networkPacket } from "../../src/observe/link-layer.ts";
import { cookedV1, cookedV2, doublyTagged, ethernet, ipv4, V3_MESSAGE } from "./capture-files.ts";

const PACKET = ipv4(V3_MESSAGE);

describe("the IP packet of a frame", () => {
  test.each([
    ["Ethernet", 1, ethernet(PACKET), null],
    ["Ethernet with two VLAN tags", 1, doublyTagged(PACKET), null],
    ["Linux cooked v1", 113, cookedV1(PACKET), "in"],
    ["Linux cooked v1, sent", 113, cookedV1(PACKET, "0004"), "out"],
    ["Linux cooked v2", 276, cookedV2(PACKET), "in"],
    ["Linux cooked v2, sent", 276, cookedV2(PACKET, "04"), "out"],
    ["raw IP", 101, PACKET, null],
    ["raw IPv4", 228, PACKET, null],
  ])("is found on %s", (_, linkType, bytes, direction) => {
    const packet = networkPacket({ timeMicros: 0, linkType, bytes, cut: false });
    expect(packet?.direction).toBe(direction);
    expect(Buffer.from(packet?.bytes ?? [])).toEqual(Buffer.from(PACKET));
  });

  test.each([
    ["ARP", ethernet(PACKET, "0806")],
    ["a length instead of an EtherType", ethernet(PACKET, "0026")],
    ["nothing after its addresses", ethernet(PACKET).subarray(0, 12)],
    ["VLAN tags to its end", ethernet(new Uint8Array(0), "8100 0001 8100")],
  ])("is not there when the frame has %s", (_, bytes) => {
    expect(networkPacket({ timeMicros: 0, linkType: 1, bytes, cut: false })).toBeUndefined();
  });

  test("is not looked for on a link type that is not supported, which is named", () => {
    expect(() => networkPacket({ timeMicros: 0, linkType: 105, bytes: PACKET, cut: false })).toThrow(
      "the capture has link type 105, which is not supported",
    );
  });
});
