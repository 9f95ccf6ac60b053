import { describe, expect, it } from "vitest";
import { checkDocument } from "../../../src/config/check-document.ts";
import { readKeepalivedConf } from "../../../src/config/keepalived/read.ts";
import { locateMistakes } from "../../../src/config/mistake.ts";
import { hasErrors } from "../../../src/config/problem.ts";
import { oneLine, readConf, withStatements } from "./reading.ts";

/** Statements of a sound instance that make it unsafe to run, or unreadable; and what is said about them. */
const UNSAFE: readonly (readonly [string, string])[] = [
  ["strict_mode", "7 error vrrp_instance.VI_1.strict_mode: strict mode forbids unicast"],
  ["auth_hmac {\nkey 1 hex:00\n}", "7 error vrrp_instance.VI_1.auth_hmac: auth_hmac cannot be carried over"],
  [
    "authentication {\nauth_type AH\nauth_pass x\n}",
    "8 error vrrp_instance.VI_1.authentication: auth_type AH is not supported",
  ],
  [
    "authentication {\nauth_type PASS\nauth_pass \u00e9\n}",
    "9 error vrrp_instance.VI_1.authentication: the password holds characters beyond ASCII",
  ],
  ["use_vmac", "7 error vrrp_instance.VI_1.use_vmac: use_vmac cannot be carried over"],
  ["use_ipvlan", "7 error vrrp_instance.VI_1.use_ipvlan: use_ipvlan cannot be carried over"],
  [
    "virtual_ipaddress {\n192.0.2.11/24 use_vmac\n}",
    "8 error vrrp_instance.VI_1.virtual_ipaddress: use_vmac of 192.0.2.11/24 cannot be carried over",
  ],
  [
    "virtual_ipaddress {\n192.0.2.10/32\n}",
    "8 error vrrp_instance.VI_1.virtual_ipaddress: 192.0.2.10 is listed twice",
  ],
  ["native_ipv6", "7 error vrrp_instance.VI_1.native_ipv6: native_ipv6 cannot be carried over"],
  [
    "priority",
    "7 error vrrp_instance.VI_1.priority: priority needs a value: keepalived does not start without it",
  ],
  ["priority {\n5\n}", "7 error vrrp_instance.VI_1.priority: priority takes no block"],
  [
    "virtual_router_id 0",
    '7 error vrrp_instance.VI_1.virtual_router_id: "0" is not a whole number from 1 to 255',
  ],
  [
    "unicast_peer {\n192.0.2.3 min_ttl 300\n}",
    '8 error vrrp_instance.VI_1.unicast_peer: "300" is no min_ttl',
  ],
  ["}", '8 error there is one "}" too many'],
  ["{ priority 5", '7 error "{" follows no keyword'],
  ["authentication", '7 error "authentication" opens no block'],
];

describe("an error", () => {
  it.each(UNSAFE)("%j", async (statements, problem) => {
    const { problems } = await readConf(withStatements(statements));
    expect(problems.map(oneLine)).toContainEqual(expect.stringContaining(problem));
    expect(hasErrors(problems)).toBe(true);
  });

  it("is a block that is never closed", async () => {
    const { problems } = await readConf(withStatements("virtual_routes {"));
    expect(problems.map(oneLine)).toContainEqual('1 error the block of "vrrp_instance" is never closed');
  });

  it("is strict mode for all instances", async () => {
    const { problems } = await readConf(`global_defs { vrrp_strict }\n${withStatements("")}`);
    expect(problems.map(oneLine)).toEqual([
      expect.stringContaining("1 error vrrp_instance.VI_1.strict_mode"),
    ]);
  });

  it("is a second instance with the same name", async () => {
    const { problems } = await readConf(withStatements("") + withStatements("priority 7"));
    expect(problems.map(oneLine)).toEqual([
      "9 error vrrp_instance.VI_1: there are two instances with the name VI_1: keepalived ignores the second",
    ]);
  });

  it("is a file that cannot be read", async () => {
    const { problems, document } = await readKeepalivedConf("/nowhere/keepalived.conf");
    expect(document).toBeUndefined();
    expect(problems.map(oneLine)).toEqual([expect.stringContaining("error the file cannot be read: ENOENT")]);
  });
});

