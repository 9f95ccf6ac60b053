/** What doctor makes of a host that answers nonsense, or not at all: a thing not seen, and never a crash. */
import { describe, expect, test } from "vitest";
import { CHECKS } from "../../src/doctor/catalogue.ts";
import type { DoctorHost } from "../../src/doctor/host.ts";
import { type CheckResult, runChecks } from "../../src/doctor/runner.ts";
import { listFirewallRules, type Ran, type RunCommand } from "../../src/linux/firewall-rules.ts";
import { CONFIG_FILE, fakeHost, findingsIn, pairConfig } from "./fake-host.ts";

const FIREWALL = CHECKS.filter(({ code }) => code.startsWith("host/firewall"));
const HOST = CHECKS.filter(({ code }) => code.startsWith("host/"));

const EMPTY_JSON = '{"nftables": [{"metainfo": {"json_schema_version": 1}}]}';
const DROPS = "*filter\n:INPUT DROP [0:0]\nCOMMIT\n";

describe("a packet filter", () => {
  test.each([
    ["no JSON", "Segmentation fault"],
    ["JSON of another kind", '{"ruleset": []}'],
    ["half a JSON", '{"nftables": [{"table": {"family": "ip", "na'],
  ])("whose nft prints %s is not seen", async (_, output) => {
    const reasons = await unseenReasons(tools({ nft: ok(output) }));
    expect(reasons).toEqual(FIREWALL.map(() => expect.stringContaining("no JSON ruleset")));
  });

  test("of a newer schema, with objects that nobody knows, is seen as far as it is known", async () => {
    const json = JSON.stringify({
      nftables: [
        { metainfo: { json_schema_version: 99, version: "9.0" } },
        { hologram: { family: "inet", name: "h" } },
        { table: { family: "inet", name: "t", shape: { round: true } } },
        {
          chain: {
            family: "inet",
            table: "t",
            name: "c",
            type: "filter",
            hook: "input",
            prio: 0,
            policy: "drop",
          },
        },
        {
          rule: {
            family: "inet",
            table: "t",
            chain: "c",
            handle: 4,
            expr: [{ telepathy: {} }, { accept: null }],
          },
        },
      ],
    });
    const results = await examine(tools({ nft: ok(json) }));
    expect(findingsIn(results)).toMatchObject([
      { code: "host/firewall-unclear", message: expect.stringContaining("telepathy") },
    ]);
  });

  test("without nft is not seen, and it is said what to install", async () => {
    const reasons = await unseenReasons(tools({}));
    expect(reasons).toEqual(FIREWALL.map(() => expect.stringContaining("install nftables")));
  });

  test("without nft is found to drop where iptables tells of it", async () => {
    const found = findingsIn(await examine(tools({ "iptables-nft-save": ok(DROPS) })));
    expect(found.map(({ code }) => code)).toEqual(["host/firewall-drops-vrrp"]);
  });

  test("without iptables is seen where nft tells all", async () => {
    const results = await examine(tools({ nft: ok(EMPTY_JSON) }));
    expect(results.map(({ kind }) => kind)).toEqual(FIREWALL.map(() => "fine"));
  });

  test("with tables of iptables-legacy is not seen without its tool", async () => {
    const listing = await listFirewallRules(tools({ nft: ok(EMPTY_JSON) }), async () => true);
    const reasons = await unseenReasons(tools({}), { firewall: async () => listing });
    expect(reasons).toEqual(FIREWALL.map(() => expect.stringContaining("install iptables")));
  });

  test.each([
    ["fails", { kind: "failed", message: "Could not process rule: No buffer space available" }],
    ["hangs", { kind: "failed", message: "no answer in time" }],
    ["asks for root", { kind: "refused", message: "Operation not permitted (you must be root)" }],
  ] as const)("whose nft %s is not seen, and the reason is quoted", async (_, failure) => {
    const nft: Ran = { ok: false, failure: { command: "nft -a -n list ruleset", ...failure } };
    const reasons = await unseenReasons(tools({ nft }));
    expect(reasons).toEqual(FIREWALL.map(() => `nft -a -n list ruleset: ${failure.message}`));
  });

  test("whose iptables-nft fails is still found to drop by nft", async () => {
    const failing: Ran = {
      ok: false,
      failure: { command: "iptables-nft-save", kind: "failed", message: "no luck" },
    };
    const json = JSON.stringify({
      nftables: [
        { table: { family: "ip", name: "t" } },
        {
          chain: {
            family: "ip",
            table: "t",
            name: "c",
            type: "filter",
            hook: "input",
            prio: 0,
            policy: "drop",
          },
        },
      ],
    });
    const results = await examine(tools({ nft: ok(json), "iptables-nft-save": failing }));
    expect(findingsIn(results).map(({ code }) => code)).toEqual(["host/firewall-drops-vrrp"]);
    expect(results.filter(({ kind }) => kind === "unseen").length).toBeGreaterThan(0);
  });

  test("of many thousand rules is judged, whatever they say", { timeout: 60_000 }, async () => {
    const rules = Array.from({ length: 50_000 }, (_, n) => `-A INPUT -s 192.0.2.${n % 256} -p tcp -j DROP`);
    const text = `*filter\n:INPUT ACCEPT [0:0]\n${rules.join("\n")}\nCOMMIT\n`;
    const results = await examine(tools({ nft: ok(EMPTY_JSON), "iptables-nft-save": ok(text) }));
    expect(results.map(({ kind }) => kind)).toEqual(FIREWALL.map(() => "fine"));
  });
});

