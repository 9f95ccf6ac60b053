import { Client } from "./client.ts";
import { type Faults, type Loss, NO_FAULTS, nftScript } from "./faults.ts";
import { Host, type HostFacts } from "./host.ts";
import {
  labName,
  makeLabDirectory,
  removeDirectory,
  removeNamespace,
  removeOwnOnExit,
  sweepLeftovers,
} from "./leftovers.ts";
import { Observer } from "./observer.ts";
import { run } from "./process.ts";

/** Hosts get 10.77.0.1, 10.77.0.2, …; virtual addresses start at 10.77.1.1, in the same subnet. */
const PREFIX_LENGTH = 16;
const BRIDGE = "br0";

/**
 * A small network of its own: hosts as network namespaces, linked to one switch. Everything with packets runs in one of
 * these, touches nothing outside, and is gone after `close()`, or at the latest when the process exits.
 */
export class Lab {
  /** A directory for configuration files and sockets, removed with the lab. */
  readonly directory: string;
  readonly #number: number;
  readonly #switch: string;
  readonly #hosts: Host[] = [];
  readonly #observers: Observer[] = [];
  readonly #closers: (() => Promise<void>)[] = [];
  #faults: Faults = NO_FAULTS;
  #attached = 0;
  #closed = false;

  private constructor(number: number) {
    this.#number = number;
    this.#switch = labName(number, "switch");
    this.directory = makeLabDirectory(number);
  }

  static async create(): Promise<Lab> {
    if (created === 0) sweepLeftovers();
    removeOwnOnExit();
    created += 1;
    const lab = new Lab(created);
    await lab.#createSwitch();
    return lab;
  }

  get hosts(): readonly Host[] {
    return this.#hosts;
  }

  /** Adds a server to the network. Names are at most 15 characters: the switch calls its port by that name. */
  async host(name: string): Promise<Host> {
    const host = new Host(await this.#attach(name));
    this.#hosts.push(host);
    return host;
  }

  /** Adds a machine that uses the service and measures what it notices. */
  async client(name = "client"): Promise<Client> {
    const client = new Client(await this.#attach(name));
    this.#hosts.push(client);
    return client;
  }

  /** The virtual address number `index`, counted from 0, without prefix length. */
  vip(index = 0): string {
    return `10.77.${1 + Math.floor(index / 250)}.${1 + (index % 250)}`;
  }

  /** Watches who has addresses bound, on the hosts that exist now, and who advertises on the wire. */
  async observe(): Promise<Observer> {
    const observer = await Observer.start({
      hosts: this.#hosts,
      switchNamespace: this.#switch,
      bridge: BRIDGE,
    });
    this.#observers.push(observer);
    return observer;
  }

  /** The host is gone from the network, silently: no link goes down anywhere, as when a server in a cloud dies. */
  cut(...hosts: readonly Host[]): Promise<void> {
    return this.#apply({
      ...this.#faults,
      cut: new Set([...this.#faults.cut, ...hosts.map(({ name }) => name)]),
    });
  }

  /** No host of the one group hears any of the other. Clients and other hosts still reach both. */
  partition(left: readonly Host[], right: readonly Host[]): Promise<void> {
    const pairs = left.flatMap((a) => right.map((b) => [a.name, b.name] as const));
    return this.#apply({ ...this.#faults, partitions: [...this.#faults.partitions, ...pairs] });
  }

  /** Loses frames at random, in addition to the losses that exist. */
  lose(loss: Loss): Promise<void> {
    return this.#apply({ ...this.#faults, losses: [...this.#faults.losses, loss] });
  }

  /** Ends every cut, partition and loss, or only the cut of the given hosts. */
  heal(...hosts: readonly Host[]): Promise<void> {
    if (hosts.length === 0) return this.#apply(NO_FAULTS);
    const healed = new Set(hosts.map(({ name }) => name));
    const cut = new Set([...this.#faults.cut].filter((name) => !healed.has(name)));
    return this.#apply({ ...this.#faults, cut });
  }

  /** Pulls the cable: the host's interface stays up but loses its carrier. */
  async unplug(host: Host): Promise<void> {
    await run(["ip", "-n", this.#switch, "link", "set", "dev", host.name, "down"]);
  }

  async plug(host: Host): Promise<void> {
    await run(["ip", "-n", this.#switch, "link", "set", "dev", host.name, "up"]);
  }

  /** Something that this process runs for the lab is to end with it. */
  beforeClose(close: () => Promise<void>): void {
    this.#closers.push(close);
  }

  /** What happened here, for the person who reads why a test failed. */
  report(): string {
    return this.#observers.map((observer) => observer.describe()).join("\n");
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.all(this.#observers.map((observer) => observer.stop()));
    await Promise.all(this.#hosts.map((host) => host.killAll()));
    await Promise.all(this.#closers.map((close) => close()));
    for (const { namespace } of this.#hosts) removeNamespace(namespace);
    removeNamespace(this.#switch);
    removeDirectory(this.directory);
  }

  async #createSwitch(): Promise<void> {
    await createNamespace(this.#switch);
    // No spanning tree and no snooping: a port that comes up forwards at once, as a cloud's network does.
    await ipBatch(this.#switch, [
      `link add name ${BRIDGE} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
      `link set dev ${BRIDGE} up`,
    ]);
  }

  async #attach(name: string): Promise<HostFacts> {
    const namespace = labName(this.#number, name);
    this.#attached += 1;
    const number = this.#attached;
    const mac = `02:00:00:77:00:${number.toString(16).padStart(2, "0")}`;
    const address = `10.77.0.${number}`;
    await createNamespace(namespace);
    await ipBatch(this.#switch, [
      `link add name ${name} type veth peer name eth0 address ${mac} netns ${namespace}`,
      `link set dev ${name} master ${BRIDGE} up`,
    ]);
    await ipBatch(namespace, [
      "link set dev lo up",
      "link set dev eth0 up",
      `address add ${address}/${PREFIX_LENGTH} dev eth0`,
    ]);
    return { name, namespace, address, mac };
  }

  async #apply(faults: Faults): Promise<void> {
    this.#faults = faults;
    await run(["ip", "netns", "exec", this.#switch, "nft", "-f", "-"], nftScript(faults));
  }
}

let created = 0;

async function createNamespace(name: string): Promise<void> {
  await run(["ip", "netns", "add", name]);
  // IPv6's own traffic would only blur captures of a lab that speaks IPv4.
  await run(["ip", "netns", "exec", name, "sysctl", "-qwe", "net.ipv6.conf.all.disable_ipv6=1"]);
}

async function ipBatch(namespace: string, lines: readonly string[]): Promise<void> {
  await run(["ip", "-n", namespace, "-batch", "-"], `${lines.join("\n")}\n`);
}
