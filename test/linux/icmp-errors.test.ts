import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openIcmpErrors, readUndelivered, type Undelivered } from "../../src/linux/icmp-errors.ts";
import { openVrrpSocket } from "../../src/linux/open-vrrp-socket.ts";
import { waitFor } from "../lab/wait-for.ts";
import { ipv4, V3_MESSAGE } from "../observe/capture-files.ts";
import { hex, patched } from "../vrrp/bytes.ts";
import { makePair, type Pair, requireNamespaces } from "./in-namespace.ts";

const ADVERT = ipv4(V3_MESSAGE);
/** 10.9.0.2 says to 10.9.0.1 that it has nobody for protocol 112. */
const SAID = Uint8Array.from([
  ...hex("45000038 00000000 40010000 0a090002 0a090001 0302fcfd 00000000"),
  ...ADVERT,
]);

describe("what becomes of a VRRP packet", () => {
  let pair: Pair;
  const open: { close(): void }[] = [];

  beforeEach(async (context) => {
    requireNamespaces(context);
    pair = await makePair();
  });
  afterEach(() => {
    for (const each of open.splice(0)) each.close();
    pair?.close();
  });

  test.each([
    { who: "a host where nobody listens", destination: "10.9.0.2", from: "10.9.0.2", code: 2 },
    { who: "this host, when nobody answers ARP", destination: "10.9.0.77", from: "10.9.0.1", code: 1 },
  ])("is told by $who", async ({ destination, from, code }) => {
    const heard: Undelivered[] = [];
    const quiet = { onPacket() {}, onSendError() {}, onError() {} };
    const socket = pair.left.run(() => {
      open.push(openIcmpErrors((undelivered) => heard.push(undelivered)));
      return openVrrpSocket(quiet, { adapter: "libc" });
    });
    open.push(socket);
    const packet = patched(ADVERT, { 19: Number(destination.split(".")[3]) });
    socket.send(packet, destination as Undelivered["destination"]);
    await waitFor(() => heard.length > 0, { what: "the ICMP message" });
    expect(heard[0]).toEqual({ from, destination, code });
  });
});

describe("an ICMP message", () => {
  test("says who does not deliver what", () => {
    expect(readUndelivered(SAID)).toEqual({ from: "10.9.0.2", destination: "10.9.0.2", code: 2 });
  });

  test.each([
    ["of another type", patched(SAID, { 20: 11 })],
    ["about another protocol", patched(SAID, { 37: 17 })],
    ["without the packet that it is about", SAID.subarray(0, 40)],
    ["that is empty", SAID.subarray(0, 20)],
    ["of nothing", SAID.subarray(0, 0)],
  ])("is passed over: one %s", (_, bytes) => {
    expect(readUndelivered(bytes)).toBeUndefined();
  });
});