describe("a kernel whose settings may not be read", () => {
  test("leaves unseen what hangs on them, and says which", async () => {
    const host = { ...fakeHost(), readText: () => undefined };
    const results = await runChecks(HOST, await contextOf(host));
    const unseen = results.flatMap((result) =>
      result.kind === "unseen" ? [[result.check.code, result.why]] : [],
    );
    expect(unseen).toEqual([
      ["host/agent-lacks-capability", "/proc/thread-self/status cannot be read"],
      ["host/rp-filter-drops", "net.ipv4.conf.eth0.rp_filter cannot be read"],
      ["host/arp-flux", "net.ipv4.conf.eth0.arp_ignore cannot be read"],
    ]);
  });

  test("of which nonsense is read is not believed", async () => {
    const host = { ...fakeHost(), readText: () => "\ufffd\ufffd\0not a number" };
    const results = await runChecks(HOST, await contextOf(host));
    expect(findingsIn(results)).toEqual([]);
    expect(results.some(({ kind }) => kind === "unseen")).toBe(true);
  });
});

describe("a host on which nothing works", () => {
  test("is reported as such, check by check", async () => {
    const broken = () => {
      throw new Error("it is on fire");
    };
    const host: DoctorHost = {
      ...fakeHost(),
      network: () => Promise.reject(new Error("it is on fire")),
      firewall: () => Promise.reject(new Error("it is on fire")),
      routeTo: () => Promise.reject(new Error("it is on fire")),
      watchClocks: () => Promise.reject(new Error("it is on fire")),
      run: () => Promise.reject(new Error("it is on fire")),
      readText: broken,
      list: broken,
      ownership: broken,
      processes: broken,
      tryVrrpSocket: broken,
      tryPacketSocket: broken,
    };
    const results = await runChecks(HOST, await contextOf(host));
    expect(results.length).toBeGreaterThan(20);
    for (const result of results) {
      if (result.check.code === "host/config-warnings") continue;
      expect(result).toMatchObject({ kind: "unseen", why: "the check failed: it is on fire" });
    }
  });
});

function ok(output: string): Ran {
  return { ok: true, output };
}

/** Tools by their names; all others are not installed. */
function tools(answers: Readonly<Record<string, Ran>>): RunCommand {
  return async ([program = ""]) =>
    answers[program] ?? {
      ok: false,
      failure: { command: program, kind: "missing", message: "not installed" },
    };
}

async function examine(run: RunCommand, change: Partial<DoctorHost> = {}): Promise<readonly CheckResult[]> {
  const firewall = () => listFirewallRules(run, async () => false);
  return runChecks(FIREWALL, await contextOf({ ...fakeHost(), firewall, ...change }));
}

async function unseenReasons(run: RunCommand, change: Partial<DoctorHost> = {}): Promise<readonly string[]> {
  const results = await examine(run, change);
  return results.map((result) => (result.kind === "unseen" ? result.why : `${result.kind}`));
}

async function contextOf(host: DoctorHost) {
  return { configFile: CONFIG_FILE, config: await pairConfig(), problems: [], agent: undefined, host };
}
