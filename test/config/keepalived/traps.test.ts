import { describe, expect, it } from "vitest";
import { oneLine, optionsOf, readConf, withStatements } from "./reading.ts";

/** What a file seems to say, what is said about it, and the options that come out; lines from 7 are the trap's. */
interface Trap {
  readonly name: string;
  readonly statements: string;
  readonly says: readonly string[];
  readonly options: object;
}

const TRAPS: readonly Trap[] = [
  {
    name: "an address without a prefix length is /32",
    statements: "virtual_ipaddress {\n192.0.2.11\n}",
    says: [
      "8 warning virtual_ipaddress: 192.0.2.11 has no prefix length: keepalived uses /32, not that of the subnet, and so does cloudvip",
    ],
    options: { virtual_ipaddress: ["192.0.2.10/24", "192.0.2.11/32"] },
  },
  {
    name: "a prefix length that is too long is /32",
    statements: "virtual_ipaddress {\n192.0.2.11/33\n}",
    says: ['8 warning virtual_ipaddress: "33" is no prefix length: keepalived uses 32, and so does cloudvip'],
    options: { virtual_ipaddress: ["192.0.2.10/24", "192.0.2.11/32"] },
  },
  {
    name: "state MASTER without a priority is 255",
    statements: "state MASTER",
    says: [
      "7 warning priority: state MASTER without priority: keepalived uses 255, the owner of the addresses, and so does cloudvip",
    ],
    options: { priority: 255 },
  },
  {
    name: "a state with other letters is BACKUP",
    statements: "state MASTER;",
    says: ['7 warning state: "MASTER;" is no state: keepalived uses BACKUP, and so does cloudvip'],
    options: { priority: undefined },
  },
  {
    name: "skip_check_adv_addr off is on",
    statements: "skip_check_adv_addr off",
    says: [
      '7 warning skip_check_adv_addr: skip_check_adv_addr is not carried over: cloudvip never refuses an advert for the addresses that it lists; keepalived reads "off" as on',
    ],
    options: {},
  },
  {
    name: "advert_int 0.5 in version 2 is 1",
    statements: "advert_int 0.5",
    says: [
      "7 warning advert_int: VRRP version 2 cannot carry 0.5 s: keepalived uses 1 s, and so does cloudvip",
    ],
    options: { advert_int: 1 },
  },
  {
    name: "advert_int 2.6 in version 2 is 3",
    statements: "advert_int 2.6",
    says: [
      "7 warning advert_int: VRRP version 2 cannot carry 2.6 s: keepalived uses 3 s, and so does cloudvip",
    ],
    options: { advert_int: 3 },
  },
  {
    name: "advert_int beyond 10 ms in version 3 is rounded",
    statements: "version 3\nadvert_int 1.234",
    says: [
      "8 warning advert_int: VRRP version 3 cannot carry 1.234 s: keepalived uses 1.23 s, and so does cloudvip",
    ],
    options: { advert_int: 1.23 },
  },
  {
    name: "advert_int 50 in version 3 is 40.95",
    statements: "version 3\nadvert_int 50",
    says: [
      "8 warning advert_int: VRRP version 3 cannot carry 50 s: keepalived uses 40.95 s, and so does cloudvip",
    ],
    options: { advert_int: 40.95 },
  },
  {
    name: "nopreempt with state MASTER is preempt",
    statements: "state MASTER\npriority 150\nnopreempt",
    says: [
      "9 warning preempt: nopreempt has no effect with state MASTER: keepalived preempts, and so does cloudvip",
    ],
    options: { preempt: undefined },
  },
  {
    name: "nopreempt with priority 255 is preempt",
    statements: "priority 255\nnopreempt",
    says: [
      "8 warning preempt: nopreempt has no effect with priority 255: keepalived preempts, and so does cloudvip",
    ],
    options: { preempt: undefined },
  },
  {
    name: "preempt_delay with nopreempt is 0",
    statements: "nopreempt\npreempt_delay 5",
    says: [
      "8 warning preempt_delay: preempt_delay has no effect with nopreempt: keepalived uses 0, and so does cloudvip",
    ],
    options: { preempt: false, preempt_delay: undefined },
  },
  {
    name: "preempt_delay with state MASTER is 0",
    statements: "state MASTER\npriority 150\npreempt_delay 5",
    says: [
      "9 warning preempt_delay: preempt_delay has no effect with state MASTER: keepalived uses 0, and so does cloudvip",
    ],
    options: { preempt_delay: undefined },
  },
  {
    name: "authentication in version 3 is ignored",
    statements: "version 3\nauthentication {\nauth_type PASS\nauth_pass secret\n}",
    says: [
      "9 warning authentication: VRRP version 3 has no authentication: keepalived ignores the block, and so does cloudvip",
    ],
    options: { authentication: undefined },
  },
  {
    name: "auth_pass is cut at 8 bytes",
    statements: "authentication {\nauth_type PASS\nauth_pass 123456789\n}",
    says: [
      "9 warning authentication: the password has 9 bytes: keepalived uses the first 8, and so does cloudvip",
    ],
    options: { authentication: { auth_type: "PASS", auth_pass: "12345678" } },
  },
  {
    name: "auth_type without auth_pass is no authentication",
    statements: "authentication {\nauth_type PASS\n}",
    says: [
      "8 warning authentication: auth_type PASS has no auth_pass beside it: keepalived sends no password then, and neither does cloudvip",
    ],
    options: { authentication: undefined },
  },
  {
    name: "auth_pass without auth_type is no authentication",
    statements: "authentication {\nauth_pass secret\n}",
    says: [
      "8 warning authentication: auth_pass has no auth_type beside it: keepalived sends no password then, and neither does cloudvip",
    ],
    options: { authentication: undefined },
  },
  {
    name: "of several peers on one line keepalived uses the first",
    statements: "unicast_peer {\n192.0.2.3 192.0.2.4\n}",
    says: [
      "8 warning unicast_peer: several peers on one line: keepalived uses 192.0.2.3 only; cloudvip uses 192.0.2.3 and 192.0.2.4",
    ],
    options: {
      unicast_peer: ["192.0.2.2", "192.0.2.3", "192.0.2.4"].map((address) => ({ address, min_ttl: 0 })),
    },
  },
  {
    name: "of peers with commas keepalived uses none",
    statements: "unicast_peer {\n192.0.2.3,192.0.2.4\n}",
    says: [
      "8 warning unicast_peer: several peers on one line: keepalived uses none of them; cloudvip uses 192.0.2.3 and 192.0.2.4",
    ],
    options: {
      unicast_peer: ["192.0.2.2", "192.0.2.3", "192.0.2.4"].map((address) => ({ address, min_ttl: 0 })),
    },
  },
  {
    name: "this node itself as a peer is left out",
    statements: "unicast_peer {\n192.0.2.1\n}",
    says: [
      "8 warning unicast_peer: 192.0.2.1 is this node itself: keepalived sends to itself; cloudvip leaves it out",
    ],
    options: { unicast_peer: [{ address: "192.0.2.2", min_ttl: 0 }] },
  },
  {
    name: "a peer that is listed twice counts once",
    statements: "unicast_peer {\n192.0.2.2\n}",
    says: [
      "8 warning unicast_peer: 192.0.2.2 is listed twice: keepalived sends to it twice; cloudvip sends once",
    ],
    options: { unicast_peer: [{ address: "192.0.2.2", min_ttl: 0 }] },
  },
  {
    name: "of several addresses on one line the first counts",
    statements: "virtual_ipaddress { 192.0.2.11/24 192.0.2.12/24 }",
    says: [
      "7 warning virtual_ipaddress: there are several addresses on one line: keepalived uses 192.0.2.11/24 only, and so does cloudvip",
    ],
    options: { virtual_ipaddress: ["192.0.2.10/24", "192.0.2.11/24"] },
  },
  {
    name: "an address in both lists is bound once",
    statements: "virtual_ipaddress_excluded {\n192.0.2.10/24\n}",
    says: [
      "8 warning virtual_ipaddress_excluded: 192.0.2.10 is in virtual_ipaddress before: keepalived binds both; cloudvip binds the first",
    ],
    options: { virtual_ipaddress: ["192.0.2.10/24"], virtual_ipaddress_excluded: undefined },
  },
  {
    name: "a statement ends with its line",
    statements: "down_timer_adverts 5 priority 7",
    says: [
      "7 warning down_timer_adverts: what follows on the line of down_timer_adverts is ignored, by keepalived and by cloudvip",
    ],
    options: { down_timer_adverts: 5, priority: undefined },
  },
  {
    name: "a flag that says off is on",
    statements: "dont_track_primary off",
    says: [
      "7 warning dont_track_primary: what follows on the line of dont_track_primary is ignored, by keepalived and by cloudvip",
    ],
    options: { dont_track_primary: true },
  },
  {
    name: "a priority that is too high is 100",
    statements: "priority 300",
    says: [
      '7 warning priority: "300" is not a whole number from 1 to 255: keepalived uses 100, and so does cloudvip',
    ],
    options: { priority: undefined },
  },
  {
    name: "a number with a unit is ignored",
    statements: "garp_master_refresh 5s",
    says: [
      '7 warning garp_master_refresh: "5s" is not a whole number from 0: keepalived uses 0, and so does cloudvip',
    ],
    options: { garp_master_refresh: undefined },
  },
  {
    name: "garp_master_repeat 0 is 1",
    statements: "garp_master_repeat 0",
    says: ["7 warning garp_master_repeat: garp_master_repeat is 0: keepalived uses 1, and so does cloudvip"],
    options: { garp_master_repeat: 1 },
  },
  {
    name: "garp_lower_prio_repeat 0 is none in keepalived and 1 in cloudvip",
    statements: "garp_lower_prio_repeat 0",
    says: [
      "7 warning garp_lower_prio_repeat: garp_lower_prio_repeat 0: keepalived sends no gratuitous ARP then; cloudvip sends 1",
    ],
    options: { garp_lower_prio_repeat: 1 },
  },
  {
    name: "on and off have no other names",
    statements: "lower_prio_no_advert maybe",
    says: [
      '7 warning lower_prio_no_advert: "maybe" is neither on nor off: keepalived ignores the line, and so does cloudvip',
    ],
    options: { lower_prio_no_advert: undefined },
  },
  {
    name: "the first version counts",
    statements: "version 2\nversion 3",
    says: ["8 warning version: version 2 was set before: keepalived stays with it, and so does cloudvip"],
    options: { version: 2 },
  },
  {
    name: "of anything else the last one counts",
    statements: "priority 50\npriority 60",
    says: [
      "8 warning priority: priority is set a second time: the last one counts, in keepalived and in cloudvip",
    ],
    options: { priority: 60 },
  },
  {
    name: "an unknown keyword is ignored",
    statements: "nopremept",
    says: [
      '7 warning nopremept: "nopremept" is no keyword here: keepalived ignores the line, and so does cloudvip',
    ],
    options: { preempt: undefined },
  },
  {
    name: "the lines of an unknown block are not read as the instance's",
    statements: "my_options {\npriority 7\n}",
    says: [
      '7 warning my_options: "my_options" is no keyword here: cloudvip leaves out its block; keepalived reads the lines of the block as if its braces were not there',
    ],
    options: { priority: undefined },
  },
];

