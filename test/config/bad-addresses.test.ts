import { describe, expect, test } from "vitest";
import { oneLine, problemsOf, secondInstance, withOptions } from "./snippets.ts";

const OTHERS_ONLY = "remove it; list only the other nodes";
const ONE_LIST = "remove one of the two: an address belongs to one list of one instance";
const MOVES = "write an address that moves between the nodes, not one that a node keeps";

function found(text: string): readonly string[] {
  return problemsOf(text).map((problem) => oneLine(problem).replace("vrrp_instance.", ""));
}

describe("one virtual address", () => {
  const ROWS: readonly (readonly [written: string, message: string])[] = [
    [
      "10.0.0.11/33",
      '10.0.0.11/33 has the prefix length "33"; write a prefix length from 1 to 32, such as 10.0.0.11/24',
    ],
    ["10.0.0.11/0", "10.0.0.11/0 spans every address; write a prefix length from 1 to 32"],
    [
      "10.0.0.300",
      '"10.0.0.300" is no IPv4 address; write four numbers from 0 to 255 with dots, such as 10.0.0.5',
    ],
    [
      "010.0.0.11",
      "010.0.0.11 has leading zeros, which some programs read as octal; write the numbers without leading zeros",
    ],
    [
      "2001:db8::1",
      "2001:db8::1 is an IPv6 address; write an IPv4 address: only IPv4 instances are supported so far",
    ],
    [
      "2001:db8::1/64",
      "2001:db8::1/64 is an IPv6 address; write an IPv4 address: only IPv4 instances are supported so far",
    ],
    ["node-b", '"node-b" is a name, and names are not resolved; write the IPv4 address itself'],
    [
      "'10.0.0.11, 10.0.0.12'",
      '"10.0.0.11, 10.0.0.12" holds 2 addresses; write one address per line of the list',
    ],
    [
      "10.0.0.11/24 dev eth1 label eth1:9",
      '"10.0.0.11/24 dev eth1 label eth1:9" holds more than an address; write it as { address: 10.0.0.11/24, dev: "eth1", label: "eth1:9" }',
    ],
    ["127.0.0.1", "127.0.0.1 is a loopback address; write the address of a host on the network"],
    ["224.0.0.18", "224.0.0.18 is a multicast address; write the address of a host on the network"],
    ["255.255.255.255", "255.255.255.255 is a reserved address; write the address of a host on the network"],
    [
      "10.0.0.0/24",
      "10.0.0.0/24 is the network address of its subnet, not of a host; write the virtual address itself, such as 10.0.0.10/24",
    ],
    [
      "10.0.0.255/24",
      "10.0.0.255/24 is the broadcast address of its subnet, not of a host; write the virtual address itself, such as 10.0.0.10/24",
    ],
    ["7", "7 is a number; write an address such as 10.0.0.10/24, or { address: 10.0.0.10/24, dev: eth1 }"],
  ];

  test.each(ROWS)("%s is refused", (written, message) => {
    const problems = found(withOptions(`virtual_ipaddress_excluded:\n  - ${written}`));
    expect(problems).toEqual([`9:9 error VI_1.virtual_ipaddress_excluded[0]: ${message}`]);
  });

  test("in its long form, every part of it is checked", () => {
    const entry = "{ address: 10.0.0.11/33, dev: a/b, label: a_label_too_long_, no_track: 1, scope: link }";
    expect(found(withOptions(`virtual_ipaddress_excluded:\n  - ${entry}`))).toEqual([
      '9:20 error VI_1.virtual_ipaddress_excluded[0].address: 10.0.0.11/33 has the prefix length "33"; write a prefix length from 1 to 32, such as 10.0.0.11/24',
      '9:39 error VI_1.virtual_ipaddress_excluded[0].dev: "a/b" is no interface name; write the name that `ip link` shows, such as eth0',
      '9:51 error VI_1.virtual_ipaddress_excluded[0].label: "a_label_too_long_" has 17 bytes, and 15 is the most; write at most 15 characters without spaces, such as "eth0:1"',
      "9:80 error VI_1.virtual_ipaddress_excluded[0].no_track: 1 is a number; write true or false",
      '9:83 error VI_1.virtual_ipaddress_excluded[0].scope: there is no option "scope" here; remove it, or choose from address, dev, label, no_track',
    ]);
  });

  test.each(["10.0.0.0/31", "10.0.0.255/32", "10.0.0.11/24", "10.0.1.0/16"])("%s is accepted", (written) => {
    expect(found(withOptions(`virtual_ipaddress_excluded: [${written}]`))).toEqual([]);
  });
});

