import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DoctorOptions, doctor } from "../../../src/commands/doctor.ts";
import type { Finding } from "../../../src/doctor/finding.ts";
import { CapturedOutput } from "../../commands/captured-output.ts";
import { entry, fakeHost, type HostPlan, ip, link } from "../fake-host.ts";

/** A healthy server as doctor sees it, and what the configuration says about its cloud. */
export interface CloudServer {
  readonly address: string;
  readonly mac: string;
  readonly peers: readonly string[];
  readonly vips: readonly string[];
  /** The `provider` block. */
  readonly provider: Readonly<Record<string, unknown>> | undefined;
  readonly host?: HostPlan;
}

export interface Report {
  readonly verdict: string;
  readonly findings: readonly Finding[];
  readonly fine: readonly { readonly code: string; readonly note: string }[];
  readonly unseen: readonly { readonly code: string; readonly why: string }[];
  readonly exitCode: number;
}

/** Runs the command on that server, of which only the cloud is emulated; what it says of the cloud. */
export async function runDoctor(server: CloudServer, options: Partial<DoctorOptions> = {}): Promise<Report> {
  const { text, exitCode } = await writtenBy(server, { json: true, ...options });
  const report = JSON.parse(text) as Report;
  const ofCloud = <Entry extends { readonly code: string }>(entries: readonly Entry[]) =>
    entries.filter(({ code }) => !/^(host|wire)\//.test(code));
  const { findings, fine, unseen } = report;
  return { ...report, findings: ofCloud(findings), fine: ofCloud(fine), unseen: ofCloud(unseen), exitCode };
}

/** Lets doctor repair whatever it may, and tells what it wrote. */
export async function fixedBy(server: CloudServer, check?: readonly string[]): Promise<string> {
  return (await writtenBy(server, { fix: true, yes: true, check })).text;
}

/** The same for people. */
export async function writtenBy(
  server: CloudServer,
  options: Partial<DoctorOptions> = {},
): Promise<{ readonly text: string; readonly exitCode: number }> {
  const folder = await mkdtemp(join(tmpdir(), "cloudvip-doctor-"));
  const config = join(folder, "cloudvip.yaml");
  // JSON is YAML.
  await writeFile(config, JSON.stringify(configOf(server, folder)));
  const out = new CapturedOutput();
  try {
    const exitCode = await doctor({ config, out, openHost: () => hostOf(server), ...options });
    return { text: out.text.replaceAll(`${folder}/`, ""), exitCode };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The file of that server. */
export function configOf({ address, peers, vips, provider }: CloudServer, folder: string) {
  const instance = {
    interface: "eth0",
    virtual_router_id: 51,
    priority: 150,
    unicast_src_ip: address,
    unicast_peer: peers,
    virtual_ipaddress: vips.map((vip) => `${vip}/32`),
    provider,
  };
  // No agent of this machine is asked.
  return { global_defs: { control_socket: `${folder}/none.sock` }, vrrp_instance: { VI_1: instance } };
}

export function hostOf({ address, mac, host }: CloudServer) {
  const hardwareAddress = Uint8Array.from(mac.split(":"), (byte) => Number.parseInt(byte, 16));
  return fakeHost({
    links: [link({ index: 1, name: "lo", arp: false }), link({ index: 2, name: "eth0", hardwareAddress })],
    addresses: [entry(ip(address), 24)],
    files: { "/proc/sys/net/ipv4/ip_nonlocal_bind": "1\n" },
    ...host,
  });
}

/** The codes of what was found, each once. */
export function codesOf({ findings }: Report): readonly string[] {
  return [...new Set(findings.map(({ code }) => code))];
}
