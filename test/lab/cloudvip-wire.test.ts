import { join } from "node:path";
import { describe, expect } from "vitest";
import { decodeAdvertisement } from "../../src/vrrp/advertisement.ts";
import { decodeIpv4Packet } from "../../src/vrrp/ipv4-header.ts";
import type { WireAdvert } from "./capture.ts";
import { type GroupOptions, type Pair, startPair } from "./group.ts";
import type { Lab } from "./lab.ts";
import { labTestNeeding } from "./lab-test.ts";
import { run } from "./process.ts";
import { tsharkComplaints } from "./tshark.ts";

const labTest = labTestNeeding("built");
const tsharkTest = labTestNeeding("built", "tshark");
const VIP = "10.77.1.1";
const V3: GroupOptions = { advertInt: 0.1, vips: [VIP, "10.77.1.2", "10.77.1.3"] };
const V2: GroupOptions = { ...V3, version: 2, advertInt: 1 };

describe.concurrent("what cloudvip sends", () => {
  tsharkTest.for<[string, GroupOptions]>([
    ["VRRPv3", V3],
    ["VRRPv2", V2],
    ["VRRPv2 with PASS", { ...V2, pass: "s3cret" }],
  ])(
    "as %s is faultless to tshark, from the first advert to the last word",
    async ([, settings], { lab }) => {
      const file = await captureOfSuccession(lab, await startPair(lab, settings));
      expect(await tsharkComplaints(file)).toEqual([]);
    },
  );

  tsharkTest(
    "with v3_checksum_as_v2 has the checksum of RFC 9568, and is well-formed to tshark",
    async ({ lab }) => {
      const pair = await startPair(lab, { ...V3, extra: ["v3_checksum_as_v2"] });
      const file = await captureOfSuccession(lab, pair);

      const forms = pair.observer.capture.adverts.map(checksumFormOf);
      expect(new Set(forms)).toEqual(new Set(["rfc9568"]));
      // tshark knows the other form of the checksum only.
      expect(
        await run(["tshark", "-n", "-r", file, "-Y", "ip.proto == 112 && (!vrrp || _ws.malformed)"]),
      ).toBe("");
      expect(
        await run([
          "tshark",
          "-n",
          "-r",
          file,
          "-Y",
          "vrrp && ip.checksum.status == 0",
          "-o",
          "ip.check_checksum:TRUE",
        ]),
      ).toBe("");
    },
  );

  labTest("by default has the checksum of RFC 5798, as keepalived does", async ({ lab }) => {
    const { observer } = await startPair(lab, V3);
    expect(new Set(observer.capture.adverts.map(checksumFormOf))).toEqual(new Set(["rfc5798"]));
  });
});

describe("a pair that uses the raw-socket add-on instead of libc", () => {
  labTest("fails over and back", async ({ lab }) => {
    const cloudvip = { args: ["--socket-adapter", "raw-socket"] };
    const { a, b, observer } = await startPair(lab, { advertInt: 0.1, vips: [VIP], cloudvip });
    for (const node of [a, b]) expect((await node.cloudvip.status()).socketAdapter).toBe("raw-socket");

    await lab.cut(a.host);
    await observer.waitFor(() => observer.holders(VIP).includes("b"), { what: "b to take over" });
    await lab.heal();
    await observer.waitForHolder(VIP, a.host);
    await a.daemon.stop();
    await observer.waitForHolder(VIP, b.host);
  });
});

/** A pcap file of everything that a pair says while the MASTER is stopped and the BACKUP succeeds it. */
async function captureOfSuccession(lab: Lab, { a, b, observer }: Pair): Promise<string> {
  await a.daemon.stop();
  await observer.waitForHolder(VIP, b.host);
  await observer.waitFor(() => observer.advertsOf(b.host).length >= 2, { what: "two adverts of b" });
  const file = join(lab.directory, "adverts.pcap");
  observer.capture.save(file);
  return file;
}

function checksumFormOf({ packet: bytes }: WireAdvert) {
  const packet = decodeIpv4Packet(bytes);
  const decoded = packet.ok ? decodeAdvertisement(packet.payload, packet) : packet;
  return decoded.ok ? decoded.checksumForm : decoded.reason;
}
