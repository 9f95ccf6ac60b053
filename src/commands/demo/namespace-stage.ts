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
import { CLIENT_ADDRESS, type Fact, NODE_NAMES, NODES, type NodeName, VIRTUAL_ADDRESS } from "./facts.ts";
import { InOrder } from "./in-order.ts";
import { Namespaces } from "./namespaces.ts";
import type { Stage, StageOptions } from "./stage.ts";

/** How often the demo looks whether what it waits for has come. Times are the agents' and the client's own, not the demo's. */
const LOOK_MS = 10;
const ASK_MS = 250;
/** An agent stops within a second. */
const STOP_MS = 1_500;

/** The command line that this process was started from. */
const SELF = [process.execPath, process.argv[1] ?? ""];

/** The demo on real packets: two agents and a client, each in a network namespace. */
export class NamespaceStage implements Stage {
  readonly #options: StageOptions;
  readonly #namespaces: Namespaces;
  readonly #startedAt = Date.now();
  readonly #agents = new Map<NodeName, Child>();
  readonly #questions = new AbortController();
  readonly #facts: InOrder;
  #client: Child | undefined;
  #failure: Error | undefined;

  private constructor(namespaces: Namespaces, options: StageOptions) {
    this.#namespaces = namespaces;
    this.#options = options;
    this.#facts = new InOrder({ now: () => this.now(), tell: options.onFact });
  }

  static async open(options: StageOptions): Promise<NamespaceStage> {
    const namespaces = await Namespaces.create();
    try {
      for (const name of NODE_NAMES) await namespaces.attach(name, NODES[name].address);
      await namespaces.attach("client", CLIENT_ADDRESS);
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
    await writeFile(file, stringify(agentDocument(node, advertInterval)));
    const agent = this.#spawn(node, node, ["run", "--config", file, "--control-socket", socket], (line) => {
      const fact = factOf(line, node, this.#startedAt);
      if (fact) this.#facts.add(fact);
    });
    this.#agents.set(node, agent);
    void this.#ask(node, socket);
  }

  async startClient(): Promise<void> {
    const command = ["demo-client", VIRTUAL_ADDRESS, String(this.#options.pingInterval)];
    this.#client = this.#spawn("the client", "client", command, (line) => {
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
    const children = [...this.#agents.values(), ...(this.#client ? [this.#client] : [])];
    for (const child of children) child.stop();
    await Promise.race([Promise.all(children.map((child) => child.ended())), wait(STOP_MS)]);
    this.#namespaces.remove();
  }

  #spawn(name: string, machine: string, args: readonly string[], onLine: (line: string) => void): Child {
    const onFailure = (error: Error) => {
      this.#failure = error;
    };
    return new Child(name, [...this.#namespaces.on(machine), ...SELF, ...args], { onLine, onFailure });
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
