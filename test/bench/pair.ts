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
  /** Each instance has a VRID and one VIP of its own; at most 255. */
  readonly instances?: number;
}

/** Two hosts that run the same program, `a` being the MASTER of all instances, and a client. */
export class Pair {
  readonly lab: Lab;
  readonly a: Host;
  readonly b: Host;
  readonly client: Client;
  readonly observer: Observer;
  readonly #program: ProgramName;
  readonly #settings: PairSettings;

  private constructor(facts: Pick<Pair, "lab" | "a" | "b" | "client" | "observer">, choice: Choice) {
    this.lab = facts.lab;
    this.a = facts.a;
    this.b = facts.b;
    this.client = facts.client;
    this.observer = facts.observer;
    this.#program = choice.program;
    this.#settings = choice.settings;
  }

  /** The network with both hosts; no program runs yet. Removed after `use`, whatever happened. */
  static with<T>(choice: Choice, use: (pair: Pair) => Promise<T>): Promise<T> {
    return withLab(async (lab) => {
      const [a, b, client] = await Promise.all([lab.host("a"), lab.host("b"), lab.client()]);
      const observer = await lab.observe();
      return await use(new Pair({ lab, a, b, client, observer }, choice));
    });
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
    await onB.waitForState("BACKUP");
    return { onA, onB };
  }

  async allBoundTo(host: Host): Promise<void> {
    const count = this.#settings.instances ?? 1;
    await waitFor(async () => (await host.boundAddresses()).length > count, {
      what: `${count} VIPs on ${host.name}`,
      deadlineMs: 30_000,
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
    const count = this.#settings.instances ?? 1;
    const instances = Array.from({ length: count }, (_, index): VrrpInstance => {
      const settings = { advertInt: this.advertMs / 1000, vips: [this.lab.vip(index)], vrid: index + 1 };
      return { ...memberInstance(host, members, settings), name: `V${index + 1}` };
    });
    return vrrpConf(instances);
  }
}

export interface Choice {
  readonly program: ProgramName;
  readonly settings: PairSettings;
}
