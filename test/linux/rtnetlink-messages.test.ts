import { describe, expect, test } from "vitest";
import { type IpAddress, parseIp } from "../../src/base/ip.ts";
import {
  deleteAddressRequest,
  newAddressRequest,
  readRtnetlink,
} from "../../src/linux/rtnetlink-messages.ts";

const NEWLINK = 16;
const DELLINK = 17;
const NEWADDR = 20;
const DELADDR = 21;
const NEWROUTE = 24;

/** The bytes below are those of a little-endian machine, as `ip` sends and prints them under strace. */
describe("rtnetlink messages", () => {
  const vip = { interfaceIndex: 3, address: ip("10.0.0.7"), prefixLength: 32 };

  test("adding an address names it as local and as prefix, and insists on its being new", () => {
    const request = newAddressRequest(vip);
    expect(request).toMatchObject({ type: NEWADDR, flags: 0x600 });
    expect(hex(request.payload)).toBe(
      "0220000003000000 080002000a000007 080001000a000007".replaceAll(" ", ""),
    );
  });

  test("a label is a string with its end", () => {
    const { payload } = newAddressRequest({ ...vip, label: "va:1" });
    expect(hex(payload)).toContain(`09000300${hex(Buffer.from("va:1\0"))}`);
  });

  test("deleting an address names the entry and nothing more", () => {
    const request = deleteAddressRequest({ ...vip, label: "va:1" });
    expect(request).toMatchObject({ type: DELADDR, flags: 0 });
    expect(hex(request.payload)).toBe(
      "0220000003000000 080002000a000007 080001000a000007".replaceAll(" ", ""),
    );
  });

  test("a link's attributes that we do not know are passed over", () => {
    const link = "0000 0100 02000000 43100100 00000000";
    const name = "0900 0300 6574683000 000000";
    const mac = "0a00 0100 020000000001 0000";
    const unknown = "0500 ffbf 01 000000";
    expect(read(NEWLINK, link + name + unknown + mac)).toEqual({
      kind: "link",
      link: { index: 2, name: "eth0", up: true, arp: true, hardwareAddress: Uint8Array.of(2, 0, 0, 0, 0, 1) },
    });
  });

  test("a MAC of another length than Ethernet's is nothing to announce with ARP", () => {
    const infiniband = `0000 2000 02000000 43100100 00000000 0900 0300 6962300000 000000 1800 0100 ${"00".repeat(20)}`;
    expect(read(NEWLINK, infiniband)).toMatchObject({ link: { up: true, arp: false } });
  });

  test("what a bridge says of its ports is no news of a link", () => {
    expect(read(DELLINK, "0700 0100 02000000 43100100 00000000")).toBeUndefined();
    expect(read(DELLINK, "0000 0100 02000000 43100100 00000000")).toEqual({ kind: "link-gone", index: 2 });
  });

  test("on a point-to-point link the address is our end", () => {
    const message = "0220 0000 03000000 0800 0100 0a080002 0800 0200 0a080001";
    expect(read(NEWADDR, message)).toMatchObject({ kind: "address", entry: { address: "10.8.0.1" } });
  });

  test("an IPv6 address comes without IFA_LOCAL", () => {
    const message = `0a40 8000 03000000 1400 0100 ${"fd00".padEnd(30, "0")}05`;
    expect(read(DELADDR, message)).toEqual({
      kind: "address-gone",
      entry: { interfaceIndex: 3, address: "fd00::5", prefixLength: 64, label: undefined },
    });
  });

  test("routes and addresses of other families are not for us", () => {
    expect(read(NEWROUTE, "0220 0000 03000000")).toBeUndefined();
    expect(read(NEWADDR, "1d20 0000 03000000")).toBeUndefined();
  });
});

function read(type: number, hexadecimal: string): ReturnType<typeof readRtnetlink> {
  const data = Buffer.from(hexadecimal.replaceAll(" ", ""), "hex");
  return readRtnetlink({ type, flags: 0, seq: 0, port: 0, data });
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function ip(text: string): IpAddress {
  return parseIp(text) as IpAddress;
}
