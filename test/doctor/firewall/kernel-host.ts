/**
 * A host whose packet filters are loaded at will, and its peer on the other end of a cable. The kernel's verdict on an advert
 * is whether a real packet of protocol 112 arrives.
 */
import { execFileSync } from "node:child_process";
import koffi from "koffi";
import { type IpAddress, ipToBytes, parseIp } from "../../../src/base/ip.ts";
import type { Fix } from "../../../src/doctor/finding.ts";
import {
  type FirewallListing,
  listFirewallRules,
  type RunCommand,
} from "../../../src/linux/firewall-rules.ts";
import {
  bindSocket,
  closeSocket,
  errnoName,
  IP_HDRINCL,
  IPPROTO_IP,
  interfaceIndex,
  openSocket,
  receive,
  SOCK_RAW,
  sendTo,
  setReceiveBuffer,
  setSocketOption,
} from "../../../src/linux/libc.ts";
import { AF_INET, AF_PACKET, internetAddress, linkLayerAddress } from "../../../src/linux/socket-address.ts";
import { TOOL_ENVIRONMENT } from "../../lab/process.ts";
import { waitFor } from "../../lab/wait-for.ts";
import { makePair, type Namespace, type Pair } from "../../linux/in-namespace.ts";
import { IPTABLES_CHAINS } from "./arbitrary-iptables.ts";

/** The filters of a host, each part in the language of its tool. */
export interface HostRules {
  /** Commands for nft, without the flush before them. */
  readonly nft: string;
  /** Input for iptables-nft-restore and iptables-legacy-restore; undefined leaves them out. */
  readonly iptablesNft: string | undefined;
  readonly iptablesLegacy: string | undefined;
}

export const HOST = address("10.9.0.2");
/** All of them are addresses of the other end. */
export const PEERS = ["10.9.0.1", "10.9.0.40", "10.9.7.1"].map(address);
export const INTERFACE = "vb";
export const ADVERT_TTL = 255;
/** A VRRPv3 advert with two addresses behind an IPv4 header without options. */
export const ADVERT_BYTES = 36;

const ETHERTYPE_ALL = 0x0003;
/** Local experimental use (IEEE 802): no filter of a host is about it. */
const ETHERTYPE_SENTINEL = 0x88b5;
const AF_NETLINK = 16;
const NETLINK_NETFILTER = 12;
const IP_PROTOCOL_OFFSET = 9;

export class KernelHost {
  readonly #pair: Pair;
  readonly #nft: Nft;
  readonly #host: Ends;
  readonly #peer: Ends;
  readonly #conntrack: number;
  #legacyLoaded = false;
  #sentinels = 0;

  private constructor(pair: Pair) {
    this.#pair = pair;
    this.#nft = pair.right.run(() => new Nft());
    this.#host = pair.right.run(() => new Ends(INTERFACE));
    this.#peer = pair.left.run(() => new Ends("va"));
    this.#conntrack = pair.right.run(() => openSocket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER));
  }

  static async open(): Promise<KernelHost> {
    pinToOneCpu();
    const pair = await makePair();
    for (const peer of PEERS.slice(1)) pair.left.ip(`addr add ${peer}/16 dev va`);
    pair.right.ip("route add 10.9.0.0/16 dev vb");
    const mac = macOf(pair.left, "va");
    // Resolving the neighbour would hold a packet back until its answer has passed the filters.
    for (const peer of PEERS) pair.right.ip(`neigh replace ${peer} lladdr ${mac} dev vb nud permanent`);
    pair.left.ip(`neigh replace ${HOST} lladdr ${macOf(pair.right, "vb")} dev va nud permanent`);
    return new KernelHost(pair);
  }

