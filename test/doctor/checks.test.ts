import { describe, expect, test } from "vitest";
import { OperatorError } from "../../src/base/errors.ts";
import type { ConfigSources } from "../../src/config/config.ts";
import { CHECKS } from "../../src/doctor/catalogue.ts";
import type { DoctorContext } from "../../src/doctor/check.ts";
import type { AgentSnapshot } from "../../src/status/snapshot.ts";
import { snapshotOf } from "../status/snapshots.ts";
import {
  CONFIG_FILE,
  diagnose,
  entry,
  findingsIn,
  type HostPlan,
  ip,
  link,
  PEER,
  pairConfig,
  SELF,
  SOME_PROVIDER,
  VIP,
} from "./fake-host.ts";

const DROPS = "*filter\n:INPUT DROP [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n";
const ANSWERS = "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT";

interface Broken {
  readonly code: string;
  /** What is broken, and nothing else. */
  readonly plan: HostPlan;
  readonly context?: () => Promise<Partial<DoctorContext>> | Partial<DoctorContext>;
}

const TIMERS = { "/etc/systemd/system": ["timers.target.wants"] };

const BROKEN: readonly Broken[] = [
  { code: "host/config-writable", plan: { modes: { [CONFIG_FILE]: 0o666 } } },
  { code: "host/config-writable", plan: { modes: { "/etc/cloudvip": 0o777 } } },
  {
    code: "host/secret-readable",
    plan: { modes: { [CONFIG_FILE]: 0o644 } },
    context: () => withSources({ holdSecret: true }),
  },
  {
    code: "host/secret-readable",
    plan: { modes: { "/etc/cloudvip/token": 0o604 } },
    context: () => withSources({ secretFiles: ["/etc/cloudvip/token"] }),
  },
  {
    code: "host/config-writable",
    plan: { modes: { "/etc/keepalived/more.conf": 0o660 } },
    context: () => withSources({ files: ["/etc/keepalived/more.conf"] }),
  },
  {
    code: "host/program-cannot-start",
    plan: { modes: { "/opt/check": 0o644 } },
    context: () => withHook("/opt/check"),
  },
  {
    code: "host/program-writable",
    plan: { modes: { "/opt/check": 0o775 } },
    context: () => withHook("/opt/check"),
  },
  {
    code: "host/config-warnings",
    plan: {},
    context: () => ({ problems: [{ severity: "warning", path: "a.b", message: "is odd", fix: "mend it" }] }),
  },
  {
    code: "host/agent-lacks-capability",
    plan: { files: { "/proc/42/status": "Name:\tnode\nCapEff:\t0000000000001000\n" } },
    context: () => ({ agent: { pid: 42 } }),
  },
  { code: "host/vrrp-socket-refused", plan: { vrrpSocket: refusal() } },
  { code: "host/packet-socket-refused", plan: { packetSocket: refusal() } },
  { code: "host/config-mismatch", plan: { addresses: [entry(ip("10.0.0.99"), 24)] } },
  { code: "host/interface-down", plan: { links: [link({ up: false })] } },
  { code: "host/vip-other-prefix", plan: { addresses: [entry(SELF, 24), entry(VIP, 32)] } },
  { code: "host/vip-bound-without-agent", plan: { addresses: [entry(SELF, 24), entry(VIP, 24)] } },
  { code: "host/no-route-to-peer", plan: { routes: { [PEER]: undefined } } },
  { code: "host/peer-via-other-interface", plan: { routes: { [PEER]: "eth1" } } },
  {
    code: "host/rp-filter-drops",
    plan: { routes: { [PEER]: "eth1" }, files: sysctls({ "all/rp_filter": 0, "eth0/rp_filter": 1 }) },
  },
  {
    code: "host/arp-flux",
    plan: {
      links: [link({}), link({ index: 3, name: "eth1" })],
      addresses: [entry(SELF, 24), entry(ip("10.0.0.44"), 24, 3)],
      files: sysctls({ "all/arp_ignore": 0, "eth0/arp_ignore": 0, "eth0/arp_announce": 2 }),
    },
  },
  {
    code: "host/ip-nonlocal-bind",
    plan: {
      files: {
        "/proc/sys/net/ipv4/ip_nonlocal_bind": "0\n",
        "/etc/haproxy/haproxy.cfg": `frontend f\n  bind ${VIP}:443\n`,
      },
    },
  },
  {
    code: "host/vip-configured-statically",
    plan: {
      directories: { "/etc/netplan": ["50-cloud-init.yaml"] },
      files: { "/etc/netplan/50-cloud-init.yaml": `addresses: ["${VIP}/24"]\n` },
    },
  },
  { code: "host/firewall-drops-vrrp", plan: { iptablesLegacy: DROPS } },
  {
    code: "host/firewall-needs-conntrack",
    plan: { iptablesLegacy: DROPS.replace("COMMIT", `${ANSWERS}\nCOMMIT`) },
  },
  {
    code: "host/firewall-drops-sending",
    plan: { iptablesLegacy: "*filter\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -p vrrp -j DROP\nCOMMIT\n" },
  },
  {
    code: "host/firewall-unclear",
    plan: { iptablesLegacy: DROPS.replace("COMMIT", "-A INPUT -m limit --limit 9/sec -j ACCEPT\nCOMMIT") },
  },
  { code: "host/other-failover-program", plan: { processes: [{ name: "keepalived" }] } },
  {
    code: "host/networkd-removes-vip",
    plan: {
      processes: [{ name: "systemd-network" }],
      files: {
        "/run/systemd/netif/links/2": "NETWORK_FILE=/etc/systemd/network/10-eth0.network\n",
        "/etc/systemd/network/10-eth0.network": "[Network]\nDHCP=yes\n",
      },
    },
  },
  {
    code: "host/agent-not-started-at-boot",
    plan: { directories: { "/etc/systemd/system": ["cloudvip.service"] } },
  },
  {
    code: "host/nm-cloud-setup-removes-vip",
    plan: {
      directories: { ...TIMERS, "/etc/systemd/system/timers.target.wants": ["nm-cloud-setup.timer"] },
    },
  },
  {
    code: "host/ec2-net-utils-binds-vip",
    plan: {
      directories: {
        ...TIMERS,
        "/etc/systemd/system/timers.target.wants": ["refresh-policy-routes@eth0.timer"],
      },
    },
  },
  {
    code: "host/cloud-init-rewrites-network",
    plan: { directories: { "/etc/udev/rules.d": ["90-cloud-init-hook-hotplug.rules"] } },
  },
  {
    code: "host/dhcp-client-resets-address",
    plan: { processes: [{ name: "dhclient", commandLine: ["dhclient", "-v", "eth0"] }] },
  },
  {
    code: "host/networkmanager-manages-interface",
    plan: {
      processes: [{ name: "NetworkManager" }],
      commands: { "nmcli -g GENERAL.STATE device show eth0": "100 (connected)\n" },
    },
  },
  { code: "host/scheduling-late", plan: { worstLatenessMs: 700 } },
  {
    code: "host/scheduling-late",
    plan: { files: { "/proc/42/status": "CapEff:\t000001ffffffffff\n" } },
    context: () => ({ agent: { pid: 42, status: agentThatIsLate(600) } }),
  },
  { code: "host/clock-steps", plan: { stepMs: -1500 } },
  {
    code: "host/clock-unsynchronised",
    plan: { commands: { "timedatectl show --property=NTPSynchronized --value": "no\n" } },
    context: async () => ({ config: await pairConfig({ provider: SOME_PROVIDER }) }),
  },
];