describe("peers", () => {
  function withPeers(peers: string): string {
    return withOptions("").replace("[10.0.0.5]", peers);
  }

  test.each([
    [
      "[10.0.0.5/24]",
      "6:20 error VI_1.unicast_peer[0]: 10.0.0.5/24 has a prefix length; write the address alone: 10.0.0.5",
    ],
    [
      "10.0.0.5",
      '6:19 error VI_1.unicast_peer: "10.0.0.5" is text; write a list with the address of each other node',
    ],
    [
      "[10.0.0.5, 10.0.0.6, 10.0.0.5]",
      "6:40 error VI_1.unicast_peer[2]: 10.0.0.5 is listed twice; remove one of the two",
    ],
    [
      "[10.0.0.4, bad]",
      `6:20 error VI_1.unicast_peer[0]: 10.0.0.4 is this node itself: it is the unicast_src_ip; ${OTHERS_ONLY}`,
      '6:30 error VI_1.unicast_peer[1]: "bad" is a name, and names are not resolved; write the IPv4 address itself',
    ],
    [
      "[{ address: 10.0.0.5, min_ttl: 255, max_ttl: 254 }]",
      "6:50 error VI_1.unicast_peer[0].min_ttl: 255 is above max_ttl 254, so every advert of this peer would be refused; write at most 254",
    ],
    [
      "[{ min_ttl: 1 }]",
      "6:20 error VI_1.unicast_peer[0].address: is missing; write one IPv4 address, such as 10.0.0.5",
    ],
  ])("%s is refused", (peers, ...problems) => {
    expect(found(withPeers(peers))).toEqual(problems);
  });

  test.each(["[]", ""])("%j is no list of peers, and multicast is no way out", (peers) => {
    const [problem] = problemsOf(withPeers(peers));
    expect(problem?.fix).toContain("write a list with the address of each other node");
    if (peers === "[]")
      expect(problem?.message).toBe("there is no peer to send adverts to, and cloudvip never uses multicast");
  });

  test("without unicast_peer the instance is refused, and told that multicast is no way out", () => {
    const text = withOptions("").replace(/ {4}unicast_peer.*\n/, "");
    expect(found(text)).toEqual([
      "2:3 error VI_1.unicast_peer: there is no peer to send adverts to, and cloudvip never uses multicast; write a list with the address of each other node, such as unicast_peer: [10.0.0.5]",
    ]);
  });
});

describe("addresses that contradict each other", () => {
  test.each([
    [
      "a virtual address that is listed twice",
      "virtual_ipaddress_excluded: [10.0.0.11, 10.0.0.11/24]",
      `8:45 error VI_1.virtual_ipaddress_excluded[1]: 10.0.0.11 is listed in it twice; ${ONE_LIST}`,
    ],
    [
      "a virtual address in both lists",
      "virtual_ipaddress_excluded: [10.0.0.10/24]",
      `8:34 error VI_1.virtual_ipaddress_excluded[0]: 10.0.0.10 is listed in virtual_ipaddress too; ${ONE_LIST}`,
    ],
    [
      "a virtual address that is the node's own",
      "virtual_ipaddress_excluded: [10.0.0.4]",
      `8:34 error VI_1.virtual_ipaddress_excluded[0]: 10.0.0.4 is in unicast_src_ip too; ${MOVES}`,
    ],
    [
      "a virtual address that is a peer's",
      "virtual_ipaddress_excluded: [10.0.0.5]",
      `8:34 error VI_1.virtual_ipaddress_excluded[0]: 10.0.0.5 is in unicast_peer too; ${MOVES}`,
    ],
  ])("%s", (_, options, ...problems) => {
    expect(found(withOptions(options))).toEqual(problems);
  });

  test("no virtual address, unless that is said to be meant", () => {
    const none = withOptions("").replace("[10.0.0.10/32]", "[]");
    expect(found(none)).toEqual([
      "7:5 error VI_1.virtual_ipaddress: there is no virtual address; write a list such as virtual_ipaddress: [10.0.0.10/32], or no_virtual_ipaddress: true to run without",
    ]);
    expect(found(`${none}    no_virtual_ipaddress: true\n`)).toEqual([]);
  });

  test("virtual addresses in an instance that is said to have none", () => {
    expect(found(withOptions("no_virtual_ipaddress: true"))).toEqual([
      "8:27 error VI_1.no_virtual_ipaddress: there are virtual addresses in virtual_ipaddress; remove it, or the list",
    ]);
  });

  test("more addresses than an advert carries", () => {
    const list = Array.from({ length: 256 }, (_, index) => `10.9.0.${index}`).join(", ");
    expect(found(withOptions("").replace("10.0.0.10/32", list))).toEqual([
      "7:24 error VI_1.virtual_ipaddress: the list has 256 entries; write a list of at most 255 addresses",
    ]);
  });
});