  /** Replaces all rules of the host. Throws, quoting the tool, when one of them refuses. */
  load(rules: HostRules): void {
    // nft looks the names of interfaces up when it is asked, so it must be inside.
    this.#pair.right.run(() => this.#nft.run(`flush ruleset\n${rules.nft}`));
    if (rules.iptablesNft !== undefined) this.tool("iptables-nft-restore", rules.iptablesNft);
    if (this.#legacyLoaded) this.tool("iptables-legacy-restore", NOTHING_IN_LEGACY);
    if (rules.iptablesLegacy !== undefined) this.tool("iptables-legacy-restore", rules.iptablesLegacy);
    this.#legacyLoaded = rules.iptablesLegacy !== undefined;
  }

  /** As doctor reads them; only what `rules` cannot have changed is left out, for speed. */
  listing(rules: HostRules): Promise<FirewallListing> {
    const run: RunCommand = async ([program = "", ...args]) => {
      if (program === "nft") return { ok: true, output: this.#pair.right.run(() => this.#nft.list(args)) };
      const asked = program === "iptables-legacy-save" || rules.iptablesNft !== undefined;
      return { ok: true, output: asked ? this.tool(program) : "" };
    };
    return listFirewallRules(run, async () => rules.iptablesLegacy !== undefined);
  }

  /** Which of the peers' adverts reach the host's socket, of a host that has sent nothing. */
  async arrivals(): Promise<readonly boolean[]> {
    this.#forgetConnections();
    return this.#heardFromPeers();
  }

  /** Which adverts of the host reach the peers, of a host that has heard nothing. */
  async departures(): Promise<readonly boolean[]> {
    this.#forgetConnections();
    return this.#heardFromHost();
  }

  /** As `arrivals`, after the host has sent an advert to each. */
  async arrivalsAsAnswers(): Promise<readonly boolean[]> {
    this.#forgetConnections();
    await this.#heardFromHost();
    return this.#heardFromPeers();
  }

  /** Runs the commands of a fix, as `doctor --fix` does. */
  carryOut({ commands }: Fix): void {
    for (const [program = "", ...args] of commands) {
      if (program === "nft") this.#pair.right.run(() => this.#nft.run(args.join(" ")));
      else this.tool(program, "", args);
    }
  }

  /** Runs a tool inside the host. */
  tool(command: string, input = "", args: readonly string[] = []): string {
    return this.#pair.right.run(() =>
      execFileSync(command, args, { input, encoding: "utf8", env: TOOL_ENVIRONMENT, stdio: "pipe" }),
    );
  }

  close(): void {
    closeSocket(this.#conntrack);
    this.#host.close();
    this.#peer.close();
    this.#nft.close();
    this.#pair.close();
  }

  async #heardFromPeers(): Promise<readonly boolean[]> {
    for (const peer of PEERS) this.#peer.send(peer, HOST);
    await this.#settled();
    const heard = this.#host.sourcesHeard();
    return PEERS.map((peer) => heard.has(peer));
  }

  async #heardFromHost(): Promise<readonly boolean[]> {
    for (const peer of PEERS) this.#host.send(HOST, peer);
    await this.#settled();
    const heard = this.#peer.destinationsHeard();
    return PEERS.map((peer) => heard.has(peer));
  }

  /**
   * Waits until the kernel is done with what was sent: one CPU takes the packets of all its links in the order of sending, so
   * when the sentinel is seen at the host's door, where no filter is yet, all packets before it, either way, are through.
   */
  async #settled(): Promise<void> {
    this.#sentinels += 1;
    const number = this.#sentinels;
    this.#peer.sendSentinel(number);
    await waitFor(() => this.#host.sawSentinel(number), { what: "the sentinel", pollMs: 1 });
  }

  /** IPCTNL_MSG_CT_DELETE without a tuple, for all entries; the kernel is done with it when the call returns. */
  #forgetConnections(): void {
    const message = new Uint8Array(20);
    const view = new DataView(message.buffer);
    view.setUint32(0, message.length, true);
    view.setUint16(4, (1 << 8) | 2, true);
    view.setUint16(6, 1, true);
    const kernel = new Uint8Array(12);
    kernel[0] = AF_NETLINK;
    const sent = sendTo(this.#conntrack, message, kernel);
    if (sent < 0) throw new Error(`flushing connections: ${errnoName(sent)}`);
    receive(this.#conntrack, new Uint8Array(4096));
  }
}

/** The sockets at one end of the cable. */
class Ends {
  readonly #raw: number;
  readonly #packet: number;
  readonly #interfaceIndex: number;
  readonly #buffer = new Uint8Array(2048);

