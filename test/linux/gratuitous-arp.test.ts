import { expect, test } from "vitest";
import { type IpAddress, parseIp } from "../../src/base/ip.ts";
import { gratuitousArpRequest } from "../../src/linux/gratuitous-arp.ts";

test("a gratuitous ARP request is, byte for byte, what keepalived puts on the wire", () => {
  const hardwareAddress = Uint8Array.of(0xb2, 0x6d, 0xa3, 0x00, 0x9d, 0xe1);
  const frame = gratuitousArpRequest(hardwareAddress, parseIp("10.0.0.5") as IpAddress);
  expect(Buffer.from(frame).toString("hex")).toBe(
    [
      "ffffffffffff b26da3009de1 0806", // Ethernet: to all, from us, ARP
      "0001 0800 06 04 0001", // Ethernet, IPv4, lengths, request
      "b26da3009de1 0a000005", // sender: our MAC, the VIP
      "ffffffffffff 0a000005", // target: all, the VIP
    ]
      .join("")
      .replaceAll(" ", ""),
  );
});
