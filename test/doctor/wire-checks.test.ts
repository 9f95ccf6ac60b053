/** What doctor concludes from a wire that is described; `wire-pair.test.ts` and its neighbours have real ones. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { millis } from "../../src/base/units.ts";
import type { InstanceConfig } from "../../src/config/config.ts";
import { CHECKS } from "../../src/doctor/catalogue.ts";
import type { DoctorContext } from "../../src/doctor/check.ts";
import type { WireRequest } from "../../src/doctor/wire/wire-view.ts";
import type { ProbedRouter } from "../../src/vrrp/probe.ts";
import { BACKUP, MASTER, snapshotOf } from "../status/snapshots.ts";
import {
  diagnose,
  entry,
  fakeHost,
  findingsIn,
  type HostPlan,
  ip,
  PEER,
  pairConfig,
  SELF,
} from "./fake-host.ts";

const STRANGER = ip("10.0.0.66");
const OTHER_VIP = ip("10.0.0.11");
const SILENT = { adverts: undefined } as const;
const OWN = { source: SELF, destination: PEER, outgoing: true } as const;
const DEAF = { ...SILENT, router: undefined } as const;
type WireOf = NonNullable<HostPlan["wire"]>;

interface Seen {
  readonly code: string;
  readonly what: string;
  readonly wire: WireOf;
  readonly severity?: "failure" | "warning";
  readonly config?: Partial<InstanceConfig>;
  readonly context?: Partial<DoctorContext>;
  /** Other codes that this shows as well. */
  readonly also?: readonly string[];
}

const V2: Partial<InstanceConfig> = { router: routerWith({ version: 2 }) };
const V2_PASS = { ...V2, authPass: "s3cret" };
const PASS = (text: string) => ({ type: 1, data: Uint8Array.from(Buffer.from(text.padEnd(8, "\0"))) });
const V2_ADVERTS = { adverts: { version: 2 }, router: { version: 2 } } as const;

