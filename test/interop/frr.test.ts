import { describe, expect } from "vitest";
import { decodeAdvertisement } from "../../src/vrrp/advertisement.ts";
import { decodeIpv4Packet } from "../../src/vrrp/ipv4-header.ts";
import { type FrrRouter, startFrr } from "../lab/frr.ts";
import { labTestNeeding } from "../lab/lab-test.ts";

const frrTest = labTestNeeding("frr");

describe("an advert of FRR", () => {
  for (const version of [2, 3] as const) {
    frrTest(`of version ${version} is understood`, async ({ lab }) => {
      const router: FrrRouter = { vrid: 5, version, priority: 200, advertMs: 1000, vip: lab.vip() };
      const host = await lab.host("frr");
      const observer = await lab.observe();

      await startFrr(lab, host, router);
      await observer.waitFor(() => observer.advertsOf(host).length > 0, { what: "an advert of FRR" });

      expect(decode(observer.advertsOf(host)[0]?.packet)).toMatchObject({
        ok: true,
        advertisement: {
          version,
          virtualRouterId: 5,
          priority: 200,
          advertInterval: 1000,
          addresses: [router.vip],
        },
      });
    });
  }
});

function decode(bytes: Uint8Array = new Uint8Array()) {
  const packet = decodeIpv4Packet(bytes);
  return packet.ok ? decodeAdvertisement(packet.payload, packet) : packet;
}
