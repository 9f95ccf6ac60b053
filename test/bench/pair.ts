import type { Client } from "../lab/client.ts";
import type { Daemon } from "../lab/daemon.ts";
import type { Host } from "../lab/host.ts";
import type { Lab } from "../lab/lab.ts";
import type { Observer } from "../lab/observer.ts";
import { memberInstance, type VrrpInstance, vrrpConf } from "../lab/vrrp-conf.ts";
import { waitFor } from "../lab/wait-for.ts";
import { type ProgramName, startProgram } from "./programs.ts";
import { withLab } from "./with-lab.ts";

export interface PairSettings {
  readonly advertMs: number;
  /** Each has one VIP of its own. 250 share a source address, for there are 255 VRIDs to one. */
  readonly instances?: number;
  /** `nothing` where thousands of adverts a second would keep the onlooker as busy as the programs. Default: `everything`. */
  readonly observe?: "everything" | "nothing";
}

const INSTANCES_PER_SOURCE = 250;
const PREFIX_LENGTH = 16;

/** Two hosts that run the same program, `a` being the MASTER of all instances, and a client. */
export class Pair {
  readonly lab: Lab;
  readonly a: Host;
  readonly b: Host;
  readonly client: Client;
  readonly #observer: Observer | undefined;
  readonly #program: ProgramName;
  readonly #settings: PairSettings;

  private constructor(facts: Facts, choice: Choice) {
    this.lab = facts.lab;
    this.a = facts.a;
    this.b = facts.b;
    this.client = facts.client;
    this.#observer = facts.observer;
    this.#program = choice.program;
    this.#settings = choice.settings;
  }

  /** The network with both hosts; no program runs yet. Removed after `use`, whatever happened. */
  static with<T>(choice: Choice, use: (pair: Pair) => Promise<T>): Promise<T> {
    return withLab(async (lab) => await use(await Pair.in(lab, choice)));
  }

  static async in(lab: Lab, choice: Choice): Promise<Pair> {
    const [a, b, client] = await Promise.all([lab.host("a"), lab.host("b"), lab.client()]);
    const observer = choice.settings.observe === "nothing" ? undefined : await lab.observe();
    const pair = new Pair({ lab, a, b, client, observer }, choice);
    await pair.#addSources();
    return pair;
  }

  get observer(): Observer {
    if (!this.#observer) throw new Error("this pair is not observed");
    return this.#observer;
  }

  get instances(): number {
    return this.#settings.instances ?? 1;
  }

  get vip(): string {
    return this.lab.vip(0);
  }

  get advertMs(): number {
    return this.#settings.advertMs;
  }

  /** Starts the program on `host`. `node` is another Node executable to run cloudvip with. */
  start(host: Host, node?: string): Daemon {
    const facts = { lab: this.lab, host, conf: this.#confFor(host) };
    return startProgram(this.#program, facts, node === undefined ? {} : { node });
  }

  /** Starts `a`, and `b` when `a` is MASTER of everything. */
  async startBoth(): Promise<{ readonly onA: Daemon; readonly onB: Daemon }> {
    const onA = this.start(this.a);
    await this.allBoundTo(this.a);
    const onB = this.start(this.b);
    await onB.waitForState("BACKUP", { instance: `V${this.instances}` });
    return { onA, onB };
  }

  async allBoundTo(host: Host): Promise<void> {
    const count = this.instances;
    await waitFor(async () => (await host.boundAddresses()).length >= this.#sourceCount + count, {
      what: `${count} VIPs on ${host.name}`,
      deadlineMs: 150_000,
      pollMs: 50,
    });
  }

  /** `a` alone holds the VIP again, and the client knows it. */
  async settled(): Promise<void> {
    await this.observer.waitForHolder(this.vip, this.a);
    // A keepalived that stayed MASTER through a partition announces nothing when it ends, and the client would go on
    // talking to the other host for seconds.
    await this.client.ip("neighbour", "flush", "dev", this.client.interfaceName);
  }

  /** Resolves right after an advert of `a` was seen. */
  async nextAdvert(): Promise<void> {
    const before = this.observer.advertsOf(this.a).length;
    await waitFor(() => this.observer.advertsOf(this.a).length > before, {
      what: "an advert of a",
      pollMs: 1,
    });
  }

  #confFor(host: Host): string {
    const members = [
      { host: this.a, priority: 150 },
      { host: this.b, priority: 100 },
    ];
    const instances = Array.from({ length: this.instances }, (_, index): VrrpInstance => {
      const group = Math.floor(index / INSTANCES_PER_SOURCE);
      const settings = {
        advertInt: this.advertMs / 1000,
        vips: [this.lab.vip(index)],
        vrid: (index % INSTANCES_PER_SOURCE) + 1,
      };
      const member = memberInstance(host, members, settings);
      const peers = member.peers.map((peer) => sourceOf(peer, group));
      return { ...member, name: `V${index + 1}`, source: sourceOf(member.source, group), peers };
    });
    return vrrpConf(instances);
  }

  get #sourceCount(): number {
    return Math.ceil(this.instances / INSTANCES_PER_SOURCE);
  }

  async #addSources(): Promise<void> {
    for (let group = 1; group < this.#sourceCount; group++) {
      for (const host of [this.a, this.b]) {
        await host.addAddress(`${sourceOf(host.address, group)}/${PREFIX_LENGTH}`);
      }
    }
  }
}

/** The source address of a group of instances: in the lab's network, apart from its hosts and its VIPs. */
function sourceOf(hostAddress: string, group: number): string {
  return group === 0 ? hostAddress : hostAddress.replace(/^10\.77\.0\./, `10.77.${200 + group}.`);
}

interface Facts {
  readonly lab: Lab;
  readonly a: Host;
  readonly b: Host;
  readonly client: Client;
  readonly observer: Observer | undefined;
}

export interface Choice {
  readonly program: ProgramName;
  readonly settings: PairSettings;
}