const SEEN: readonly Seen[] = [
  {
    code: "wire/peer-unreachable",
    what: "nobody answers ARP",
    wire: { ...DEAF, probe: { undelivered: { from: SELF, destination: PEER, code: 1 } } },
  },
  {
    code: "wire/peer-unreachable",
    what: "there is no route",
    wire: { ...DEAF, probe: { sendError: "ENETUNREACH" } },
  },
  {
    code: "wire/peer-without-agent",
    what: "the peer knows no protocol 112",
    wire: { ...DEAF, probe: { undelivered: { from: PEER, destination: PEER, code: 2 } } },
  },
  {
    code: "wire/peer-rejects-vrrp",
    what: "a filter rejects",
    wire: { ...DEAF, probe: { undelivered: { from: PEER, destination: PEER, code: 13 } } },
  },
  { code: "wire/probe-unanswered", what: "nothing comes from the peer", wire: DEAF },
  {
    code: "wire/probe-unanswered",
    what: "a peer is silent while this node is MASTER, as keepalived is",
    wire: { ...DEAF, more: [OWN] },
    severity: "warning",
  },
  {
    code: "wire/probe-unanswered",
    what: "adverts come, but no answer",
    wire: { router: undefined },
    severity: "warning",
  },
  {
    code: "wire/no-adverts-from-peer",
    what: "a MASTER is not heard",
    wire: { ...SILENT, router: { state: "MASTER" } },
  },
  {
    code: "wire/host-drops-adverts",
    what: "only the capture sees adverts",
    wire: { adverts: { delivered: 0 } },
  },
  {
    code: "wire/not-heard-by-peer",
    what: "a BACKUP answers that it heard this node long ago",
    wire: { ...answers({ heardAgo: millis(4000) }), more: [OWN] },
  },
  { code: "wire/peer-in-fault", what: "the only peer is in FAULT", wire: answers({ state: "FAULT" }) },
  { code: "wire/peer-in-fault", what: "the only peer has not started", wire: answers({ state: "INIT" }) },
  {
    code: "wire/adverts-malformed",
    what: "a checksum is wrong",
    wire: { adverts: { invalid: new Map([["checksum", 3]]), last: undefined } },
  },
  {
    code: "wire/vrid-differs",
    what: "another one is advertised",
    wire: { adverts: { virtualRouterId: 52 }, router: "none" },
    also: ["wire/two-masters"],
    context: { agent: { pid: 7, status: snapshotOf(MASTER) } },
  },
  { code: "wire/vrid-differs", what: "the peer's agent has no such router", wire: answers("none") },
  { code: "wire/version-differs", what: "adverts are of the other", wire: { adverts: { version: 2 } } },
  { code: "wire/version-differs", what: "a BACKUP answers so", wire: answers({ version: 2 }) },
  {
    code: "wire/authentication-differs",
    what: "another password comes",
    wire: { ...V2_ADVERTS, last: { version: 2, authentication: PASS("other") } },
    config: V2_PASS,
  },
  {
    code: "wire/authentication-differs",
    what: "no password comes",
    wire: { ...V2_ADVERTS, last: { version: 2, authentication: { type: 0, data: new Uint8Array(8) } } },
    config: V2_PASS,
  },
  {
    code: "wire/authentication-differs",
    what: "a BACKUP answers that it has one",
    wire: answers({ version: 2, authType: 1 }),
    config: V2,
  },
  { code: "wire/ttl-differs", what: "a neighbour's is 64", wire: { adverts: { ttls: [64] } } },
  { code: "wire/ttl-differs", what: "ours arrives as 254", wire: { receivedTtl: 254 }, severity: "warning" },
  {
    code: "wire/checksum-form-differs",
    what: "it is accepted all the same",
    wire: { last: { checksumForm: "rfc9568" } },
    severity: "warning",
  },
  {
    code: "wire/checksum-form-differs",
    what: "it is refused here",
    wire: { last: { checksumForm: "rfc9568" } },
    config: { checksum: { send: "rfc5798", accept: "rfc5798" } },
  },
  {
    code: "wire/interval-differs",
    what: "VRRPv3 learns it",
    wire: { last: { advertInterval: millis(2000) } },
    severity: "warning",
  },
  {
    code: "wire/interval-differs",
    what: "VRRPv2 refuses it",
    wire: answers({ version: 2, advertInterval: millis(2000) }),
    config: V2,
  },
  {
    code: "wire/vips-differ",
    what: "another address is listed",
    wire: { last: { addresses: [OTHER_VIP] } },
    severity: "warning",
  },
  {
    code: "wire/vips-differ",
    what: "a BACKUP answers with another digest",
    wire: answers({ addressDigest: 1, addressCount: 2 }),
    severity: "warning",
  },
  {
    code: "wire/priority-equal",
    what: "a BACKUP answers with ours",
    wire: answers({ basePriority: 150 }),
    severity: "warning",
  },
  {
    code: "wire/priority-equal",
    what: "a keepalived advertises ours",
    wire: { router: undefined, last: { priority: 150 } },
    severity: "warning",
    also: ["wire/probe-unanswered"],
  },
  { code: "wire/two-masters", what: "this node advertises too", wire: { more: [OWN] } },
  {
    code: "wire/two-masters",
    what: "both agents say so, and no advert passes",
    wire: { ...SILENT, router: { state: "MASTER" } },
    context: { agent: { pid: 7, status: snapshotOf(MASTER) } },
    also: ["wire/no-adverts-from-peer"],
  },
  {
    code: "wire/unknown-router",
    what: "a stranger sends to this node",
    wire: { more: [{ source: STRANGER }] },
  },
  {
    code: "wire/unknown-router",
    what: "a stranger sends to the group",
    wire: { more: [{ source: STRANGER, destination: ip("224.0.0.18") }] },
    severity: "warning",
  },
  {
    code: "wire/adverts-lost",
    what: "numbers are missing",
    wire: { adverts: { arrivals: [0, 1000, 3000], identifications: [1, 2, 4] } },
    severity: "warning",
  },
  {
    code: "wire/adverts-lost",
    what: "gaps show, of a sender that does not count",
    wire: { adverts: { arrivals: [0, 1000, 3000], identifications: [0, 0, 0] } },
    severity: "warning",
  },
  {
    code: "wire/jitter",
    what: "an advert is late by more than half an interval",
    wire: { adverts: { arrivals: [0, 1600, 2600], identifications: [1, 2, 3] } },
    severity: "warning",
    also: ["wire/interval-too-short"],
  },
  {
    code: "wire/interval-too-short",
    what: "timer and network together are late",
    wire: { adverts: { arrivals: [0, 1300, 2300] } },
    severity: "warning",
    context: {
      agent: { pid: 7, status: { ...snapshotOf(), lateness: { samples: 5000, maxMs: 900, p999Ms: 250 } } },
    },
  },
];

