import { Cloudvip, type CloudvipOptions } from "./cloudvip.ts";
import type { Host } from "./host.ts";
import type { Lab } from "./lab.ts";
import { waitFor } from "./wait-for.ts";

/** The `provider` block of a configuration. */
export type ProviderBlock = Readonly<Record<string, unknown>> & { readonly name: string };

/** What a file says of one instance, in the words of the YAML form. */
export interface CloudInstance {
  readonly priority: number;
  readonly peers: readonly string[];
  readonly vips: readonly string[];
  readonly provider?: ProviderBlock | undefined;
  /** Seconds. */
  readonly advertInt: number;
  /** Further options. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** One line of an agent's log. */
export interface LogLine {
  readonly event: string;
  readonly msg: string;
  readonly [fact: string]: unknown;
}

/** A host whose agent has a cloud. */
export class CloudNode {
  readonly host: Host;
  readonly #lab: Lab;
  readonly #instance: CloudInstance;
  readonly #environment: NodeJS.ProcessEnv;
  #agent: Cloudvip | undefined;

  constructor(facts: {
    readonly lab: Lab;
    readonly host: Host;
    readonly instance: CloudInstance;
    readonly environment?: NodeJS.ProcessEnv;
  }) {
    this.#lab = facts.lab;
    this.host = facts.host;
    this.#instance = facts.instance;
    this.#environment = facts.environment ?? {};
  }

  get agent(): Cloudvip {
    if (!this.#agent) throw new Error(`nothing was started on ${this.host.name} yet`);
    return this.#agent;
  }

  /** Starts an agent, with other settings or further arguments of `run` where some are given. */
  start(
    other: { readonly instance?: Partial<CloudInstance> } & Pick<CloudvipOptions, "args" | "node"> = {},
  ): Cloudvip {
    const { instance, ...how } = other;
    const options = { format: "yaml", environment: this.#environment, ...how } as const;
    this.#agent = Cloudvip.start(this.#lab, this.host, this.conf(instance), options);
    return this.#agent;
  }

  /** The node's `provider` block, with some options changed. */
  provider(changed: Readonly<Record<string, unknown>>): ProviderBlock {
    const { provider } = this.#instance;
    if (!provider) throw new Error(`${this.host.name} has no provider`);
    return { ...provider, ...changed };
  }

  /** The configuration, with other settings where some are given. JSON is YAML. */
  conf(changed: Partial<CloudInstance> = {}): string {
    const { priority, peers, vips, provider, advertInt, extra } = { ...this.#instance, ...changed };
    const V1 = {
      interface: this.host.interfaceName,
      virtual_router_id: 51,
      priority,
      advert_int: advertInt,
      unicast_src_ip: this.host.address,
      unicast_peer: peers,
      virtual_ipaddress: vips,
      ...(provider && { provider }),
      ...extra,
    };
    return JSON.stringify({ global_defs: { router_id: this.host.name }, vrrp_instance: { V1 } });
  }

  /** The log, oldest line first. */
  logged(): readonly LogLine[] {
    const whole = this.agent.log().split("\n").slice(0, -1);
    return whole.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as LogLine);
  }

  /** The lines of one kind, from the given position in the log on. */
  events(event: string, from = 0): readonly LogLine[] {
    return this.logged()
      .slice(from)
      .filter((line) => line.event === event);
  }

  /** Waits for a line of one kind, and gives the first. */
  async waitForEvent(event: string, from = 0, deadlineMs?: number): Promise<LogLine> {
    return await waitFor(() => this.events(event, from)[0], {
      what: `cloudvip on ${this.host.name} to log ${event}`,
      seen: () => this.agent.log().slice(-3000),
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
    });
  }
}
