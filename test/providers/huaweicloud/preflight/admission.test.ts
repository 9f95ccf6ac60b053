import { expect, it } from "vitest";
import { decidingRule, ruleText } from "../../../../providers/huaweicloud/preflight/admission.ts";
import type { SecurityGroupRule } from "../../../../providers/huaweicloud/preflight/vpc-v3.ts";
import type { IpAddress } from "../../../../src/base/ip.ts";

const PEER = { address: "192.168.0.5" as IpAddress, groups: ["sg-peer"] };

function rule(change: Partial<SecurityGroupRule>): SecurityGroupRule {
  return {
    ...{ id: "r", security_group_id: "sg", direction: "ingress", ethertype: "IPv4", protocol: "112" },
    ...{ remote_ip_prefix: undefined, remote_group_id: undefined, remote_address_group_id: undefined },
    ...{ action: "allow", priority: 1, enabled: true },
    ...change,
  } as SecurityGroupRule;
}

function actionOf(...rules: readonly SecurityGroupRule[]) {
  return decidingRule(rules, PEER, new Map([["ag", ["192.168.0.5", "10.0.0.0/8"]]]))?.action;
}

it.each<[what: string, change: Partial<SecurityGroupRule>, matches: boolean]>([
  ["names no other end", {}, true],
  ["is for all protocols", { protocol: undefined }, true],
  ["names the peer's block", { remote_ip_prefix: "192.168.0.0/24" }, true],
  ["names a group of the peer's interface", { remote_group_id: "sg-peer" }, true],
  ["names an address group that has the peer", { remote_address_group_id: "ag" }, true],
  ["is for TCP", { protocol: "tcp" }, false],
  ["is for IPv6", { ethertype: "IPv6" }, false],
  ["names another block", { remote_ip_prefix: "192.168.1.0/24" }, false],
  ["names another group", { remote_group_id: "sg-other" }, false],
  ["names an address group that nobody knows", { remote_address_group_id: "ag-2" }, false],
  ["is switched off", { enabled: false }, false],
])("a rule that %s concerns the peer's adverts or not", (_, change, matches) => {
  expect(actionOf(rule(change))).toBe(matches ? "allow" : undefined);
});

it("the lowest priority number decides, and a denial among equals", () => {
  const deny = (priority: number) => rule({ action: "deny", priority });
  const allow = (priority: number) => rule({ action: "allow", priority });
  expect(actionOf(deny(2), allow(1))).toBe("allow");
  expect(actionOf(allow(2), deny(1))).toBe("deny");
  expect(actionOf(allow(5), deny(5))).toBe("deny");
  // What does not match decides nothing.
  expect(actionOf(rule({ action: "deny", priority: 1, protocol: "tcp" }), allow(9))).toBe("allow");
});

it("a rule reads in one line", () => {
  expect(ruleText(rule({ remote_group_id: "sg-peer" }))).toBe("priority 1: allow protocol 112 sg-peer");
  expect(ruleText(rule({ protocol: undefined, action: "deny" }))).toBe(
    "priority 1: deny all protocols anyone",
  );
});