describe("two instances", () => {
  function pair(options: Readonly<Record<string, string>>): readonly string[] {
    return found(withOptions("priority: 100") + secondInstance(options));
  }

  test("with nothing in common are accepted", () => {
    expect(pair({})).toEqual([]);
  });

  test("with one virtual_router_id are accepted on different addresses", () => {
    expect(pair({ virtual_router_id: "51" })).toEqual([]);
  });

  test("with one virtual_router_id are refused on the same source address", () => {
    expect(pair({ virtual_router_id: "51", unicast_src_ip: "10.0.0.4" })).toEqual([
      "11:24 error VI_2.virtual_router_id: 51 is used by VI_1 too, on the same unicast_src_ip 10.0.0.4; write another number: one per group, the same on each of its nodes",
    ]);
  });

  test("with one virtual_router_id are refused on the same interface when a source address is left open", () => {
    const text =
      withOptions("priority: 100") + secondInstance({ virtual_router_id: "51", interface: "eth0" });
    expect(found(text.replace(/ {4}unicast_src_ip: 10.1.0.4\n/, ""))).toEqual([
      "11:24 error VI_2.virtual_router_id: 51 is used by VI_1 too, on the same interface eth0; write another number: one per group, the same on each of its nodes",
    ]);
  });

  test("cannot share a virtual address", () => {
    expect(pair({ virtual_ipaddress: "[10.0.0.10/32]" })).toEqual([
      `14:25 error VI_2.virtual_ipaddress[0]: 10.0.0.10 is listed in virtual_ipaddress of VI_1 too; ${ONE_LIST}`,
    ]);
  });

  test("cannot have a virtual address that is a peer of the other", () => {
    expect(pair({ virtual_ipaddress: "[10.0.0.5/32]" })).toEqual([
      `14:25 error VI_2.virtual_ipaddress[0]: 10.0.0.5 is in unicast_peer of VI_1 too; ${MOVES}`,
    ]);
  });

  test("cannot have a peer that is this node's address in the other", () => {
    expect(pair({ unicast_peer: "[10.0.0.4]" })).toEqual([
      `13:20 error VI_2.unicast_peer[0]: 10.0.0.4 is this node itself: it is the unicast_src_ip of VI_1; ${OTHERS_ONLY}`,
    ]);
  });

  test("made of one by an alias are refused where the alias stands", () => {
    const text = withOptions("priority: 100").replace("VI_1:", "VI_1: &one");
    expect(found(`${text}  VI_2: *one\n`)).toEqual([
      "9:9 error VI_2.virtual_router_id: 51 is used by VI_1 too, on the same unicast_src_ip 10.0.0.4; write another number: one per group, the same on each of its nodes",
      `9:9 error VI_2.virtual_ipaddress[0]: 10.0.0.10 is listed in virtual_ipaddress of VI_1 too; ${ONE_LIST}`,
    ]);
  });
});
