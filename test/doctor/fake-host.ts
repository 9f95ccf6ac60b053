import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type IpAddress, parseIp } from "../../src/base/ip.ts";
import { millis } from "../../src/base/units.ts";
import type { Config, InstanceConfig } from "../../src/config/config.ts";
import { loadConfig } from "../../src/config/load.ts";
import { CHECKS } from "../../src/doctor/catalogue.ts";
import type { DoctorContext } from "../../src/doctor/check.ts";
import type { Finding } from "../../src/doctor/finding.ts";
import type { DoctorHost, ProcessView } from "../../src/doctor/host.ts";
import { type CheckResult, runChecks } from "../../src/doctor/runner.ts";
import type { Ran } from "../../src/linux/firewall-rules.ts";
import type { AddressEntry, Link } from "../../src/linux/network.ts";
import { type WirePlan, wireView } from "./fake-wire.ts";

export const SELF = ip("10.0.0.4");
export const PEER = ip("10.0.0.5");
export const VIP = ip("10.0.0.10");
export const CONFIG_FILE = "/etc/cloudvip/cloudvip.yaml";

/** The parts of a host that a test makes different from a healthy one. */
export interface HostPlan {
  readonly isRoot?: boolean;
  readonly links?: readonly Partial<Link>[];
  readonly addresses?: readonly AddressEntry[];
  readonly iptablesLegacy?: string;
  readonly routes?: Readonly<Record<string, string | undefined>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly directories?: Readonly<Record<string, readonly string[]>>;
  readonly modes?: Readonly<Record<string, number>>;
  /** User numbers by path; root for the others. */
  readonly owners?: Readonly<Record<string, number>>;
  readonly processes?: readonly (Partial<ProcessView> & { readonly name: string })[];
  readonly vrrpSocket?: Error;
  readonly packetSocket?: Error;
  readonly worstLatenessMs?: number;
  readonly stepMs?: number;
  /** Undefined is a wire on which the peer is MASTER and all is well. */
  readonly wire?: Omit<WirePlan, "vip"> | undefined;
  /** Nothing can be seen of the wire. */
  readonly wireRefused?: string;
  /** What a command prints, by its text; others are not installed. */
  readonly commands?: Readonly<Record<string, string>>;
  /** Every command that was run. */
  readonly ran?: string[];
}

/** All capabilities. */
const HEALTHY_FILES: Readonly<Record<string, string>> = {
  "/proc/thread-self/status": "CapEff:\t000001ffffffffff\n",
  "/proc/sys/net/ipv4/conf/all/rp_filter": "0\n",
  "/proc/sys/net/ipv4/conf/all/arp_ignore": "1\n",
  "/proc/sys/net/ipv4/conf/all/arp_announce": "2\n",
};

const ETH0: Link = link({ index: 2, name: "eth0" });

export function fakeHost(plan: HostPlan = {}): DoctorHost {
  const links = plan.links?.map(link) ?? [link({ index: 1, name: "lo", arp: false }), ETH0];
  return {
    isRoot: plan.isRoot ?? true,
    network: async () => ({ links, addresses: plan.addresses ?? [entry(SELF, 24)] }),
    firewall: async () => ({
      nftJson: ['{"nftables": []}'],
      nftText: "",
      iptablesNft: "",
      iptablesLegacy: plan.iptablesLegacy,
      failures: [],
    }),
    routeTo: async (address) => {
      const name = plan.routes && address in plan.routes ? plan.routes[address] : "eth0";
      return name === undefined ? undefined : { interfaceName: name, gateway: undefined };
    },
    readText: (path) => plan.files?.[path] ?? HEALTHY_FILES[path],
    list: (path) => plan.directories?.[path] ?? [],
    ownership: (path) => ({ uid: plan.owners?.[path] ?? 0, mode: plan.modes?.[path] ?? 0o640 }),
    processes: () => (plan.processes ?? []).map((view) => ({ pid: 7, commandLine: [view.name], ...view })),
    tryVrrpSocket: () => throwIfGiven(plan.vrrpSocket),
    tryPacketSocket: () => throwIfGiven(plan.packetSocket),
    watchClocks: async () => ({
      watchedMs: 1000,
      worstLatenessMs: plan.worstLatenessMs ?? 1,
      stepMs: plan.stepMs ?? 0,
    }),
    watchWire: async (request) =>
      plan.wireRefused === undefined
        ? wireView(request, { vip: VIP, ...plan.wire })
        : { kind: "refused", why: plan.wireRefused },
    run: async (command): Promise<Ran> => {
      const text = command.join(" ");
      plan.ran?.push(text);
      const output = plan.commands?.[text];
      if (output !== undefined) return { ok: true, output };
      return { ok: false, failure: { command: text, kind: "missing", message: "not installed" } };
    },
  };
}

/** A node of a pair: 10.0.0.4/24 on eth0, peer 10.0.0.5, VIP 10.0.0.10/24. */
export async function pairConfig(change: Partial<InstanceConfig> = {}): Promise<Config> {
  const folder = await mkdtemp(join(tmpdir(), "cloudvip-doctor-"));
  const file = join(folder, "pair.yaml");
  await writeFile(file, PAIR_YAML);
  const { config } = await loadConfig(file);
  await rm(folder, { recursive: true });
  if (!config) throw new Error("the pair's configuration is not valid");
  return { ...config, instances: config.instances.map((instance) => ({ ...instance, ...change })) };
}

export const PAIR_YAML = `vrrp_instance:
  VI_1:
    interface: eth0
    virtual_router_id: 51
    priority: 150
    unicast_src_ip: ${SELF}
    unicast_peer: [${PEER}]
    virtual_ipaddress: [${VIP}/24]
`;

/** Runs every check and returns what they found. */
export async function diagnose(
  plan: HostPlan,
  more: Partial<DoctorContext> = {},
): Promise<readonly CheckResult[]> {
  const context: DoctorContext = {
    configFile: CONFIG_FILE,
    config: await pairConfig(),
    problems: [],
    agent: undefined,
    host: fakeHost(plan),
    ...more,
  };
  return runChecks(CHECKS, context);
}

export function findingsIn(results: readonly CheckResult[]): readonly Finding[] {
  return results.flatMap((result) => (result.kind === "found" ? result.findings : []));
}

export function entry(address: IpAddress, prefixLength: number, interfaceIndex = 2): AddressEntry {
  return { address, prefixLength, interfaceIndex };
}

export function link(facts: Partial<Link>): Link {
  return { index: 2, name: "eth0", up: true, arp: true, hardwareAddress: new Uint8Array(6), ...facts };
}

export function ip(text: string): IpAddress {
  const address = parseIp(text);
  if (!address) throw new Error(`${text} is no address`);
  return address;
}

/** For instances that call a cloud. */
export const SOME_PROVIDER: NonNullable<InstanceConfig["provider"]> = {
  name: "exec",
  options: {},
  verifyInterval: millis(1000),
  consistencyWindow: millis(1000),
  rehearseInterval: millis(1000),
};

function throwIfGiven(error: Error | undefined): void {
  if (error) throw error;
}