describe("a wire on which", () => {
  test.each(SEEN)("$what shows $code", async ({ code, wire, severity, config, context, also }) => {
    const findings = await wireFindings({ wire }, { ...(await withConfig(config)), ...context });
    expect(new Set(findings.map((finding) => finding.code))).toEqual(new Set([code, ...(also ?? [])]));
    const [found] = findings.filter((finding) => finding.code === code);
    expect(found).toMatchObject({ severity: severity ?? "failure" });
    for (const { message, evidence, consequence, fix } of findings) {
      expect(message).toContain("VI_1");
      expect(evidence.length).toBeGreaterThan(0);
      expect(consequence.length).toBeGreaterThan(10);
      expect(fix?.advice.length).toBeGreaterThan(10);
    }
  });

  test("is described for every check of the wire, and broken and mended for real in a lab", () => {
    const tested = new Set(SEEN.map(({ code }) => code));
    const labs = ["doctor-wire", "doctor-wire-reach"].map((name) =>
      readFileSync(new URL(`../lab/${name}.test.ts`, import.meta.url), "utf8"),
    );
    const ofWire = CHECKS.map(({ code }) => code).filter((code) => code.startsWith("wire/"));
    expect(ofWire.filter((code) => !tested.has(code))).toEqual([]);
    expect(ofWire.filter((code) => !labs.some((text) => text.includes(`"${code}"`)))).toEqual([]);
  });
});

interface Well {
  readonly what: string;
  readonly wire?: WireOf;
  readonly config?: Partial<InstanceConfig>;
  /** Of the agent that runs here. */
  readonly state?: "MASTER" | "BACKUP";
}

const WELL: readonly Well[] = [
  { what: "when the peer is MASTER and this node BACKUP", state: "BACKUP" },
  { what: "when no agent runs here" },
  {
    what: "when this node is MASTER and the peer silent",
    wire: { ...answers({}), more: [OWN] },
    state: "MASTER",
  },
  {
    what: "while mastership passes over",
    wire: {
      adverts: { arrivals: [0, 1000, 1001], identifications: [1, 2, 3] },
      more: [{ ...OWN, arrivals: [1000, 2000], count: 2 }],
    },
  },
  {
    what: "when the MASTER said goodbye and this node took over",
    wire: { last: { priority: 0 }, router: { state: "BACKUP" }, more: [OWN] },
  },
  {
    what: "when a TTL of 64 is allowed",
    wire: { adverts: { ttls: [64] } },
    config: { peers: [{ address: PEER, minTtl: 64, maxTtl: undefined }] },
  },
  {
    what: "when the right password comes",
    wire: { ...V2_ADVERTS, last: { version: 2, authentication: PASS("s3cret") } },
    config: V2_PASS,
  },
  {
    what: "when addresses are listed in another order",
    wire: { last: { addresses: [OTHER_VIP, ip("10.0.0.10")] }, router: undefined },
    config: { virtualAddresses: ["10.0.0.10", "10.0.0.11"].map(vip) },
  },
  {
    what: "when ICMP spoke once and an answer came later",
    wire: { probe: { undelivered: { from: PEER, destination: PEER, code: 2 } } },
  },
  {
    what: "when the peer shares another virtual router that is in neither's way",
    wire: { more: [{ virtualRouterId: 99 }] },
  },
];