  constructor(name: string) {
    this.#interfaceIndex = interfaceIndex(name) ?? 0;
    this.#raw = openSocket(AF_INET, SOCK_RAW, 112);
    setSocketOption(this.#raw, IPPROTO_IP, IP_HDRINCL, 1);
    this.#packet = openSocket(AF_PACKET, SOCK_RAW, bigEndian(ETHERTYPE_ALL));
    bindSocket(this.#packet, linkLayerAddress(this.#interfaceIndex, ETHERTYPE_ALL));
    setReceiveBuffer(this.#packet, 1 << 20);
  }

  /** A filter's drop on the way out is EPERM here, which is as good as silence. */
  send(source: IpAddress, destination: IpAddress): void {
    sendTo(this.#raw, advert(source, destination), internetAddress(destination));
  }

  sendSentinel(number: number): void {
    const frame = new Uint8Array(60);
    frame.fill(0xff, 0, 6);
    new DataView(frame.buffer).setUint16(12, ETHERTYPE_SENTINEL);
    new DataView(frame.buffer).setUint32(14, number);
    const sent = sendTo(this.#packet, frame, linkLayerAddress(this.#interfaceIndex, ETHERTYPE_SENTINEL));
    if (sent < 0) throw new Error(`the sentinel was not sent: ${errnoName(sent)}`);
  }

  sawSentinel(number: number): boolean {
    for (;;) {
      const size = receive(this.#packet, this.#buffer);
      if (size < 0) return false;
      const view = new DataView(this.#buffer.buffer);
      if (view.getUint16(12) === ETHERTYPE_SENTINEL && view.getUint32(14) === number) return true;
    }
  }

  sourcesHeard(): ReadonlySet<string> {
    return this.#addressesHeard(12);
  }

  destinationsHeard(): ReadonlySet<string> {
    return this.#addressesHeard(16);
  }

  close(): void {
    closeSocket(this.#raw);
    closeSocket(this.#packet);
  }

  #addressesHeard(offset: number): ReadonlySet<string> {
    const addresses = new Set<string>();
    while (receive(this.#raw, this.#buffer) > 0) {
      addresses.add(this.#buffer.subarray(offset, offset + 4).join("."));
    }
    return addresses;
  }
}

/** libnftables in this process: loading a ruleset takes under a millisecond, where a process takes ten. */
class Nft {
  readonly #context: unknown;
  readonly #library = koffi.load("libnftables.so.1");
  readonly #run = this.#library.func("int nft_run_cmd_from_buffer(void *, const char *)");
  readonly #setFlags = this.#library.func("void nft_ctx_output_set_flags(void *, uint32_t)");
  readonly #output = this.#library.func("const char *nft_ctx_get_output_buffer(void *)");
  readonly #errors = this.#library.func("const char *nft_ctx_get_error_buffer(void *)");

  constructor() {
    this.#context = this.#library.func("void *nft_ctx_new(uint32_t)")(0);
    this.#library.func("int nft_ctx_buffer_output(void *)")(this.#context);
    this.#library.func("int nft_ctx_buffer_error(void *)")(this.#context);
  }

  run(commands: string): string {
    if (this.#run(this.#context, commands) !== 0) throw new Error(this.#errors(this.#context));
    return this.#output(this.#context);
  }

  /** What `nft` prints when it is given these arguments. */
  list(args: readonly string[]): string {
    const flags = { "-a": 1 << 3, "-j": 1 << 4, "-n": 0xf << 7 };
    const given = Object.entries(flags).filter(([option]) => args.includes(option));
    this.#setFlags(
      this.#context,
      given.reduce((all, [, flag]) => all | flag, 0),
    );
    const printed = this.run(args.filter((arg) => !arg.startsWith("-")).join(" "));
    this.#setFlags(this.#context, 0);
    return printed;
  }

  close(): void {
    this.#library.func("void nft_ctx_free(void *)")(this.#context);
  }
}

/** Rules are replaced by none; a policy stays unless it is named. */
const NOTHING_IN_LEGACY = Object.entries(IPTABLES_CHAINS)
  .map(
    ([table, chains]) => `*${table}\n${chains.map((chain) => `:${chain} ACCEPT [0:0]\n`).join("")}COMMIT\n`,
  )
  .join("");

function advert(source: IpAddress, destination: IpAddress): Uint8Array {
  const packet = new Uint8Array(ADVERT_BYTES);
  packet.set([0x45, 0xc0, 0, ADVERT_BYTES, 0, 1, 0, 0, ADVERT_TTL]);
  packet[IP_PROTOCOL_OFFSET] = 112;
  packet.set(ipToBytes(source), 12);
  packet.set(ipToBytes(destination), 16);
  packet.set([0x31, 51, 100, 2, 0, 100], 20);
  return packet;
}

/** Packets of one CPU stay in order. */
function pinToOneCpu(): void {
  const libc = koffi.load(null);
  const cpu = libc.func("int sched_getcpu()")();
  const mask = new Uint8Array(128);
  mask[cpu >> 3] = 1 << (cpu & 7);
  libc.func("int sched_setaffinity(int, size_t, const void *)")(0, mask.length, mask);
}

function macOf(namespace: Namespace, link: string): string {
  return /link\/ether (\S+)/.exec(namespace.ip(`link show ${link}`))?.[1] ?? "";
}

function bigEndian(number: number): number {
  return ((number & 0xff) << 8) | (number >> 8);
}

function address(text: string): IpAddress {
  const parsed = parseIp(text);
  if (!parsed) throw new Error(`${text} is no address`);
  return parsed;
}
