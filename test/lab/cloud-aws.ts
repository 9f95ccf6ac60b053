import type { AwsCloud } from "../cloud/aws/cloud.ts";
import { type AwsEmulator, type AwsEmulatorOptions, startAwsEmulator } from "../cloud/aws/emulator.ts";
import { createWorld, type NodeIds, nodeIds, type WorldSpec } from "../cloud/aws/world.ts";
import type { JournalEntry, JournalFilter } from "../cloud/base/journal.ts";
import { type CloudInstance, CloudNode } from "./cloud-node.ts";
import type { Host } from "./host.ts";
import type { Lab } from "./lab.ts";
import { listenOn } from "./listen.ts";
import type { Observer } from "./observer.ts";
import { waitFor } from "./wait-for.ts";

export interface AwsGroupOptions {
  readonly vips?: readonly string[];
  /** Options of the provider, beside those that lead to the emulator. */
  readonly provider?: Readonly<Record<string, unknown>>;
  readonly instance?: Partial<CloudInstance>;
  readonly emulator?: Omit<AwsEmulatorOptions, "world" | "host" | "openSocket">;
  readonly environment?: NodeJS.ProcessEnv;
}

/** Quick, so that a test need not wait long; the deadlines are such that a busy machine does not miss them. */
const QUICK = { verify_interval: 0.5, consistency_window: 0.2, rehearse_interval: 1, request_timeout: 2 };

/** A host of the lab's emulated region. */
export class AwsNode extends CloudNode {
  readonly ids: NodeIds;

  constructor(facts: ConstructorParameters<typeof CloudNode>[0] & { readonly ids: NodeIds }) {
    super(facts);
    this.ids = facts.ids;
  }
}

/** Two hosts that are instances of an emulated region; the API and the metadata are on a third host, as real packets. */
export class AwsPair {
  /** The MASTER. */
  readonly a: AwsNode;
  readonly b: AwsNode;
  readonly api: Host;
  readonly observer: Observer;
  readonly emulator: AwsEmulator;
  readonly vips: readonly string[];

  private constructor(facts: Pick<AwsPair, "a" | "b" | "api" | "observer" | "emulator" | "vips">) {
    this.a = facts.a;
    this.b = facts.b;
    this.api = facts.api;
    this.observer = facts.observer;
    this.emulator = facts.emulator;
    this.vips = facts.vips;
  }

  /** Makes the hosts and the region; no agent runs yet. */
  static async prepare(lab: Lab, options: AwsGroupOptions = {}): Promise<AwsPair> {
    const [hostA, hostB] = await Promise.all([lab.host("a"), lab.host("b")]);
    const api = await lab.host("api");
    const spec = worldOf([hostA, hostB]);
    const emulator = await startAwsEmulator({
      ...options.emulator,
      world: createWorld(spec),
      host: api.address,
      openSocket: () => listenOn(api),
    });
    lab.beforeClose(() => emulator.close());
    const vips = options.vips ?? [lab.vip()];
    const node = (host: Host, peer: Host, number: number, priority: number) => {
      const ids = nodeIds(number, spec);
      const provider = {
        ...{ name: "aws", mechanism: "secondary-ip", ...QUICK },
        ...{ endpoint: emulator.endpoint, metadata_endpoint: emulator.metadataEndpoint(ids.instanceId) },
        ...options.provider,
      };
      const instance = {
        priority,
        peers: [peer.address],
        vips,
        provider,
        advertInt: 0.1,
        ...options.instance,
      };
      return new AwsNode({ lab, host, instance, ids, environment: options.environment ?? {} });
    };
    const [a, b] = [node(hostA, hostB, 1, 150), node(hostB, hostA, 2, 100)];
    return new AwsPair({ a, b, api, emulator, vips, observer: await lab.observe() });
  }

  /** Starts `a`, and `b` when the addresses are at `a`; `b` has found that it could take over. */
  static async start(lab: Lab, options: AwsGroupOptions = {}): Promise<AwsPair> {
    const pair = await AwsPair.prepare(lab, options);
    pair.a.start();
    await pair.a.waitForEvent("cloud-verified");
    await pair.startB();
    return pair;
  }

  async startB(): Promise<void> {
    this.b.start();
    await this.b.waitForEvent("cloud-ready");
    await this.b.agent.waitForState("BACKUP");
  }

  get cloud(): AwsCloud {
    return this.emulator.cloud;
  }

  get vip(): string {
    return this.vips[0] ?? "";
  }

  /** The name of the host whose interface has the first VIP in the cloud. */
  owner(): string | undefined {
    const { interfaces } = this.cloud.state.current;
    return [this.a, this.b].find(({ ids }) => interfaces[ids.interfaceId]?.addresses.includes(this.vip))?.host
      .name;
  }

  /** Waits until `node` alone has the first VIP, in the cloud and bound. */
  async waitForOwner(node: AwsNode): Promise<void> {
    await this.observer.waitFor(
      () => this.owner() === node.host.name && this.observer.holders(this.vip).join() === node.host.name,
      { what: `${node.host.name} alone to have ${this.vip}`, deadlineMs: 30_000 },
    );
  }

  /** Waits until only one node has the first VIP bound, the one that has it in the cloud; gives the other. */
  async waitForLoser(): Promise<AwsNode> {
    const settled = () => this.observer.holders(this.vip).join() === this.owner();
    await this.observer.waitFor(settled, { what: "one of the two to give up", deadlineMs: 30_000 });
    return this.owner() === this.a.host.name ? this.b : this.a;
  }

  /** The claims that arrived, by whom, in order. What a rehearsal asks to learn of its permission is none. */
  claims(node?: AwsNode): readonly JournalEntry[] {
    return this.cloud.journal
      .entries({ action: "AssignPrivateIpAddresses" })
      .filter(({ params }) => params["AllowReassignment"] === "true")
      .filter(({ who }) => node === undefined || who === node.ids.instanceId);
  }

  /** Waits until so many calls of one node have arrived from now on. */
  async waitForCalls(node: AwsNode, count: number): Promise<void> {
    await this.#waitForMore(node, {}, count);
  }

  /** Waits until a call of the node succeeds. */
  async waitForAnswer(node: AwsNode): Promise<void> {
    await this.#waitForMore(node, { outcome: "ok" }, 1);
  }

  async #waitForMore(node: AwsNode, filter: JournalFilter, count: number): Promise<void> {
    const who = node.ids.instanceId;
    const calls = () => this.cloud.journal.entries({ surface: "api", who, ...filter }).length;
    const before = calls();
    await waitFor(() => calls() >= before + count, {
      what: `${count} calls of ${node.host.name}`,
      deadlineMs: 30_000,
      seen: () => node.agent.log().slice(-2000),
    });
  }
}

/** The lab's network as a VPC, with the hosts as instances in one subnet. */
function worldOf(hosts: readonly Host[]): WorldSpec {
  return {
    vpcCidr: "10.77.0.0/16",
    subnetCidrs: { a: "10.77.0.0/17", b: "10.77.128.0/17" },
    nodes: hosts.map(({ address, mac }) => ({ subnet: "a", address, mac })),
  };
}