describe("nothing is found", () => {
  test.each(WELL)("$what", async ({ wire, config, state }) => {
    const status = state && snapshotOf(state === "MASTER" ? MASTER : { ...BACKUP, name: "VI_1" });
    const agent = status && { pid: 7, status };
    const findings = await wireFindings({ wire }, { ...(await withConfig(config)), agent });
    expect(findings.filter(({ code }) => code !== "wire/probe-unanswered")).toEqual([]);
  });
});

describe("whether a peer hears this node", () => {
  const heardOnly = { router: undefined } as const;

  test("is not seen when its adverts come and its answer does not", async () => {
    const results = await diagnose({ wire: { ...heardOnly, more: [OWN] } });
    expect(results.find(({ check }) => check.code === "wire/not-heard-by-peer")).toMatchObject({
      kind: "unseen",
      why: "no answer from 10.0.0.5 (VI_1)",
    });
  });

  test("is no question while this node sends nothing", async () => {
    const results = await diagnose({ wire: heardOnly });
    expect(results.find(({ check }) => check.code === "wire/not-heard-by-peer")).toMatchObject({
      kind: "fine",
      note: "this node sends none, since it is not MASTER",
    });
  });
});

describe("suggested settings", () => {
  test("are in the report of a healthy node, with their reasoning", async () => {
    const results = await diagnose({ wire: { adverts: { arrivals: [0, 1012, 2000] } } });
    expect(results.find(({ check }) => check.code === "wire/interval-too-short")).toMatchObject({
      kind: "fine",
      note: "it is 1 s; from 30 ms on it is safe here",
      details: [
        "VI_1: adverts of 10.0.0.5 came at most 12.0 ms late (3 of them); a timer here was at most 1.0 ms late in 1.0 s",
        "with one advert lost and the next late by twice these 13.0 ms, three advert_int are not over from 30 ms on",
      ],
    });
  });

  test("rest on the longer record of the agent here, and on that of the peer's agent", async () => {
    const heard = { address: PEER, lastAdvertAgoMs: 4, lastPriority: 200, checksumForm: null } as const;
    const advertLateness = { samples: 86_400, maxMs: 800, p999Ms: 50 };
    const backup = { ...BACKUP, name: "VI_1", peers: [{ ...heard, advertLateness }] };
    const here = await reasoning({}, { agent: { pid: 7, status: snapshotOf(backup) } });
    expect(here[0]).toContain("999 of 1000 adverts of 10.0.0.5 came not more than 50.0 ms late (of 86400)");
    const there = await reasoning({ wire: { ...answers({ advertLateness: millis(20) }), more: [OWN] } }, {});
    expect(there[0]).toContain("999 of 1000 adverts of this node came to 10.0.0.5 not more than 20 ms late");
  });

  test("count whole seconds for VRRPv2", async () => {
    const results = await diagnose(
      {
        wire: { ...V2_ADVERTS, last: { version: 2 }, adverts: { version: 2, arrivals: [0, 1400, 2400] } },
        worstLatenessMs: 150,
      },
      await withConfig(V2),
    );
    const [finding] = findingsIn(results).filter(({ code }) => code === "wire/interval-too-short");
    expect(finding?.message).toBe("VI_1: advert_int is 1 s, and 2 s is the smallest that is safe here");
  });
});

