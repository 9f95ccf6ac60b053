import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { watch } from "../../src/commands/watch.ts";
import {
  bindSocket,
  closeSocket,
  errnoName,
  interfaceIndex,
  openSocket,
  SOCK_RAW,
  sendTo,
} from "../../src/linux/libc.ts";
import {
  type ObservedPacket,
  openPacketCapture,
  type PacketCapture,
} from "../../src/linux/packet-capture.ts";
import { AF_INET, AF_PACKET, internetAddress, linkLayerAddress } from "../../src/linux/socket-address.ts";
import { IPPROTO_VRRP } from "../../src/linux/vrrp-socket.ts";
import type { PacketReport } from "../../src/observe/packet-report.ts";
import { CapturedOutput } from "../commands/captured-output.ts";
import { waitFor } from "../lab/wait-for.ts";
import { ethernet, ipv4, ipv6, V2_MESSAGE, V3_MESSAGE } from "../observe/capture-files.ts";
import { patched } from "../vrrp/bytes.ts";
import { ip } from "../vrrp/fixtures.ts";
import { makePair, type Namespace, type Pair, requireNamespaces } from "./in-namespace.ts";

const VRRP = ipv4(V3_MESSAGE);
const VRRP_6 = ipv6(V3_MESSAGE, { source: ip("fe80::1"), destination: ip("ff02::12") });
const NOT_VRRP = [
  ethernet(patched(VRRP, { 9: 6 })),
  ethernet(patched(VRRP_6, { 6: 6 }), "86dd"),
  // ARP, with 112 where IPv4 and IPv6 have their protocol.
  ethernet(new Uint8Array(46).fill(112), "0806"),
];

/** Packets as an onlooker notes them down. */
type Notes = (Omit<ObservedPacket, "bytes" | "timeMicros"> & { readonly bytes: string })[];