describe("a healthy node", () => {
  test("has no findings, and nothing is left unseen", async () => {
    const results = await diagnose({ files: { "/proc/sys/net/ipv4/ip_nonlocal_bind": "1\n" } });
    expect(results.filter(({ kind }) => kind !== "fine")).toEqual([]);
  });
});

/** What depends on a broken thing shows as well; nothing else does. */
const RELATED: Readonly<Record<string, readonly string[]>> = {
  "host/rp-filter-drops": ["host/peer-via-other-interface"],
  "host/scheduling-late": ["wire/interval-too-short"],
};

describe("a node on which one thing is broken", () => {
  test.each(BROKEN)("shows $code", async ({ code, plan, context }) => {
    const files = { "/proc/sys/net/ipv4/ip_nonlocal_bind": "1\n", ...plan.files };
    const results = await diagnose({ ...plan, files }, await context?.());
    const found = findingsIn(results);
    expect(new Set(found.map((finding) => finding.code))).toEqual(new Set([code, ...(RELATED[code] ?? [])]));
    for (const { message, consequence, fix } of found) {
      expect(message).not.toBe("");
      expect(consequence).not.toBe("");
      expect(fix?.advice).not.toBe("");
    }
  });

  test("is covered for every check of the host", () => {
    const tested = new Set(BROKEN.map(({ code }) => code));
    const ours = CHECKS.map(({ code }) => code).filter((code) => code.startsWith("host/"));
    expect(ours.filter((code) => !tested.has(code))).toEqual([]);
  });
});