describe("trap", () => {
  it.each(TRAPS)("$name", async ({ statements, says, options }) => {
    const reading = await readConf(withStatements(statements));
    expect(reading.problems.map((problem) => oneLine(problem).replace("vrrp_instance.VI_1.", ""))).toEqual(
      says,
    );
    const all = optionsOf(reading);
    expect(Object.fromEntries(Object.keys(options).map((key) => [key, all[key]]))).toEqual(options);
  });

  it("unicast_ttl in front of the peers is reset by some versions", async () => {
    const text = withStatements("").replace("  unicast_peer", "  unicast_ttl 64\n  unicast_peer");
    const reading = await readConf(text);
    expect(reading.problems.map(oneLine)).toEqual([
      "5 warning vrrp_instance.VI_1.unicast_ttl: unicast_ttl stands before unicast_peer: some versions of keepalived go back to 255; cloudvip uses 64",
    ]);
    expect(optionsOf(reading)).toMatchObject({ unicast_ttl: 64 });
  });

  it("addresses that do not fit into an advert move to virtual_ipaddress_excluded", async () => {
    const more = Array.from({ length: 256 }, (_, n) => `10.0.${Math.floor(n / 200)}.${(n % 200) + 1}/32`);
    const reading = await readConf(withStatements(`virtual_ipaddress {\n${more.join("\n")}\n}`));
    expect(reading.problems.map(oneLine)).toEqual([
      expect.stringContaining("2 of 257 addresses do not fit into an advert: keepalived moves them"),
    ]);
    const { virtual_ipaddress: listed, virtual_ipaddress_excluded: excluded } = optionsOf(reading);
    expect([listed, excluded]).toMatchObject([{ length: 255 }, ["10.0.1.55/32", "10.0.1.56/32"]]);
  });

  it("an instance without an interface uses default_interface", async () => {
    const text = `global_defs { default_interface eth7 }\n${withStatements("").replace("  interface eth0\n", "")}`;
    const reading = await readConf(text);
    expect(optionsOf(reading)).toMatchObject({ interface: "eth7" });
    expect(reading.problems.map(oneLine)).toEqual([
      expect.stringContaining("2 warning vrrp_instance.VI_1.interface: there is no interface"),
    ]);
  });
});

describe("what keepalived does not check unless told to", () => {
  it("is noted beside the option that cloudvip sets", async () => {
    const { notes } = await readConf(withStatements(""));
    expect(notes.map(({ path }) => path.at(-1))).toEqual([
      "version",
      "check_unicast_src",
      "track_src_ip",
      "unicast_peer",
    ]);
  });

  it("needs no note when the file tells it to", async () => {
    const text = withStatements("check_unicast_src\ntrack_src_ip\nversion 3").replace(
      "192.0.2.2 }",
      "192.0.2.2 min_ttl 255 }",
    );
    expect((await readConf(text)).notes).toEqual([]);
  });
});
