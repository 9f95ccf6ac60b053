/**
 * Rulesets that another program writes, recorded from Debian 12: `firewall-cmd` with the public zone as its package sets it up,
 * and `ufw enable`. How the fixes were tried with the programs themselves is told in ../README.md.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { IpAddress } from "../../../src/base/ip.ts";
import { shellText } from "../../../src/doctor/finding.ts";
import { readRuleset } from "../../../src/doctor/firewall/assemble.ts";
import type { Place } from "../../../src/doctor/firewall/evaluate.ts";
import { openingAt } from "../../../src/doctor/firewall/fix.ts";
import type { Opening } from "../../../src/doctor/firewall/opening.ts";
import { ownerOf } from "../../../src/doctor/firewall/owner.ts";
import { type Judgement, judge } from "../../../src/doctor/firewall/path.ts";
import type { Ruleset, Table } from "../../../src/doctor/firewall/ruleset.ts";
import type { FirewallListing } from "../../../src/linux/firewall-rules.ts";

const HOST = "10.0.0.4" as IpAddress;
const PEER = "10.0.0.5" as IpAddress;
const NONE: FirewallListing = {
  nftJson: undefined,
  nftText: undefined,
  iptablesNft: undefined,
  iptablesLegacy: undefined,
  failures: [],
};

describe("firewalld as its package sets it up", () => {
  const ruleset = readRuleset({
    ...NONE,
    nftJson: [recorded("firewalld.json")],
    nftText: recorded("firewalld.txt"),
  });

  test("rejects adverts at the end of the zone, unless they are answers", () => {
    const { verdict, onlyAsAnswer } = judgeAdvert(ruleset);
    expect(placesOf(verdict)).toEqual([["filter_IN_public", "reject with icmpx 3"]]);
    expect(onlyAsAnswer).toBe(true);
  });

  test("is opened by a rich rule in that zone, now and for good", () => {
    const [place] = dropsOf(judgeAdvert(ruleset).verdict);
    const rule = `'--add-rich-rule=rule family="ipv4" source address="10.0.0.5" protocol value="vrrp" accept'`;
    expect(commandsAt(place, { direction: "in", peer: PEER })).toEqual([
      `firewall-cmd --zone=public ${rule}`,
      `firewall-cmd --zone=public --permanent ${rule}`,
    ]);
  });
});

describe("ufw as it is when it was enabled", () => {
  const ruleset = readRuleset({ ...NONE, iptablesNft: recorded("ufw.save") });

  test("drops adverts by its policy, unless they are answers", () => {
    const { verdict, onlyAsAnswer } = judgeAdvert(ruleset);
    expect(placesOf(verdict)).toEqual([["INPUT", undefined]]);
    expect(onlyAsAnswer).toBe(true);
  });

  test("is opened by a rule of its own where it has a word for VRRP", () => {
    const [place] = dropsOf(judgeAdvert(ruleset).verdict);
    expect(commandsAt(place, { direction: "in", peer: PEER, ufwKnowsVrrp: true })).toEqual([
      "ufw prepend allow in proto vrrp from 10.0.0.5",
    ]);
  });

  test("is opened in before.rules where it has none", () => {
    const [place] = dropsOf(judgeAdvert(ruleset).verdict);
    expect(commandsAt(place, { direction: "in", peer: PEER })).toEqual([
      "sed -i '0,/^-A ufw-before-input /s//-A ufw-before-input -s 10.0.0.5 -p 112 -j ACCEPT\\n&/' /etc/ufw/before.rules",
      "ufw reload",
    ]);
  });
});

describe("a drop in a chain of", () => {
  const firewalld: Table = { tool: "nft", family: "inet", name: "firewalld", chains: new Map() };
  const ufw: Table = {
    tool: "iptables-nft",
    family: "ip",
    name: "filter",
    chains: new Map([["ufw-before-input", { name: "ufw-before-input", base: undefined, rules: [] }]]),
  };

  test.each([
    ["filter_IN_my_zone_deny", "in", `--zone=my_zone '--add-rich-rule=rule priority="-1" `],
    ["filter_IN_public_post", "in", "--zone=public '--add-rich-rule=rule family="],
    ["filter_IN_policy_strict", "in", "--policy=strict '--add-rich-rule=rule family="],
    ["filter_INPUT", "in", "'--add-rich-rule=rule family="],
    ["filter_OUT_policy_lockdown", "out", "--policy=lockdown '--add-rich-rule=rule family="],
    ["OUT_lockdown_deny", "out", `--policy=lockdown '--add-rich-rule=rule priority="-1" `],
  ] as const)("firewalld is opened where it drops: %s", (chain, direction, command) => {
    const [now, forGood] = commandsAt(at(firewalld, chain), { direction, peer: PEER });
    expect(now).toContain(`firewall-cmd ${command}`);
    expect(now).toContain(
      direction === "in" ? 'source address="10.0.0.5"' : 'destination address="10.0.0.5"',
    );
    expect(forGood).toBe(now?.replace("'--add", "--permanent '--add"));
  });

  test.each([
    ["ufw-user-input", "in", "ufw prepend allow in proto vrrp from 10.0.0.5"],
    ["ufw-reject-output", "out", "ufw prepend allow out proto vrrp to 10.0.0.5"],
    ["ufw-before-output", "out", "sed -i "],
    ["ufw-not-local", "in", "sed -i "],
    ["INPUT", "in", "iptables-nft -t filter -I INPUT 3 "],
  ] as const)("ufw is opened where it drops: %s", (chain, direction, command) => {
    const [first] = commandsAt(at(ufw, chain), { direction, peer: PEER, ufwKnowsVrrp: true });
    expect(first).toContain(command);
  });

  test("nobody in particular has no owner", () => {
    expect(ownerOf({ ...firewalld, name: "filter" })).toBeUndefined();
    expect(ownerOf({ ...ufw, chains: new Map() })).toBeUndefined();
  });
});

function at(table: Table, chain: string): Place {
  return {
    table,
    chain: { name: chain, base: undefined, rules: [] },
    rule: { text: "drop", handle: 3, steps: [] },
  };
}

function judgeAdvert(ruleset: Ruleset): Judgement {
  return judge(ruleset, {
    direction: "in",
    interfaceName: "eth0",
    source: PEER,
    destination: HOST,
    ttl: 255,
    length: 32,
  });
}

function dropsOf(verdict: Judgement["verdict"]): readonly Place[] {
  if (verdict.kind !== "dropped") throw new Error(`the verdict is ${verdict.kind}`);
  return verdict.by;
}

function placesOf(verdict: Judgement["verdict"]) {
  return dropsOf(verdict).map(({ chain, rule }) => [chain.name, rule?.text]);
}

function commandsAt(place: Place | undefined, opening: Opening): readonly string[] {
  if (!place) throw new Error("nothing drops");
  return openingAt(place, opening).commands.map(shellText);
}

function recorded(name: string): string {
  return readFileSync(new URL(`recorded/${name}`, import.meta.url), "utf8");
}