test("peers are asked from the address that the agent sends from, and not from a virtual one", async () => {
  const requests: WireRequest[] = [];
  const addresses = [entry(ip("10.0.0.10"), 24), entry(SELF, 24)];
  const host = fakeHost({ addresses });
  const watchWire = (request: WireRequest) => {
    requests.push(request);
    return host.watchWire(request);
  };
  const context = await withConfig({ sourceAddress: undefined });
  await diagnose({}, { ...context, host: { ...host, watchWire } });
  expect(requests.map(({ paths }) => paths)).toEqual([
    [{ source: SELF, peer: PEER, virtualRouterId: 51, ttl: 255 }],
  ]);
});

test("a hundred instances are told of in one line", async () => {
  const config = await pairConfig();
  const instances = Array.from({ length: 100 }, (_, index) =>
    config.instances.map((instance) => ({
      ...instance,
      name: `VI_${index}`,
      router: { ...instance.router, virtualRouterId: 1 + index },
    })),
  ).flat();
  const results = await diagnose({}, { config: { ...config, instances } });
  const found = results.find(({ check }) => check.code === "wire/vrid-differs");
  expect(found).toMatchObject({ kind: "unseen" });
  expect(JSON.stringify(found)).toContain("nothing is heard of 10.0.0.5 (VI_1), 10.0.0.5 (VI_2)");
  expect(JSON.stringify(found)).toContain("and 95 more");
});

describe("what could not be seen", () => {
  test("is said by every check, and is nothing that is wrong", async () => {
    const results = (await diagnose({ wireRefused: "it lacks CAP_NET_RAW; run as root" })).filter(isOfWire);
    expect(results.length).toBeGreaterThan(15);
    for (const result of results) {
      expect(result).toMatchObject({ kind: "unseen", why: "it lacks CAP_NET_RAW; run as root" });
    }
  });

  test("is said where an instance's interface is missing", async () => {
    const results = (await diagnose({ links: [{ index: 1, name: "lo" }] })).filter(isOfWire);
    expect(new Set(results.map(({ kind }) => kind))).toEqual(new Set(["unseen"]));
  });
});

test("a password that differs is never shown", async () => {
  const wire = { ...V2_ADVERTS, last: { version: 2, authentication: PASS("hunter22") } } as const;
  const results = await diagnose({ wire }, await withConfig(V2_PASS));
  expect(JSON.stringify(results)).not.toMatch(/hunter22|s3cret|104,117,110/);
});

async function reasoning(plan: HostPlan, context: Partial<DoctorContext>): Promise<readonly string[]> {
  const results = await diagnose(plan, context);
  const result = results.find(({ check }) => check.code === "wire/interval-too-short");
  return result?.kind === "fine" ? result.details : [];
}

async function wireFindings(plan: HostPlan, context: Partial<DoctorContext>) {
  return findingsIn((await diagnose(plan, context)).filter(isOfWire));
}

function isOfWire({ check }: { readonly check: { readonly code: string } }): boolean {
  return check.code.startsWith("wire/");
}

async function withConfig(change: Partial<InstanceConfig> | undefined): Promise<Partial<DoctorContext>> {
  const config = await pairConfig();
  const { router, ...rest } = change ?? {};
  const instances = config.instances.map((instance) => ({
    ...instance,
    ...rest,
    router: { ...instance.router, ...router },
  }));
  return { config: { ...config, instances } };
}

/** A BACKUP: its answer is all there is. */
function answers(router: Partial<ProbedRouter> | "none"): WireOf {
  return {
    ...SILENT,
    router: router === "none" ? router : { state: "BACKUP", heardAgo: millis(300), ...router },
  };
}

/** Only what differs: {@link withConfig} lays it over the pair's. */
function routerWith(change: Partial<InstanceConfig["router"]>): InstanceConfig["router"] {
  return change as InstanceConfig["router"];
}

function vip(text: string): InstanceConfig["virtualAddresses"][number] {
  return { address: ip(text), prefixLength: 24, interfaceName: "eth0", label: undefined, noTrack: false };
}
