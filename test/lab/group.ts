import { Cloudvip, type CloudvipOptions } from "./cloudvip.ts";
import type { Daemon } from "./daemon.ts";
import type { Host } from "./host.ts";
import { Keepalived } from "./keepalived.ts";
import type { Lab } from "./lab.ts";
import type { Observer } from "./observer.ts";
import { type GroupSettings, memberInstance, type VrrpInstance, vrrpConf } from "./vrrp-conf.ts";
import { waitFor } from "./wait-for.ts";

export type Program = Daemon["program"];

export interface GroupOptions extends GroupSettings {
  /** By node; cloudvip for those that are not named. */
  readonly programs?: readonly Program[];
  /** Falling, so that the first node is the MASTER; their number is the number of nodes. */
  readonly priorities?: readonly number[];
  readonly cloudvip?: CloudvipOptions;
  /** Added to each line of `unicast_peer`, such as `min_ttl 255`. */
  readonly peerOptions?: string;
  /** Further lines for `global_defs`. */
  readonly globals?: readonly string[];
}

/** A host of a group, and the program that runs there now or ran there last. */
export class Node {
  readonly host: Host;
  /** Its part of the group's configuration, with other settings where some are given. */
  readonly conf: (changed?: Partial<VrrpInstance>) => string;
  readonly #start: (conf: string) => Daemon;
  #daemon: Daemon | undefined;

  constructor(facts: { host: Host; conf: Node["conf"]; start: (conf: string) => Daemon }) {
    this.host = facts.host;
    this.conf = facts.conf;
    this.#start = facts.start;
  }

  get daemon(): Daemon {
    if (!this.#daemon) throw new Error(`nothing was started on ${this.host.name} yet`);
    return this.#daemon;
  }

  /** The daemon as what it is, to ask for more than both programs can tell. */
  get cloudvip(): Cloudvip {
    if (!(this.daemon instanceof Cloudvip)) throw new Error(`${this.host.name} does not run cloudvip`);
    return this.daemon;
  }

  start(conf = this.conf()): Daemon {
    this.#daemon = this.#start(conf);
    return this.#daemon;
  }
}

export interface Group {
  readonly nodes: readonly Node[];
  readonly observer: Observer;
}

const NAMES = ["a", "b", "c"] as const;
const PRIORITIES = [150, 100];

/** Starts the nodes of a group: the first is MASTER before the others begin to listen, so that nothing needs to settle. */
export async function startGroup(lab: Lab, options: GroupOptions): Promise<Group> {
  const { programs = [], priorities = PRIORITIES, cloudvip, globals, peerOptions, ...settings } = options;
  const hosts = await Promise.all(NAMES.slice(0, priorities.length).map((name) => lab.host(name)));
  const members = hosts.map((host, index) => ({ host, priority: priorities[index] ?? 100 }));
  const nodes = hosts.map((host, index) => {
    const instance = memberInstance(host, members, settings);
    const peers = instance.peers.map((peer) => (peerOptions ? `${peer} ${peerOptions}` : peer));
    const conf: Node["conf"] = (changed) => vrrpConf([{ ...instance, peers, ...changed }], globals);
    const start = (text: string) =>
      programs[index] === "keepalived"
        ? Keepalived.start(lab, host, text)
        : Cloudvip.start(lab, host, text, cloudvip);
    return new Node({ host, conf, start });
  });
  const observer = await lab.observe();
  const [first, ...others] = nodes;
  if (!first) throw new Error("a group has nodes");
  first.start();
  for (const vip of settings.vips) await observer.waitForHolder(addressOf(vip), first.host);
  for (const other of others) other.start();
  await Promise.all(others.map((other) => other.daemon.waitForState("BACKUP")));
  return { nodes, observer };
}

/** A line of `virtual_ipaddress` may say more. */
function addressOf(line: string): string {
  return line.split(/[\s/]/)[0] ?? "";
}

export interface Pair {
  /** The MASTER. */
  readonly a: Node;
  /** The BACKUP. */
  readonly b: Node;
  readonly observer: Observer;
}

export async function startPair(lab: Lab, options: GroupOptions): Promise<Pair> {
  const { nodes, observer } = await startGroup(lab, options);
  const [a, b] = nodes;
  if (!a || !b) throw new Error("a pair has two nodes");
  return { a, b, observer };
}

/** Waits until the program has printed `text`, once or several times; it does so in its own time. */
export async function waitForLog(
  { daemon, host }: Node,
  text: string,
  { times = 1 }: { readonly times?: number } = {},
): Promise<void> {
  await waitFor(() => daemon.log().split(text).length > times, {
    what: `${daemon.program} on ${host.name} to log ${text}`,
    seen: () => daemon.log().slice(-3000),
  });
}
