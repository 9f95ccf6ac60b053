import type { IpPermission } from "@aws-sdk/client-ec2";
import { expect, it } from "vitest";
import { admits, listsIn, ruleText } from "../../../../providers/aws/preflight/admission.ts";
import { type IpAddress, parsePrefix } from "../../../../src/base/ip.ts";

const PEER = { address: "10.0.0.5" as IpAddress, groups: ["sg-peer"] };
const NO_LISTS = new Map();

const CASES: readonly [what: string, rule: IpPermission, admitted: boolean][] = [
  ["protocol 112 from the peer's block", { IpProtocol: "112", IpRanges: [{ CidrIp: "10.0.0.0/24" }] }, true],
  ["all protocols from anywhere", { IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] }, true],
  // The service stores ports for such a rule, and ignores them.
  [
    "protocol 112 with ports",
    { IpProtocol: "112", FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp: "10.0.0.5/32" }] },
    true,
  ],
  ["the peer's group", { IpProtocol: "112", UserIdGroupPairs: [{ GroupId: "sg-peer" }] }, true],
  [
    "TCP from anywhere",
    { IpProtocol: "tcp", FromPort: 0, ToPort: 65_535, IpRanges: [{ CidrIp: "0.0.0.0/0" }] },
    false,
  ],
  ["protocol 112 from another block", { IpProtocol: "112", IpRanges: [{ CidrIp: "10.0.1.0/24" }] }, false],
  ["protocol 112 from any IPv6 address", { IpProtocol: "112", Ipv6Ranges: [{ CidrIpv6: "::/0" }] }, false],
  [
    "a group that the peer is not in",
    { IpProtocol: "-1", UserIdGroupPairs: [{ GroupId: "sg-other" }] },
    false,
  ],
  [
    "the peer's group over a peering that was deleted",
    { IpProtocol: "-1", UserIdGroupPairs: [{ GroupId: "sg-peer", PeeringStatus: "deleted" }] },
    false,
  ],
  [
    "a prefix list that is not known",
    { IpProtocol: "112", PrefixListIds: [{ PrefixListId: "pl-1" }] },
    false,
  ],
  ["nobody", { IpProtocol: "112" }, false],
];

it.each(CASES)("a rule for %s admits the peer or not", (_, rule, admitted) => {
  expect(admits([rule], PEER, NO_LISTS)).toBe(admitted);
});

it("one rule that admits is enough, whatever the others say", () => {
  const rules = CASES.map(([, rule]) => rule);
  expect(admits(rules, PEER, NO_LISTS)).toBe(true);
  expect(admits([], PEER, NO_LISTS)).toBe(false);
});

it("a prefix list admits what its blocks hold, and only lists that concern VRRP are asked for", () => {
  const ofVrrp = { IpProtocol: "112", PrefixListIds: [{ PrefixListId: "pl-1" }] };
  const ofTcp = { IpProtocol: "tcp", PrefixListIds: [{ PrefixListId: "pl-2" }] };
  expect(listsIn([ofVrrp, ofTcp])).toEqual(["pl-1"]);
  const block = (text: string) => [parsePrefix(text)].flatMap((prefix) => prefix ?? []);
  expect(admits([ofVrrp], PEER, new Map([["pl-1", block("10.0.0.0/28")]]))).toBe(true);
  expect(admits([ofVrrp], PEER, new Map([["pl-1", block("10.0.0.16/28")]]))).toBe(false);
});

it("a rule reads in one line", () => {
  expect(CASES.map(([, rule]) => ruleText(rule))).toContain("protocol tcp ports 0-65535: 0.0.0.0/0");
  expect(ruleText({ IpProtocol: "-1" })).toBe("all protocols: nobody");
});
