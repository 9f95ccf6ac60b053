import { describe, expect } from "vitest";
import { Pair } from "../bench/pair.ts";
import { Cloudvip } from "./cloudvip.ts";
import { labTestNeeding } from "./lab-test.ts";

const labTest = labTestNeeding("built");
const INSTANCES = 300;

describe("three hundred instances on two source addresses", () => {
  labTest(
    "move together when their MASTER is killed, and each is advertised before it is announced",
    async ({ lab }) => {
      const settings = { advertMs: 100, instances: INSTANCES };
      const pair = await Pair.in(lab, { program: "cloudvip", settings });
      const { onA, onB } = await pair.startBoth();
      const vips = Array.from({ length: INSTANCES }, (_, index) => lab.vip(index));
      const announcedByB = (vip: string) =>
        pair.observer.capture.announcements.find(({ mac, address }) => mac === pair.b.mac && address === vip);

      await onA.kill();
      await pair.observer.waitFor(() => vips.every(announcedByB), { what: "b to announce every VIP" });

      const advertised = new Map<string, number>();
      for (const { source, vrid, atMs } of pair.observer.capture.adverts.toReversed()) {
        advertised.set(`${source} ${vrid}`, atMs);
      }
      for (const [index, vip] of vips.entries()) {
        const source = index < 250 ? pair.b.address : pair.b.address.replace("10.77.0.", "10.77.201.");
        const firstAdvert = advertised.get(`${source} ${(index % 250) + 1}`);
        expect(firstAdvert).toBeLessThan(announcedByB(vip)?.atMs ?? 0);
      }
      const { instances, refused } =
        onB instanceof Cloudvip ? await onB.status() : { instances: [], refused: {} };
      expect(instances).toHaveLength(INSTANCES);
      for (const { state, counters, virtualAddresses } of instances) {
        expect(state).toBe("MASTER");
        expect(counters).toMatchObject({ becameMaster: 1, releasedMaster: 0, refused: {}, sendErrors: 0 });
        expect(virtualAddresses).toMatchObject([{ bound: true }]);
      }
      expect(refused).toEqual({});
    },
  );
});
