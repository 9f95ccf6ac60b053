import type { PhaseTimes } from "../../agent/phases.ts";
import type { Millis } from "../../base/units.ts";
import type { RouterStateName } from "../../status/snapshot.ts";
import { type Fact, NODE_NAMES, type NodeName, type OwnerName } from "./facts.ts";
import { PingRecord } from "./ping-record.ts";

/** One agent as the demo knows it at the moment. */
export interface NodeScene {
  readonly state: RouterStateName;
  readonly bound: boolean;
  readonly advertsSent: number;
  readonly advertsHeard: number;
  /** It rehearsed a takeover, and could take over. */
  readonly rehearsed: boolean;
  readonly condition: "off" | "running" | "cut off" | "stopped";
}

const OFF: NodeScene = {
  state: "INIT",
  bound: false,
  advertsSent: 0,
  advertsHeard: 0,
  rehearsed: false,
  condition: "off",
};

/** What is known of agents and client: the facts told so far, added up. */
export class Scene {
  readonly pings: PingRecord;
  readonly #nodes = new Map<NodeName, NodeScene>(NODE_NAMES.map((name) => [name, OFF]));
  #owner: OwnerName | undefined;
  #repairs = 0;
  readonly #takeovers = new Map<NodeName, PhaseTimes[]>();

  constructor(pingInterval: Millis) {
    this.pings = new PingRecord(pingInterval);
  }

  node(name: NodeName): NodeScene {
    return this.#nodes.get(name) ?? OFF;
  }

  /** To whom the cloud sends the traffic of the virtual address; undefined before the first claim, and without a cloud. */
  get owner(): OwnerName | undefined {
    return this.#owner;
  }

  /** How often a MASTER claimed the address again because the cloud showed it elsewhere. */
  get repairs(): number {
    return this.#repairs;
  }

  /** How often a node has taken over, all the way to serving. */
  takeovers(name: NodeName): number {
    return this.#takeovers.get(name)?.length ?? 0;
  }

  /** Of a node's last takeover. */
  lastPhases(name: NodeName): PhaseTimes | undefined {
    return this.#takeovers.get(name)?.at(-1);
  }

  learn(fact: Exclude<Fact, { kind: "answered" }>): void {
    switch (fact.kind) {
      case "transition":
        this.change(fact.node, { state: fact.to });
        return;
      case "serving":
        this.#takeovers.set(fact.node, [...(this.#takeovers.get(fact.node) ?? []), fact.phases]);
        return;
      case "reading": {
        const { state, bound, advertsSent, advertsHeard } = fact;
        this.change(fact.node, { state, bound, advertsSent, advertsHeard });
        return;
      }
      case "ready":
        this.change(fact.node, { rehearsed: true });
        return;
      case "owner":
        this.#owner = fact.owner;
        return;
      case "repair":
        this.#repairs++;
        return;
      case "reasserted":
        return;
    }
  }

  change(name: NodeName, change: Partial<NodeScene>): void {
    this.#nodes.set(name, { ...this.node(name), ...change });
  }
}
