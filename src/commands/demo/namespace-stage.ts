import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { stringify } from "yaml";
import { OperatorError } from "../../base/errors.ts";
import { type Millis, millis } from "../../base/units.ts";
import { askStatus } from "../../status/client.ts";
import type { InstanceSnapshot } from "../../status/snapshot.ts";
import { agentDocument } from "./agent-config.ts";
import { factOf } from "./agent-log.ts";
import { Child } from "./child.ts";
import { parseAnswer } from "./client.ts";
import { EmulatedCloud, emulatedCloudFile, macOf } from "./emulated-cloud.ts";
import {
  CLIENT_ADDRESS,
  CLOUD_ADDRESS,
  type Fact,
  NODE_NAMES,
  NODES,
  type NodeName,
  VIRTUAL_ADDRESS,
} from "./facts.ts";
import { InOrder } from "./in-order.ts";
import { Namespaces } from "./namespaces.ts";
import type { Stage, StageOptions } from "./stage.ts";

/** How often the demo looks whether what it waits for has come. Times are the agents' and the client's own, not the demo's. */
const LOOK_MS = 10;
const ASK_MS = 250;
/** The program that this process was started from. */
const CLI = process.argv[1] ?? "";

/** The demo on real packets: two agents, a client and, where it was built, a cloud, each in a network namespace. */
export class NamespaceStage implements Stage {
  readonly #options: StageOptions;
  readonly #namespaces: Namespaces;
  readonly #startedAt = Date.now();
  readonly #agents = new Map<NodeName, Child>();
  readonly #questions = new AbortController();
  readonly #facts: InOrder;
  readonly #children: Child[] = [];
  readonly cloud: EmulatedCloud | undefined;
  /** One after the other: the last one counts. */
  #steering: Promise<void> = Promise.resolve();
  #failure: Error | undefined;

  private constructor(namespaces: Namespaces, options: StageOptions) {
    this.#namespaces = namespaces;
    this.#options = options;
    this.#facts = new InOrder({ now: () => this.now(), tell: options.onFact });
    const file = emulatedCloudFile();
    this.cloud = file === undefined ? undefined : this.#startCloud(file);
  }

  static async open(options: StageOptions): Promise<NamespaceStage> {
    const namespaces = await Namespaces.create();
    try {
      for (const name of NODE_NAMES) await namespaces.attach(name, NODES[name].address, macOf(name));
      await namespaces.attach("client", CLIENT_ADDRESS);
      await namespaces.attach("cloud", CLOUD_ADDRESS);
    } catch (error) {
      namespaces.remove();
      throw error;
    }
    return new NamespaceStage(namespaces, options);
  }

  now(): Millis {
    return millis(Date.now() - this.#startedAt);
  }

  async start(node: NodeName): Promise<void> {
    const { advertInterval } = this.#options;
    const file = join(this.#namespaces.directory, `${node}.yaml`);
    const socket = `${file}.sock`;
    await writeFile(file, stringify(agentDocument(node, advertInterval, this.cloud?.endpointsFor(node))));
    const agent = this.#spawn(
      node,
      node,
      [CLI, "run", "--config", file, "--control-socket", socket],
      (line) => {
        const fact = factOf(line, node, this.#startedAt);
        if (fact) this.#facts.add(fact);
      },
    );
    this.#agents.set(node, agent);
    void this.#ask(node, socket);
  }

  async startClient(): Promise<void> {
    const command = [CLI, "demo-client", VIRTUAL_ADDRESS, String(this.#options.pingInterval)];
    this.#spawn("the client", "client", command, (line) => {
      const { sequence, atEpoch } = parseAnswer(line);
      this.#facts.add({ kind: "answered", sequence, at: millis(atEpoch - this.#startedAt) });
    });
  }

  async cut(node: NodeName): Promise<Millis> {
    await this.#namespaces.cut(node);
    return this.now();
  }

  async heal(node: NodeName): Promise<Millis> {
    await this.#namespaces.heal(node);
    return this.now();
  }

  async stop(node: NodeName): Promise<Millis> {
    const at = this.now();
    this.#agents.get(node)?.stop();
    return at;
  }

  async pass(atMost: Millis, condition: () => boolean): Promise<boolean> {
    const end = this.now() + atMost;
    while (!condition()) {
      if (this.now() >= end) return false;
      if (this.#failure) throw this.#failure;
      await wait(LOOK_MS, undefined, { signal: this.#options.signal });
    }
    return true;
  }

  async close(): Promise<void> {
    this.#questions.abort();
    this.#facts.close();
    // Nobody is left to hand over to, and what they did to their machines goes with these.
    for (const child of this.#children) child.kill();
    await Promise.all([this.#steering, ...this.#children.map((child) => child.ended())]);
    this.#namespaces.remove();
  }

  #startCloud(file: string): EmulatedCloud {
    return new EmulatedCloud(file, {
      start: (command, onLine) => this.#spawn("the emulated cloud", "cloud", command, onLine),
      onOwner: (owner, atEpoch) => {
        const steer = () => this.#namespaces.steer("client", VIRTUAL_ADDRESS, macOf(owner));
        this.#steering = this.#steering.then(steer).catch(this.#onFailure);
        this.#facts.add({ kind: "owner", owner, at: millis(atEpoch - this.#startedAt) });
      },
    });
  }

  readonly #onFailure = (error: Error): void => {
    this.#failure = error;
  };

  #spawn(name: string, machine: string, args: readonly string[], onLine: (line: string) => void): Child {
    const command = [...this.#namespaces.on(machine), process.execPath, ...args];
    const child = new Child(name, command, { onLine, onFailure: this.#onFailure });
    this.#children.push(child);
    return child;
  }

  /** Keeps asking an agent how it is. */
  async #ask(node: NodeName, path: string): Promise<void> {
    const { signal } = this.#questions;
    while (!signal.aborted) {
      try {
        const [instance] = (await askStatus({ path })).instances;
        if (instance) this.#options.onFact(reading(node, instance));
      } catch (error) {
        // It does not listen yet, or not any more.
        if (!(error instanceof OperatorError)) throw error;
      }
      await wait(ASK_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

function reading(node: NodeName, instance: InstanceSnapshot): Fact {
  const { state, virtualAddresses, counters } = instance;
  return {
    kind: "reading",
    node,
    state,
    bound: virtualAddresses.every(({ bound }) => bound),
    advertsSent: counters.advertsSent,
    advertsHeard: counters.advertsReceived,
  };
}