describe("multicast", () => {
  it("is refused, with what to write", async () => {
    const text = withStatements("").replace("  unicast_peer { 192.0.2.2 }\n", "");
    const { problems } = await readConf(text);
    expect(problems.map(oneLine)).toEqual([
      "1 error vrrp_instance.VI_1.unicast_peer: VI_1 has no unicast_peer: keepalived would use multicast, which clouds drop; cloudvip never falls back to it",
    ]);
    expect(problems[0]?.fix).toContain("unicast_peer { }");
  });

  it("is refused when the only peer is this node itself", async () => {
    const text = withStatements("").replace("192.0.2.2 }", "192.0.2.1 }");
    const { problems } = await readConf(text);
    expect(problems.map(oneLine)).toEqual([
      expect.stringContaining("5 warning vrrp_instance.VI_1.unicast_peer: 192.0.2.1 is this node itself"),
      expect.stringContaining("5 error vrrp_instance.VI_1.unicast_peer: VI_1 has no unicast_peer"),
    ]);
  });

  it("is refused for an empty list", async () => {
    const { problems } = await readConf(withStatements("").replace("{ 192.0.2.2 }", "{ }"));
    expect(problems.map(oneLine)).toEqual([
      expect.stringContaining("5 error vrrp_instance.VI_1.unicast_peer"),
    ]);
  });
});

/** What the reader hands on as it is, because the schema says what is wrong with it. */
const FOR_THE_SCHEMA: readonly (readonly [string, string])[] = [
  [
    "unicast_peer {\nnode-b\n}",
    '8 error vrrp_instance.VI_1.unicast_peer[1].address: "node-b" is a name, and names are not resolved',
  ],
  [
    "unicast_peer {\n2001:db8::2\n}",
    "8 error vrrp_instance.VI_1.unicast_peer[1].address: 2001:db8::2 is an IPv6 address",
  ],
  [
    "virtual_ipaddress {\n192.0.2.300\n}",
    '8 error vrrp_instance.VI_1.virtual_ipaddress[1]: "192.0.2.300" is no IPv4 address',
  ],
  [
    "virtual_ipaddress {\n2001:db8::10/64\n}",
    "8 error vrrp_instance.VI_1.virtual_ipaddress[1]: 2001:db8::10/64 is an IPv6 address",
  ],
  [
    "virtual_ipaddress_excluded {\n2001:db8::10/64\n}",
    "8 error vrrp_instance.VI_1.virtual_ipaddress_excluded[0]: 2001:db8::10/64 is an IPv6 address",
  ],
  [
    "virtual_ipaddress {\n192.0.2.11/24 label abcdefghijklmnop\n}",
    '8 error vrrp_instance.VI_1.virtual_ipaddress[1].label: "abcdefghijklmnop" has 16 bytes',
  ],
  ["unicast_ttl 0", "7 error vrrp_instance.VI_1.unicast_ttl: 0 is below 1"],
];

describe("a value that only the schema refuses", () => {
  it.each(FOR_THE_SCHEMA)("%j has its line", async (statements, problem) => {
    const { document, locate, problems } = await readConf(withStatements(statements));
    const found = [...problems, ...locateMistakes(checkDocument(document).mistakes, locate)];
    expect(found.map(oneLine)).toContainEqual(expect.stringContaining(problem));
  });
});

describe("a password", () => {
  it.each([
    "authentication {\nauth_type PASS\nauth_pass hunter2hunter2\n}",
    "authentication {\nauth_type PASS\nauth_pass hunter2 hunter2\n}",
    "authentication {\nauth_type PASS\nauth_pas hunter2\n}",
    "authentication {\nauth_type PASS\nauth_pass hunter2#3\n}",
    'authentication {\nauth_type PASS\nauth_pass "hunter2\n}',
    "auth_pass hunter2",
    "auth_hmac {\nkey 1 hunter2\n}",
    'notify_master "opt/move --token hunter2"',
    'notify_master "/opt/move --token hunter2 \'" nobody',
  ])("is never shown: %j", async (statements) => {
    const { document, locate, problems } = await readConf(withStatements(statements));
    const found = [...problems, ...locateMistakes(checkDocument(document).mistakes, locate)];
    expect(found.length).toBeGreaterThan(0);
    expect(JSON.stringify(found)).not.toContain("hunter2");
  });
});
