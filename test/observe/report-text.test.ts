import { expect, test } from "vitest";
import { millis } from "../../src/base/units.ts";
import { type PacketReport, reportPacket, type Sighting } from "../../src/observe/packet-report.ts";
import { formatReport } from "../../src/observe/report-text.ts";
import { PacketTally } from "../../src/observe/tally.ts";
import { patched } from "../vrrp/bytes.ts";
import { ip } from "../vrrp/fixtures.ts";
import { advert, ipv4, V2_MESSAGE, V3_MESSAGE } from "./capture-files.ts";

test("a packet is one line, its columns aligned with those of the others", () => {
  const lines = [V2_MESSAGE, V3_MESSAGE, patched(V3_MESSAGE, { 2: 9 })].map((message) =>
    formatReport(report(ipv4(message, message === V2_MESSAGE ? 64 : 255))),
  );
  expect(lines.join("\n")).toBe(
    [
      "2026-11-20T12:00:00.123Z  in  eth0  10.9.0.1        > 10.9.0.2         v2  vrid  51  prio 150  int 1s      ttl  64           10.9.0.100 10.9.0.101  auth pass  (ttl-not-255: it came through a router, or its sender does not set the TTL to 255 (unicast_ttl))",
      "2026-11-20T12:00:00.123Z  in  eth0  10.9.0.1        > 10.9.0.2         v3  vrid  52  prio 150  int 0.1s    ttl 255  rfc5798  10.9.0.110",
      "2026-11-20T12:00:00.123Z  in  eth0  10.9.0.1        > 10.9.0.2         v3  vrid  52  prio   9  int ?       ttl 255           REFUSED checksum: its checksum is wrong (was an address on the way translated?)",
    ].join("\n"),
  );
});

test("a capture file tells neither interface nor direction, and the columns close up", () => {
  const seen = { timeMicros: null, interfaceName: null, direction: null, cut: false };
  expect(formatReport(report(ipv4(V3_MESSAGE), seen))).toMatch(/^no time {19}10\.9\.0\.1 /);
});

test("a summary counts packets by source and refusals by reason, most frequent first", () => {
  const tally = new PacketTally();
  for (const message of [V2_MESSAGE, V3_MESSAGE, patched(V3_MESSAGE, { 2: 9 })])
    tally.add(report(ipv4(message)));
  const endpoints = { source: ip("10.9.0.3"), destination: ip("10.9.0.2") };
  tally.add(report(advert({ ...ADVERT, priority: 0 }, endpoints)));
  expect(tally.lines()).toEqual([
    "4 VRRP packets, 1 refused",
    "       3  from 10.9.0.1",
    "       1  from 10.9.0.3",
    "       1  refused: checksum",
  ]);
});

test("a flood of forged sources is counted, not remembered", () => {
  const tally = new PacketTally();
  const packet = ipv4(V3_MESSAGE);
  for (let index = 0; index < 5000; index++) {
    tally.add(report(patched(packet, { 14: index >> 8, 15: index & 0xff })));
  }
  const lines = tally.lines();
  expect(lines[0]).toBe("5000 VRRP packets, 4999 refused");
  expect(lines.length).toBeLessThan(1100);
  expect(lines[1]).toBe("    4000  from other sources");
});

const ADVERT = {
  version: 3,
  virtualRouterId: 1,
  priority: 100,
  advertInterval: millis(1000),
  addresses: [ip("10.9.0.100")],
  authentication: undefined,
} as const;

function report(
  bytes: Uint8Array,
  sighting: Sighting = {
    timeMicros: 1_795_176_000_123_456,
    interfaceName: "eth0",
    direction: "in",
    cut: false,
  },
): PacketReport {
  const seen = reportPacket(bytes, sighting);
  if (!seen) throw new Error("the packet is not reported");
  return seen;
}
