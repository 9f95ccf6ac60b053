/** Doctor on a host that is real: what is broken there is found, and its own fix ends it. */
import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type DoctorOptions, doctor } from "../../src/commands/doctor.ts";
import { CapturedOutput } from "../commands/captured-output.ts";
import { TOOL_ENVIRONMENT } from "../lab/process.ts";
import { waitFor } from "../lab/wait-for.ts";
import { makePair, type Pair, requireNamespaces } from "../linux/in-namespace.ts";
import { requires } from "../setup/requires.ts";

// Each test starts dozens of tools.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const NETWORK_CODES = [
  "host/vrrp-socket-refused",
  "host/packet-socket-refused",
  "host/config-mismatch",
  "host/interface-down",
  "host/vip-other-prefix",
  "host/vip-bound-without-agent",
  "host/no-route-to-peer",
  "host/peer-via-other-interface",
  "host/rp-filter-drops",
  "host/arp-flux",
  "host/firewall-drops-vrrp",
  "host/firewall-needs-conntrack",
  "host/firewall-drops-sending",
  "host/firewall-unclear",
];

let pair: Pair;
let folder: string;

beforeEach(async (context) => {
  requireNamespaces(context);
  requires("nft", "iptables")(context);
  folder = await mkdtemp(join(tmpdir(), "cloudvip-doctor-"));
  pair = await makePair();
  // A namespace begins with the machine's own defaults.
  left("sysctl", "-qw", "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.va.rp_filter=0");
});

afterEach(async () => {
  pair?.close();
  if (folder) await rm(folder, { recursive: true });
});

test("a healthy host has no findings", async () => {
  expect(await codesFound()).toEqual([]);
});

interface Broken {
  readonly code: string;
  readonly what: string;
  /** Commands on the host. */
  readonly how: readonly string[];
}

const FIXABLE: readonly Broken[] = [
  {
    code: "host/firewall-drops-vrrp",
    what: "a rule of nft",
    how: [
      "nft add table inet f",
      "nft add chain inet f in { type filter hook input priority 0 ; }",
      "nft add rule inet f in meta l4proto != tcp drop",
    ],
  },
  {
    code: "host/firewall-drops-vrrp",
    what: "a policy of nft behind a jump",
    how: [
      "nft add table ip f",
      "nft add chain ip f more",
      "nft add chain ip f in { type filter hook prerouting priority -150 ; policy drop ; }",
      "nft add rule ip f in jump more",
      "nft add rule ip f more tcp dport 22 accept",
    ],
  },
  {
    code: "host/firewall-drops-vrrp",
    what: "a device's ingress chain",
    how: [
      "nft add table netdev f",
      "nft add chain netdev f in { type filter hook ingress device va priority 0 ; }",
      "nft add rule netdev f in ip protocol 100-120 drop",
    ],
  },
  {
    code: "host/firewall-drops-vrrp",
    what: "iptables-nft",
    how: [
      "iptables-nft -N guard",
      "iptables-nft -A INPUT -j guard",
      "iptables-nft -A guard -p tcp -j RETURN",
      "iptables-nft -A guard -m addrtype --dst-type LOCAL -j REJECT",
    ],
  },
  {
    code: "host/firewall-drops-vrrp",
    what: "iptables-legacy and nft at once",
    how: ["iptables-legacy -P INPUT DROP", "iptables-nft -P INPUT DROP"],
  },
  {
    code: "host/firewall-needs-conntrack",
    what: "established connections only",
    how: [
      "iptables-nft -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
      "iptables-nft -P INPUT DROP",
    ],
  },
  {
    code: "host/firewall-drops-sending",
    what: "a rule on the way out",
    how: ["iptables-legacy -t mangle -A POSTROUTING -p 112 -j DROP"],
  },
  {
    code: "host/firewall-unclear",
    what: "a rate",
    how: ["iptables-nft -A INPUT -p 112 -m limit --limit 2/sec -j ACCEPT", "iptables-nft -P INPUT DROP"],
  },
  {
    code: "host/vip-other-prefix",
    what: "an entry made by hand",
    how: ["ip address add 10.9.0.10/32 dev va"],
  },
  {
    code: "host/interface-down",
    what: "a link set down",
    how: ["ip link set va down", "ip route add 10.9.0.0/24 dev lo"],
  },
  {
    code: "host/rp-filter-drops",
    what: "strict rp_filter on two ways",
    how: [
      "ip link add other type veth peer name rest",
      "ip link set rest up",
      "ip link set other up",
      "ip route add 10.9.0.2/32 dev other",
      "sysctl -qw net.ipv4.conf.va.rp_filter=1",
    ],
  },
  {
    code: "host/arp-flux",
    what: "two interfaces in a subnet",
    how: [
      "ip link add other type veth peer name rest",
      "ip link set rest up",
      "ip link set other up",
      "ip address add 10.9.0.77/24 dev other",
    ],
  },
];

