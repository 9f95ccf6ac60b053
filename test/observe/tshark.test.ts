/** Another reader's opinion: what tshark sees in the capture files of these tests is what cloudvip sees. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readCapture } from "../../src/observe/capture-file.ts";
import { networkPacket } from "../../src/observe/link-layer.ts";
import { type PacketReport, reportPacket } from "../../src/observe/packet-report.ts";
import { requires } from "../setup/requires.ts";
import { patched } from "../vrrp/bytes.ts";
import {
  cookedV1,
  cookedV2,
  doublyTagged,
  ethernet,
  ipv4,
  pcap,
  pcapng,
  V2_MESSAGE,
  V3_MESSAGE,
} from "./capture-files.ts";

let directory: string;

beforeEach(requires("tshark"));
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "cloudvip-tshark-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const PACKETS = [ipv4(V2_MESSAGE), ipv4(V3_MESSAGE, 64), ipv4(patched(V3_MESSAGE, { 2: 9 }))];

describe("tshark and cloudvip agree", () => {
  test.each([
    ["pcap", pcap(PACKETS.map((packet) => ethernet(packet)))],
    [
      "big-endian pcap in nanoseconds",
      pcap(PACKETS.map(doublyTagged), { littleEndian: false, nanoseconds: true }),
    ],
    [
      "pcap of `tcpdump -i any`",
      pcap(
        PACKETS.map((packet) => cookedV1(packet)),
        { linkType: 113 },
      ),
    ],
    [
      "pcap of a newer `tcpdump -i any`",
      pcap(
        PACKETS.map((packet) => cookedV2(packet)),
        { linkType: 276 },
      ),
    ],
    ["pcap of raw IP", pcap(PACKETS, { linkType: 101 })],
    ["pcapng", pcapng(PACKETS.map((packet) => ethernet(packet)))],
    [
      "big-endian pcapng in nanoseconds",
      pcapng(PACKETS.map(doublyTagged), { littleEndian: false, nanoseconds: true }),
    ],
  ])("on a %s file", (_, file) => {
    expect(ours(file)).toEqual(tsharks(file));
  });
});

/** The columns in which both readers are compared. */
const FIELDS = [
  "frame.time_epoch",
  "ip.src",
  "ip.dst",
  "ip.ttl",
  "vrrp.version",
  "vrrp.virt_rtr_id",
  "vrrp.prio",
];

function tsharks(file: Uint8Array): string[][] {
  const path = join(directory, "capture");
  writeFileSync(path, file);
  const fields = [...FIELDS, "vrrp.checksum.status"].flatMap((field) => ["-e", field]);
  const text = execFileSync("tshark", ["-n", "-r", path, "-Y", "ip", "-T", "fields", ...fields], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return text
    .trimEnd()
    .split("\n")
    .map((line) => {
      const [epoch = "", ...rest] = line.split("\t");
      return [epoch.slice(0, -3), ...rest];
    });
}

function ours(file: Uint8Array): string[][] {
  return [...readCapture(file)].map((frame) => {
    const packet = networkPacket(frame);
    const report =
      packet && reportPacket(packet.bytes, { ...frame, interfaceName: null, direction: packet.direction });
    return report ? columns(report, frame.timeMicros ?? 0) : [];
  });
}

/** tshark calls a checksum 1 when it is good and 0 when it is bad. */
function columns(report: PacketReport, timeMicros: number): string[] {
  const { source, destination, ttl, version, virtualRouterId, priority, valid } = report;
  const epoch = (timeMicros / 1e6).toFixed(6);
  return [epoch, source, destination, ttl, version, virtualRouterId, priority, valid ? 1 : 0].map(String);
}
