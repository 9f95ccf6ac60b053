// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is what keepalived writes
import { describe, expect, it } from "vitest";
import { checkDocument } from "../../../src/config/check-document.ts";
import { oneLine, optionsOf, readConf, withStatements } from "./reading.ts";

/** What a sound instance without further statements becomes. */
const BASE = {
  interface: "eth0",
  virtual_router_id: 51,
  version: 2,
  unicast_src_ip: "192.0.2.1",
  check_unicast_src: true,
  track_src_ip: true,
  unicast_peer: [{ address: "192.0.2.2", min_ttl: 0 }],
  virtual_ipaddress: ["192.0.2.10/24"],
};

describe("a sound instance", () => {
  it("becomes a document that the schema accepts, without a word", async () => {
    const reading = await readConf(withStatements(""));
    expect(optionsOf(reading)).toEqual(BASE);
    expect(reading.problems).toEqual([]);
    expect(checkDocument(reading.document).mistakes).toEqual([]);
  });

  it("knows the line of each option and list entry", async () => {
    const { locate } = await readConf(
      withStatements("virtual_ipaddress {\n192.0.2.11/24\n192.0.2.12/24 dev eth1\n}\npriority 120"),
    );
    const line = (...path: (string | number)[]) => locate(["vrrp_instance", "VI_1", ...path])?.line;
    expect([line(), line("interface"), line("priority")]).toEqual([1, 2, 11]);
    expect([line("unicast_peer"), line("unicast_peer", 0, "min_ttl")]).toEqual([5, 5]);
    expect([0, 1, 2].map((index) => line("virtual_ipaddress", index))).toEqual([6, 8, 9]);
    expect(locate(["vrrp_instance", "VI_2"])).toBeUndefined();
  });

  it("names the included file that an option stands in", async () => {
    const text = withStatements("include priority.conf");
    const { locate } = await readConf(text, { files: { "/etc/keepalived/priority.conf": "\npriority 120" } });
    expect(locate(["vrrp_instance", "VI_1", "priority"])).toEqual({
      file: "/etc/keepalived/priority.conf",
      line: 2,
    });
  });
});

/** Statements of an instance, and what they add to the options. */
const INSTANCE_ROWS: readonly (readonly [string, object])[] = [
  ["state BACKUP", {}],
  ["state MASTER\npriority 150", { priority: 150 }],
  ["priority 255", { priority: 255 }],
  ["advert_int 3", { advert_int: 3 }],
  ["version 3\nadvert_int 0.03", { version: 3, advert_int: 0.03 }],
  ["unicast_ttl 64", { unicast_ttl: 64 }],
  ["unicast_fault_no_peer", {}],
  ["check_unicast_src", {}],
  ["track_src_ip", {}],
  ["dont_track_primary", { dont_track_primary: true }],
  ["version 3\nv3_checksum_as_v2", { version: 3, checksum: { send: "rfc9568", accept: "either" } }],
  ["version 3\nv3_checksum_as_v2 off", { version: 3, checksum: { send: "rfc5798", accept: "either" } }],
  [
    "authentication {\nauth_type PASS\nauth_pass 1111\n}",
    { authentication: { auth_type: "PASS", auth_pass: "1111" } },
  ],
  ["accept", {}],
  ["preempt", { preempt: true }],
  ["nopreempt", { preempt: false }],
  ["preempt_delay 2.5", { preempt_delay: 2.5 }],
  ["down_timer_adverts 5", { down_timer_adverts: 5 }],
  ["lower_prio_no_advert", { lower_prio_no_advert: true }],
  ["lower_prio_no_advert no", { lower_prio_no_advert: false }],
  ["higher_prio_send_advert yes", { higher_prio_send_advert: true }],
  ["garp_master_delay 0", { garp_master_delay: 0 }],
  ["garp_master_repeat 2", { garp_master_repeat: 2 }],
  ["garp_master_refresh 60", { garp_master_refresh: 60 }],
  ["garp_master_refresh_repeat 2", { garp_master_refresh_repeat: 2 }],
  ["garp_lower_prio_delay 0", { garp_lower_prio_delay: 0 }],
  ["garp_lower_prio_repeat 3", { garp_lower_prio_repeat: 3 }],
  ["strict_mode off", {}],
  ["skip_check_adv_addr", {}],
  ["old_unicast_checksum never", {}],
  [
    "unicast_peer {\n192.0.2.3 min_ttl 254 max_ttl 255\n}",
    {
      unicast_peer: [
        { address: "192.0.2.2", min_ttl: 0 },
        { address: "192.0.2.3", min_ttl: 254, max_ttl: 255 },
      ],
    },
  ],
  [
    "virtual_ipaddress {\n192.0.2.11/25 dev eth1 label eth1:1 scope global no_track brd -\n}",
    {
      virtual_ipaddress: [
        "192.0.2.10/24",
        { address: "192.0.2.11/25", dev: "eth1", label: "eth1:1", no_track: true },
      ],
    },
  ],
  ["virtual_ipaddress_excluded {\n192.0.2.99/32\n}", { virtual_ipaddress_excluded: ["192.0.2.99/32"] }],
];

