import { describe, expect } from "vitest";
import { examine } from "./doctor.ts";
import { startPair } from "./group.ts";
import { labTestNeeding } from "./lab-test.ts";
import { waitFor } from "./wait-for.ts";

const labTest = labTestNeeding("built", "iptables");

/** What this machine is, whatever runs on it: how busy, and whether somebody keeps its clock. */
const OF_THE_MACHINE = [
  "host/scheduling-late",
  "host/clock-steps",
  "host/clock-unsynchronised",
  "wire/adverts-lost",
  "wire/jitter",
  "wire/interval-too-short",
];

describe("doctor on a healthy pair with running agents", () => {
  labTest("finds nothing on either node, and sees everything", async ({ lab }) => {
    const { a, b } = await startPair(lab, { advertInt: 1, vips: ["10.77.1.1/32"] });
    await waitFor(async () => (await b.cloudvip.counters()).advertsReceived > 3, { what: "b to hear a" });
    for (const node of [a, b]) {
      const { findings, unseen, fine } = await examine(lab, node);
      const others = findings.filter(({ code }) => !OF_THE_MACHINE.includes(code));
      expect(others).toEqual([]);
      expect(unseen).toEqual([]);
      expect(fine.length).toBeGreaterThan(20);
    }
  });
});