describe("what is a warning at most", () => {
  test("becomes a failure when keepalived has the same address", async () => {
    const results = await diagnose({
      processes: [{ name: "keepalived" }],
      directories: { "/etc/keepalived": ["keepalived.conf"] },
      files: { "/etc/keepalived/keepalived.conf": `virtual_ipaddress {\n  ${VIP}/24\n}\n` },
    });
    expect(findingsIn(results)).toContainEqual(
      expect.objectContaining({ code: "host/other-failover-program", severity: "failure" }),
    );
  });

  test.each([
    { name: "ucarp", commandLine: ["ucarp", "-i", "eth0", `--addr=${VIP}`] },
    { name: "keepalived", commandLine: ["keepalived", "-f", "/srv/ka.conf"] },
  ])("becomes a failure when $name was started with it", async (process) => {
    const files = { "/srv/ka.conf": `vrrp_instance a {\n virtual_ipaddress { ${VIP} }\n}\n` };
    const results = await diagnose({ processes: [process], files });
    expect(findingsIn(results)).toContainEqual(
      expect.objectContaining({ code: "host/other-failover-program", severity: "failure" }),
    );
  });

  test("stays one when the file names a longer address, or names ours in a comment only", async () => {
    const conf = `virtual_ipaddress {\n  ${VIP}0/24\n  # ${VIP}\n}\n`;
    const results = await diagnose({
      processes: [{ name: "keepalived" }],
      directories: { "/etc/keepalived": ["keepalived.conf"] },
      files: { "/etc/keepalived/keepalived.conf": conf },
    });
    expect(findingsIn(results)).toContainEqual(
      expect.objectContaining({ code: "host/other-failover-program", severity: "warning" }),
    );
  });

  test("is nothing where networkd keeps its hands off", async () => {
    const results = await diagnose({
      processes: [{ name: "systemd-network" }],
      files: {
        "/run/systemd/netif/links/2":
          "NETWORK_FILE=/etc/systemd/network/10-eth0.network\nNETWORK_FILE_DROPINS=/etc/systemd/network/10-eth0.network.d/a.conf\n",
        "/etc/systemd/network/10-eth0.network.d/a.conf": "[Network]\nKeepConfiguration=static\n",
      },
    });
    expect(findingsIn(results).map(({ code }) => code)).not.toContain("host/networkd-removes-vip");
  });
});

describe("a configuration that belongs to", () => {
  const FOREIGN = 4321;
  const owned = { owners: { [CONFIG_FILE]: FOREIGN } };
  const codesOf = async (plan: HostPlan, context: Partial<DoctorContext> = {}) =>
    findingsIn(await diagnose(plan, context)).map(({ code }) => code);

  test("somebody else is theirs to change", async () => {
    expect(await codesOf(owned)).toEqual(["host/config-writable"]);
  });

  test("the user of the agent is not", async () => {
    const passwd = `root:x:0:0::/root:/bin/sh\ncloudvip:x:${FOREIGN}:988::/:/usr/sbin/nologin\n`;
    expect(await codesOf({ ...owned, files: { "/etc/passwd": passwd } })).toEqual([]);
    const running = { owners: { ...owned.owners, "/proc/42": FOREIGN } };
    const status = { "/proc/42/status": "CapEff:\t000001ffffffffff\n" };
    expect(await codesOf({ ...running, files: status }, { agent: { pid: 42 } })).toEqual([]);
  });
});

describe("a user who is not root", () => {
  test("is told what could not be seen, and not that it is wrong", async () => {
    const results = await diagnose({ isRoot: false, vrrpSocket: refusal(), packetSocket: refusal() });
    const unseen = results.flatMap((result) => (result.kind === "unseen" ? [result.check.code] : []));
    expect(unseen).toEqual([
      "host/agent-lacks-capability",
      "host/vrrp-socket-refused",
      "host/packet-socket-refused",
      "host/vip-bound-without-agent",
      "host/firewall-drops-vrrp",
      "host/firewall-needs-conntrack",
      "host/firewall-drops-sending",
      "host/firewall-unclear",
    ]);
  });
});

describe("the catalogue", () => {
  test("has each code once, and says of each why it matters", () => {
    const codes = CHECKS.map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
    for (const { code, title, why } of CHECKS) {
      expect(code).toMatch(/^[a-z0-9]+\/[a-z0-9-]+$/);
      expect(title.length).toBeGreaterThan(10);
      expect(why.length).toBeGreaterThan(60);
    }
  });
});

async function withSources(sources: Partial<ConfigSources>): Promise<Partial<DoctorContext>> {
  const config = await pairConfig();
  return { config: { ...config, sources: { files: [], holdSecret: false, secretFiles: [], ...sources } } };
}

function agentThatIsLate(p999Ms: number): AgentSnapshot {
  return { ...snapshotOf(), lateness: { samples: 5_000, maxMs: 2 * p999Ms, p999Ms } };
}

async function withHook(path: string): Promise<Partial<DoctorContext>> {
  const [instance] = (await pairConfig()).instances;
  const program = { command: [path] as const, user: undefined, group: undefined };
  if (!instance) throw new Error("the pair has an instance");
  const hooks = { ...instance.hooks, programs: { notify: program } };
  return { config: await pairConfig({ hooks }) };
}

function refusal(): OperatorError {
  return new OperatorError({ code: "linux/no-cap-net-raw", message: "it was refused", hint: "ask nicely" });
}

function sysctls(values: Readonly<Record<string, number>>): Readonly<Record<string, string>> {
  const paths = Object.entries(values).map(([key, value]) => [
    `/proc/sys/net/ipv4/conf/${key}`,
    `${value}\n`,
  ]);
  return Object.fromEntries(paths);
}
