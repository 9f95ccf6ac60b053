/** Doctor on a real pair: each disagreement between the nodes is seen from the other one, and seen to be gone. */
import { describe, expect } from "vitest";
import { examine, waitForFinding } from "./doctor.ts";
import { type GroupOptions, type Pair, startPair } from "./group.ts";
import type { Lab } from "./lab.ts";
import { labTestNeeding } from "./lab-test.ts";
import type { VrrpInstance } from "./vrrp-conf.ts";

const labTest = labTestNeeding("built");
const VIPS = ["10.77.1.1/16", "10.77.1.2/16"];
const SETTINGS: GroupOptions = { advertInt: 0.1, vips: VIPS, peerOptions: "min_ttl 255" };

interface Slip {
  readonly code: string;
  /** What node a is changed to. */
  readonly change: Partial<VrrpInstance>;
  readonly says: string;
}

const SLIPS: readonly Slip[] = [
  {
    code: "wire/vrid-differs",
    change: { vrid: 52 },
    says: "V1: 10.77.0.1 advertises virtual_router_id 52, here it is 51",
  },
  {
    code: "wire/version-differs",
    change: { version: 2, advertInt: 1 },
    says: "V1: 10.77.0.1 speaks VRRP version 2, this node 3",
  },
  {
    code: "wire/interval-differs",
    change: { advertInt: 0.2 },
    says: "V1: 10.77.0.1 has advert_int 0.2 s, this node 0.1 s",
  },
  {
    code: "wire/vips-differ",
    change: { vips: VIPS.slice(0, 1) },
    says: "V1: 10.77.0.1 has other addresses than this node",
  },
  {
    code: "wire/checksum-form-differs",
    change: { extra: ["v3_checksum_as_v2"] },
    says: "V1: 10.77.0.1 writes checksums as rfc9568, this node as rfc5798",
  },
  {
    code: "wire/ttl-differs",
    change: { extra: ["unicast_ttl 64"] },
    says: "V1: adverts of 10.77.0.1 arrive with TTL 64; accepted is 255",
  },
  {
    code: "wire/priority-equal",
    change: { priority: 100 },
    says: "V1: 10.77.0.1 has priority 100 like this node",
  },
];

const PASSWORD_SLIPS: readonly Slip[] = [
  {
    code: "wire/authentication-differs",
    change: { pass: "other" },
    says: "V1: 10.77.0.1 has another password than this node",
  },
  {
    code: "wire/interval-differs",
    change: { advertInt: 2 },
    says: "V1: 10.77.0.1 has advert_int 2 s, this node 1 s",
  },
];

describe.concurrent("doctor on a pair", () => {
  labTest(
    "whose VRRPv3 nodes differ names each difference until it is mended",
    { timeout: 240_000 },
    async ({ lab }) => {
      await expectSlips(lab, await startPair(lab, SETTINGS), SLIPS);
    },
  );

  labTest(
    "whose VRRPv2 nodes differ names each difference until it is mended",
    { timeout: 240_000 },
    async ({ lab }) => {
      const pair = await startPair(lab, { ...SETTINGS, version: 2, advertInt: 1, pass: "s3cret" });
      await expectSlips(lab, pair, PASSWORD_SLIPS);
    },
  );

  labTest(
    "that is healthy finds nothing on the wire, on either node, with or without an agent",
    async ({ lab }) => {
      const pair = await startPair(lab, { ...SETTINGS, advertInt: 1 });
      for (const node of [pair.a, pair.b]) await expectWell(lab, node);
      await pair.b.daemon.stop();
      await expectWell(lab, pair.b);
    },
  );
});

async function expectSlips(lab: Lab, { a, b }: Pair, slips: readonly Slip[]): Promise<void> {
  for (const { code, change, says } of slips) {
    a.daemon.reload(a.conf(change));
    expect(await waitForFinding(lab, b, { code })).toMatchObject({ code, message: says });
    a.daemon.reload(a.conf());
    await waitForFinding(lab, b, { code, gone: true });
  }
}

async function expectWell(lab: Lab, node: Pair["a"]): Promise<void> {
  const { findings, unseen, fine } = await examine(lab, node);
  const ofWire = ({ code }: { readonly code: string }) => code.startsWith("wire/");
  expect(findings.filter(ofWire)).toEqual([]);
  expect(unseen.filter(ofWire)).toEqual([]);
  const suggestion = fine.find(({ code }) => code === "wire/interval-too-short");
  expect(suggestion?.note).toMatch(/^it is 1 s; from \d+ ms on it is safe here$/);
}