describe("what is broken", () => {
  test.each(FIXABLE)("as $code by $what is found, and --fix ends it", async ({ code, how }) => {
    for (const command of how) left(...command.split(" "));
    expect(await codesFound()).toContain(code);
    const { text } = await examine({ check: [code], fix: true, yes: true });
    expect(text).toContain("done");
    expect(text).not.toContain("failed");
    // A carrier comes up a moment after its interface.
    const gone = async () => (await codesFound([code])).length === 0;
    await waitFor(gone, { what: `the end of ${code}` });
  });

  test("as a peer without a route is found, and the route that is advised ends it", async () => {
    left("ip", "route", "del", "10.9.0.0/24", "dev", "va");
    expect(await codesFound(["host/no-route-to-peer"])).toEqual(["host/no-route-to-peer"]);
    left("ip", "route", "add", "10.9.0.0/24", "dev", "va");
    expect(await codesFound(["host/no-route-to-peer"])).toEqual([]);
  });

  test("as a VIP bound without an agent is found", async () => {
    left("ip", "address", "add", "10.9.0.10/24", "dev", "va");
    expect(await codesFound()).toEqual(["host/vip-bound-without-agent"]);
  });

  test("as a source address that this host does not have is found", async () => {
    left("ip", "address", "del", "10.9.0.1/24", "dev", "va");
    left("ip", "address", "add", "10.9.0.7/24", "dev", "va");
    expect(await codesFound(["host/config-mismatch"])).toEqual(["host/config-mismatch"]);
  });
});

async function codesFound(check: readonly string[] = NETWORK_CODES): Promise<readonly string[]> {
  const { text } = await examine({ check, json: true });
  const { findings, unseen } = JSON.parse(text) as {
    readonly findings: readonly { readonly code: string }[];
    readonly unseen: readonly { readonly code: string; readonly why: string }[];
  };
  expect(unseen).toEqual([]);
  return [...new Set(findings.map(({ code }) => code))];
}

async function examine(options: Partial<DoctorOptions>): Promise<{ readonly text: string }> {
  const config = join(folder, "cloudvip.yaml");
  await writeFile(config, CONFIG.replace("SOCKET", `${folder}/none.sock`));
  const out = new CapturedOutput();
  const leave = pair.left.enter();
  try {
    await doctor({ config, out, ...options });
  } finally {
    leave();
  }
  return { text: out.text };
}

const CONFIG = `global_defs: { control_socket: SOCKET }
vrrp_instance:
  VI_1:
    interface: va
    virtual_router_id: 51
    priority: 150
    unicast_src_ip: 10.9.0.1
    unicast_peer: [10.9.0.2]
    virtual_ipaddress: [10.9.0.10/24]
`;

function left(...[program = "", ...args]: readonly string[]): void {
  pair.left.run(() => execFileSync(program, args, { env: TOOL_ENVIRONMENT, stdio: "pipe" }));
}
