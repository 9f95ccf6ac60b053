import { setTimeout as wait } from "node:timers/promises";
import { PhaseClock } from "../../agent/phases.ts";
import { type Millis, millis } from "../../base/units.ts";
import { type Happening, SimulatedNetwork } from "../../simulate/network.ts";
import type { RouterStateName } from "../../status/snapshot.ts";
import type { Action } from "../../vrrp/actions.ts";
import { routerSettings } from "./agent-config.ts";
import { NODE_NAMES, NODES, type NodeName } from "./facts.ts";
import type { Stage, StageOptions } from "./stage.ts";

/** Time passes in steps of so much, between which the demo looks at what has happened. */
const STEP = millis(10);

/** How an agent hands over at SIGTERM where no cloud has to move the addresses. */
const HANDOVER = { patience: millis(800), linger: millis(50) };

/** What the shell of an agent keeps beside the election. */
interface Actor {
  readonly phases: PhaseClock;
  state: RouterStateName;
  /** How many takeovers were told. */
  told: number;
  heardAt: Millis | undefined;
  sent: number;
  heard: number;
}

/** The demo without packets: the agents' election in a simulated network, in time that is counted and not measured. */
export class SimulatedStage implements Stage {
  readonly cloud = undefined;
  readonly #options: StageOptions;
  readonly #network: SimulatedNetwork<NodeName>;
  readonly #pace: "as it counts" | "at once";
  readonly #actors: Readonly<Record<NodeName, Actor>>;

  /** For people to watch, time passes as fast as it counts; else it jumps. */
  constructor(options: StageOptions & { readonly seed: number; readonly watched: boolean }) {
    this.#options = options;
    this.#pace = options.watched ? "as it counts" : "at once";
    this.#network = new SimulatedNetwork(
      NODE_NAMES.map((name) => ({
        name,
        address: NODES[name].address,
        settings: routerSettings(name, options.advertInterval),
      })),
      { seed: options.seed, onHappening: (happening) => this.#happened(happening) },
    );
    const newActor = (): Actor => ({
      phases: new PhaseClock(() => this.now()),
      state: "INIT",
      told: 0,
      heardAt: undefined,
      sent: 0,
      heard: 0,
    });
    this.#actors = { "node-a": newActor(), "node-b": newActor() };
  }

  now(): Millis {
    return this.#network.now;
  }

  async start(node: NodeName): Promise<void> {
    this.#network.tell(node, { kind: "started" });
  }

  async startClient(): Promise<void> {
    this.#network.ping(this.#options.pingInterval);
  }

  async cut(node: NodeName): Promise<Millis> {
    this.#network.cut(node);
    return this.now();
  }

  async heal(node: NodeName): Promise<Millis> {
    this.#network.heal(node);
    return this.now();
  }

  async stop(node: NodeName): Promise<Millis> {
    this.#network.tell(node, { kind: "handover-asked", to: "INIT", ...HANDOVER });
    return this.now();
  }

  async pass(atMost: Millis, condition: () => boolean): Promise<boolean> {
    const end = this.now() + atMost;
    while (!condition()) {
      if (this.now() >= end) return false;
      this.#options.signal.throwIfAborted();
      if (this.#pace === "as it counts") await wait(STEP, undefined, { signal: this.#options.signal });
      this.#network.runTo(millis(this.now() + STEP));
      for (const name of NODE_NAMES) this.#read(name);
    }
    return true;
  }

  async close(): Promise<void> {}

  #read(node: NodeName): void {
    const { state, sent, heard } = this.#actors[node];
    const bound = this.#network.isBound(node);
    this.#options.onFact({ kind: "reading", node, state, bound, advertsSent: sent, advertsHeard: heard });
  }

  #happened(happening: Happening<NodeName>): void {
    const at = this.now();
    switch (happening.kind) {
      case "stepped":
        this.#stepped(happening);
        return;
      case "bound":
        this.#actors[happening.node].phases.end("bind");
        return;
      case "announced":
        this.#announced(happening.node);
        return;
      case "answered":
        this.#options.onFact({ kind: "answered", sequence: happening.sequence, at });
    }
  }

  #stepped({ node, before, event, next, actions }: Extract<Happening<NodeName>, { kind: "stepped" }>): void {
    const actor = this.#actors[node];
    if (event.kind === "advert-received") {
      actor.heard++;
      actor.heardAt = this.now();
    }
    if (before.state.kind === "BACKUP" && next.state.kind === "MASTER") {
      const dueAt = millis(Math.min(before.state.masterDownAt, this.now()));
      actor.phases.begin({ heardAt: actor.heardAt, dueAt });
    }
    for (const action of actions) this.#acted(node, action);
  }

  #acted(node: NodeName, action: Action): void {
    const actor = this.#actors[node];
    const { onFact } = this.#options;
    if (action.kind === "send-advert") {
      actor.sent++;
      actor.phases.end("elect");
    }
    if (action.kind === "transition") {
      const { from, to, reason } = action;
      actor.state = to;
      onFact({ kind: "transition", node, at: this.now(), from, to, reason });
    }
    if (action.kind === "lower-priority-heard") onFact({ kind: "reasserted", node, at: this.now() });
  }

  #announced(node: NodeName): void {
    const actor = this.#actors[node];
    const { phases } = actor;
    phases.end("announce");
    if (actor.told === phases.run) return;
    actor.told = phases.run;
    this.#options.onFact({ kind: "serving", node, at: this.now(), phases: phases.times });
  }
}
