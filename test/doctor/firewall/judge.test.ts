import { describe, expect, test } from "vitest";
import { type IpAddress, parseIp } from "../../../src/base/ip.ts";
import { readRuleset } from "../../../src/doctor/firewall/assemble.ts";
import type { Advert } from "../../../src/doctor/firewall/packet.ts";
import { judge } from "../../../src/doctor/firewall/path.ts";
import type { FirewallListing } from "../../../src/linux/firewall-rules.ts";

const INCOMING: Advert = {
  direction: "in",
  interfaceName: "eth0",
  source: ip("10.0.0.5"),
  destination: ip("10.0.0.4"),
  ttl: 255,
  length: 32,
};

describe("a host without rules", () => {
  test("accepts", () => {
    expect(judge(readRuleset(listing({})), INCOMING)).toEqual({
      verdict: { kind: "accepted" },
      onlyAsAnswer: false,
    });
  });
});

describe("a ruleset of iptables", () => {
  test("that drops names the rule, its number and its table", () => {
    const { verdict } = judge(
      iptables("-A INPUT -p tcp -j ACCEPT", "-A INPUT -s 10.0.0.0/8 -j DROP"),
      INCOMING,
    );
    expect(placesOf(verdict)).toEqual([["iptables-legacy", "filter", "INPUT", 2]]);
  });

  test("that drops by its policy says so", () => {
    const { verdict } = judge(readRuleset(listing({ iptablesLegacy: table("DROP", []) })), INCOMING);
    expect(placesOf(verdict)).toEqual([["iptables-legacy", "filter", "INPUT", undefined]]);
  });

  test("that lets answers in, and nothing else, is closed to a BACKUP that has sent nothing", () => {
    const rules = table("DROP", ["-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"]);
    const judged = judge(readRuleset(listing({ iptablesLegacy: rules })), INCOMING);
    expect(judged.verdict.kind).toBe("dropped");
    expect(judged.onlyAsAnswer).toBe(true);
  });

  test("that keeps adverts from connection tracking lets none in as an answer", () => {
    const filter = table("DROP", ["-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"]);
    const raw = "*raw\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -p vrrp -j CT --notrack\nCOMMIT\n";
    const judged = judge(readRuleset(listing({ iptablesLegacy: raw + filter })), INCOMING);
    expect(judged).toMatchObject({ verdict: { kind: "dropped" }, onlyAsAnswer: false });
  });

  test.each([
    "-A INPUT -m hashlimit --hashlimit-upto 5/sec --hashlimit-name x -j ACCEPT",
    "-A INPUT -m set --match-set friends src -j ACCEPT",
    "-A INPUT -m recent --rcheck --name x --rsource -j ACCEPT",
    '-A INPUT -m bpf --bytecode "1,6 0 0 1" -j ACCEPT',
    "-A INPUT -p no-such-protocol -j ACCEPT",
    "-A INPUT -j NFQUEUE --queue-num 3",
    "-A INPUT -j SOMETHING-NEW",
  ])("that depends on what nobody can foresee is unknown because of it: %s", (rule) => {
    const { verdict } = judge(readRuleset(listing({ iptablesLegacy: table("DROP", [rule]) })), INCOMING);
    expect(verdict).toMatchObject({ kind: "unknown", because: { place: { rule: { text: rule } } } });
  });

  test("is read with quoted words, comments and counters as iptables-save prints them", () => {
    const rule = '[12:960] -A INPUT -m comment --comment "let \\"vrrp\\" -j DROP" -p vrrp -j ACCEPT';
    const text = table("DROP", [rule]);
    expect(judge(readRuleset(listing({ iptablesLegacy: text })), INCOMING).verdict.kind).toBe("accepted");
  });
});

describe("a ruleset of nft", () => {
  test("that has an unknown statement is unknown because of it", () => {
    const { verdict } = judge(nft([{ "brand new": {} }, { accept: null }], "drop"), INCOMING);
    expect(verdict).toMatchObject({ kind: "unknown", because: { why: "brand new" } });
  });

  test("that has a rate where it does not matter is answered", () => {
    const { verdict } = judge(nft([{ limit: { rate: 1 } }, { accept: null }], "accept"), INCOMING);
    expect(verdict.kind).toBe("accepted");
  });

  test("that has a statement which nobody knows may do anything there", () => {
    const { verdict } = judge(nft([{ "brand new": {} }], "accept"), INCOMING);
    expect(verdict).toMatchObject({ kind: "unknown", because: { why: "brand new" } });
  });

  test("with a chain without a name, which nft's JSON has as text, may do anything there", () => {
    const { verdict } = judge(nft(["jump {\n\t\tip saddr 10.0.0.5 drop\n\t}"], "accept"), INCOMING);
    expect(verdict).toMatchObject({ kind: "unknown", because: { why: "jump {" } });
  });

  test("with nothing of what is expected is still read", () => {
    for (const expr of [
      undefined,
      null,
      7,
      ["accept"],
      [null],
      [{}],
      [{ match: null }],
      [{ vmap: { data: 3 } }],
    ]) {
      expect(() => judge(nft(expr, "drop"), INCOMING)).not.toThrow();
    }
  });

  test("that jumps in a circle is unknown", () => {
    const jump = (chain: string) => [{ jump: { target: chain } }];
    const { verdict } = judge(
      nft(jump("other"), "drop", [{ chain: "other", expr: jump("other") }]),
      INCOMING,
    );
    expect(verdict.kind).toBe("unknown");
  });

  test.each(["", "nonsense", "[]", "{}", '{"nftables": 3}'])("that is no JSON is refused: %s", (text) => {
    expect(() => readRuleset(listing({ nftJson: [text] }))).toThrowError(/no JSON ruleset/);
  });

  test("with tables that cannot be read on their own is refused as a whole", () => {
    expect(() => readRuleset(listing({ iptablesLegacy: "-A INPUT -j DROP" }))).toThrowError(/no rule/);
  });
});

function placesOf(verdict: ReturnType<typeof judge>["verdict"]) {
  if (verdict.kind !== "dropped") throw new Error(`the verdict is ${verdict.kind}`);
  return verdict.by.map(({ table: { tool, name }, chain, rule }) => [tool, name, chain.name, rule?.handle]);
}

function iptables(...rules: readonly string[]) {
  return readRuleset(listing({ iptablesLegacy: table("ACCEPT", rules) }));
}

function table(policy: string, rules: readonly string[]): string {
  return ["*filter", `:INPUT ${policy} [0:0]`, ...rules, "COMMIT", ""].join("\n");
}

function nft(expr: unknown, policy: string, more: readonly { chain: string; expr: unknown }[] = []) {
  const own = { family: "inet", table: "t" };
  const base = { ...own, name: "in", type: "filter", hook: "input", prio: 0, policy };
  const nftables = [
    { table: { family: "inet", name: "t" } },
    { chain: base },
    ...more.map(({ chain }) => ({ chain: { ...own, name: chain } })),
    ...[{ chain: "in", expr }, ...more].map((rule) => ({ rule: { ...own, handle: 1, ...rule } })),
  ];
  return readRuleset(listing({ nftJson: [JSON.stringify({ nftables })] }));
}

function listing(given: Partial<FirewallListing>): FirewallListing {
  return {
    nftJson: undefined,
    nftText: undefined,
    iptablesNft: undefined,
    iptablesLegacy: undefined,
    failures: [],
    ...given,
  };
}

function ip(text: string): IpAddress {
  const address = parseIp(text);
  if (!address) throw new Error(text);
  return address;
}