describe("a packet capture", () => {
  let pair: Pair;
  const captures: PacketCapture[] = [];

  beforeEach(async (context) => {
    requireNamespaces(context);
    pair = await makePair();
  });
  afterEach(() => {
    for (const capture of captures.splice(0)) capture.close();
    pair?.close();
  });

  function observe(namespace: Namespace, name?: string): Notes {
    const notes: Notes = [];
    const capture = namespace.run(() =>
      openPacketCapture({
        interfaceName: name,
        onPacket: ({ bytes, timeMicros: _, ...rest }) => notes.push({ bytes: hexOf(bytes), ...rest }),
        onError: (error) => {
          throw error;
        },
      }),
    );
    captures.push(capture);
    return notes;
  }

  test("sees VRRP of both IP families, going out here and coming in there, and nothing else", async () => {
    const [left, right] = [observe(pair.left, "va"), observe(pair.right, "vb")];
    inject(pair.left, ...NOT_VRRP, ethernet(VRRP), ethernet(VRRP_6, "86dd"));
    await waitFor(() => left.length > 1 && right.length > 1, { what: "two packets on both ends" });
    const packets = [VRRP, VRRP_6].map(hexOf);
    expect(left).toEqual(packets.map((bytes) => ({ bytes, interfaceName: "va", outgoing: true })));
    expect(right).toEqual(packets.map((bytes) => ({ bytes, interfaceName: "vb", outgoing: false })));
  });

  test("tells when the kernel saw a packet, however late it is read", async () => {
    const ages: number[] = [];
    const capture = pair.right.run(() =>
      openPacketCapture({
        onPacket: ({ timeMicros }) => ages.push(Date.now() - timeMicros / 1000),
        onError: () => {},
      }),
    );
    captures.push(capture);
    // The kernel begins to keep times a moment after it was asked to.
    await waitFor(
      () => {
        inject(pair.left, ethernet(VRRP));
        const wakesAt = Date.now() + 30;
        while (Date.now() < wakesAt);
        return (ages.at(-1) ?? 0) >= 29;
      },
      { what: "a packet that waited to be read", seen: () => ages },
    );
  });

  test("of all interfaces sees the same", async () => {
    const notes = observe(pair.right);
    inject(pair.left, ...NOT_VRRP, ethernet(VRRP));
    await waitFor(() => notes.length > 0, { what: "a packet" });
    expect(notes).toMatchObject([{ bytes: hexOf(VRRP), outgoing: false }]);
  });

  test("of one interface sees nothing of the others", async () => {
    const [loopback, cable] = [observe(pair.left, "lo"), observe(pair.left, "va")];
    inject(pair.left, ethernet(VRRP));
    await waitFor(() => cable.length > 0, { what: "a packet" });
    expect(loopback).toEqual([]);
  });

  test("goes on when its interface was down", async () => {
    const notes = observe(pair.right, "vb");
    pair.right.ip("link set vb down");
    pair.right.ip("link set vb up");
    // The carrier comes back a moment later, so the packet is sent until one arrives.
    await waitFor(
      () => {
        inject(pair.left, ethernet(VRRP));
        return notes.length > 0;
      },
      { what: "a packet after the interface came back" },
    );
  });

  test("that is closed, twice too, delivers nothing more", async () => {
    const [closed, open] = [observe(pair.right, "vb"), observe(pair.right, "vb")];
    captures[0]?.close();
    captures[0]?.close();
    inject(pair.left, ethernet(VRRP));
    await waitFor(() => open.length > 0, { what: "a packet" });
    expect(closed).toEqual([]);
  });

  test("names the interface of each packet when it listens on all", async () => {
    const notes: string[] = [];
    const capture = openPacketCapture({
      onPacket: ({ bytes, interfaceName: name, outgoing }) =>
        notes.push(`${bytes.subarray(12, 16).join(".")} ${outgoing ? "out" : "in"} ${name}`),
      onError: (error) => notes.push(error.message),
    });
    captures.push(capture);
    sendOnLoopback("127.77.112.1");
    const own = () => notes.filter((note) => note.startsWith("127.77.112.1 "));
    await waitFor(() => own().length > 1, { what: "the packet, out and in", seen: () => notes });
    expect(own()).toEqual(["127.77.112.1 out lo", "127.77.112.1 in lo"]);
  });

  test("feeds `watch`, which ends with a summary when it is interrupted", async () => {
    const interrupt = new AbortController();
    const [out, err] = [new CapturedOutput(), new CapturedOutput()];
    const exit = pair.right.run(() =>
      watch({ interface: "vb", json: true, out, err, signal: interrupt.signal }),
    );
    const bad = ipv4(patched(V2_MESSAGE, { 2: 9 }), 64);
    inject(pair.left, ethernet(VRRP), ethernet(bad));
    await waitFor(() => out.lines.length > 1, { what: "two packets", seen: () => out.text });
    interrupt.abort();
    expect(await exit).toBe(0);
    expect(out.lines.map((line) => JSON.parse(line) as PacketReport)).toMatchObject([
      { interfaceName: "vb", direction: "in", virtualRouterId: 52, valid: true, remarks: [] },
      { interfaceName: "vb", virtualRouterId: 51, ttl: 64, valid: false, reason: { code: "checksum" } },
    ]);
    expect(err.lines).toEqual([
      "Watching VRRP on vb; Ctrl-C ends.",
      "2 VRRP packets, 1 refused",
      "       2  from 10.9.0.1",
      "       1  refused: checksum",
    ]);
  });
});

/** Sends whole frames out of the left end's cable. */
function inject(namespace: Namespace, ...frames: readonly Uint8Array[]): void {
  namespace.run(() => {
    const fd = checked(openSocket(AF_PACKET, SOCK_RAW, 0));
    const address = linkLayerAddress(interfaceIndex("va") ?? 0, 0);
    for (const frame of frames) checked(sendTo(fd, frame, address));
    closeSocket(fd);
  });
}

function sendOnLoopback(source: string): void {
  const fd = checked(openSocket(AF_INET, SOCK_RAW, IPPROTO_VRRP));
  checked(bindSocket(fd, internetAddress(ip(source))));
  checked(sendTo(fd, V3_MESSAGE, internetAddress(ip("127.77.112.2"))));
  closeSocket(fd);
}

function checked(answer: number): number {
  if (answer < 0) throw new Error(errnoName(answer));
  return answer;
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