describe("a statement of vrrp_instance", () => {
  it.each(INSTANCE_ROWS)("carries %j over", async (statements, options) => {
    const reading = await readConf(withStatements(statements));
    expect(reading.problems.map(oneLine)).toEqual([]);
    expect(optionsOf(reading)).toEqual({ ...BASE, ...options });
    expect(checkDocument(reading.document).mistakes).toEqual([]);
  });

  it("takes mcast_src_ip for the source address, as keepalived does", async () => {
    const text = withStatements("mcast_src_ip 192.0.2.7").replace("  unicast_src_ip 192.0.2.1\n", "");
    expect(optionsOf(await readConf(text))).toMatchObject({ unicast_src_ip: "192.0.2.7" });
  });

  it("runs without virtual addresses when told to", async () => {
    const text = withStatements("no_virtual_ipaddress").replace(
      "  virtual_ipaddress { 192.0.2.10/24 }\n",
      "",
    );
    const reading = await readConf(text);
    expect(optionsOf(reading)).toMatchObject({ no_virtual_ipaddress: true });
    expect(checkDocument(reading.document).mistakes).toEqual([]);
  });
});

/** Statements of global_defs, and what they add to the options of an instance. */
const GLOBAL_ROWS: readonly (readonly [string, object])[] = [
  ["vrrp_version 3", { version: 3 }],
  ["vrrp_garp_master_delay 1", { garp_master_delay: 1 }],
  ["vrrp_garp_master_repeat 2", { garp_master_repeat: 2 }],
  ["vrrp_garp_master_refresh 60", { garp_master_refresh: 60 }],
  ["vrrp_garp_master_refresh_repeat 2", { garp_master_refresh_repeat: 2 }],
  ["vrrp_garp_lower_prio_delay 3", { garp_lower_prio_delay: 3 }],
  ["vrrp_garp_lower_prio_repeat 4", { garp_lower_prio_repeat: 4 }],
  ["vrrp_garp_interval 0.001", { garp_interval: 0.001 }],
  ["vrrp_min_garp", { garp_master_repeat: 1, garp_master_delay: 0 }],
  ["vrrp_min_garp off", {}],
  ["vrrp_down_timer_adverts 4", { down_timer_adverts: 4 }],
  ["vrrp_lower_prio_no_advert", { lower_prio_no_advert: true }],
  ["vrrp_higher_prio_send_advert", { higher_prio_send_advert: true }],
  ["vrrp_check_unicast_src", {}],
  ["vrrp_version 3\nv3_checksum_as_v2", { version: 3, checksum: { send: "rfc9568", accept: "either" } }],
  ["vrrp_strict off", {}],
  ["vrrp_skip_check_adv_addr", {}],
];

describe("a statement of global_defs", () => {
  it.each(GLOBAL_ROWS)("%j holds for the instances", async (statements, options) => {
    const reading = await readConf(`global_defs {\n${statements}\n}\n${withStatements("")}`);
    expect(reading.problems.map(oneLine)).toEqual([]);
    expect(optionsOf(reading)).toEqual({ ...BASE, ...options });
  });

  it("gives way to the instance's own", async () => {
    const globals = "vrrp_garp_master_delay 1\nvrrp_version 3\nvrrp_lower_prio_no_advert\nvrrp_strict";
    const own = "garp_master_delay 2\nversion 2\nlower_prio_no_advert off\nstrict_mode off";
    const reading = await readConf(`global_defs {\n${globals}\n}\n${withStatements(own)}`);
    expect(reading.problems).toEqual([]);
    expect(optionsOf(reading)).toMatchObject({
      garp_master_delay: 2,
      version: 2,
      lower_prio_no_advert: false,
    });
  });

  it("holds for instances in front of it, too", async () => {
    const reading = await readConf(`${withStatements("")}global_defs { vrrp_version 3 }`);
    expect(optionsOf(reading)).toMatchObject({ version: 3 });
  });

  it.each(["dynamic_interfaces", "dynamic_interfaces allow_if_changes"])("carries %s over", async (line) => {
    const { document, problems } = await readConf(`global_defs {\n${line}\n}\n${withStatements("")}`);
    expect(document).toMatchObject({ global_defs: { dynamic_interfaces: true } });
    expect(problems).toEqual([]);
  });

  it("carries router_id and the start-up delay over", async () => {
    const globals = 'global_defs {\nrouter_id "node one"\nvrrp_startup_delay 2.5\n}';
    expect((await readConf(`${globals}\n${withStatements("")}`)).document).toMatchObject({
      global_defs: { router_id: "node one", vrrp_startup_delay: 2.5 },
    });
  });
});

describe("several instances", () => {
  it("are carried over in their order", async () => {
    const text =
      withStatements("") +
      withStatements("priority 90", "vrrp_instance __proto__") +
      withStatements("", "vrrp_instance a");
    const { document } = await readConf(text);
    const instances = (document as { vrrp_instance: object }).vrrp_instance;
    expect(Object.keys(instances)).toEqual(["VI_1", "__proto__", "a"]);
  });

  it("share a definition", async () => {
    const text = [
      "$INSTANCE= \\",
      "vrrp_instance VI_${N} { \\",
      "  interface eth${N} \\",
      "  virtual_router_id 5${N} \\",
      "  @node-a priority 150 \\",
      "  @node-b priority 100 \\",
      "  unicast_src_ip 192.0.2.1 \\",
      "  unicast_peer { 192.0.2.2 } \\",
      "  virtual_ipaddress { 10.0.${N}.254/24 } \\",
      "}",
      "~SEQ(N, 1, 2) $INSTANCE",
    ].join("\n");
    const reading = await readConf(text);
    expect(reading.problems).toEqual([]);
    expect(reading.document).toMatchObject({
      vrrp_instance: {
        VI_1: {
          interface: "eth1",
          virtual_router_id: 51,
          priority: 150,
          virtual_ipaddress: ["10.0.1.254/24"],
        },
        VI_2: {
          interface: "eth2",
          virtual_router_id: 52,
          priority: 150,
          virtual_ipaddress: ["10.0.2.254/24"],
        },
      },
    });
  });
});
