/**
 * A group of virtual routers, and a client that uses their address, on a network made of arithmetic. The election is the
 * agent's own; what surrounds it is the least that makes a failover visible: packets take a moment, a node that is cut off loses
 * them without a word, the client sends to whomever it last heard announce the address. Time jumps from one happening to the
 * next, and chance comes from a seed, so that the same script always has the same outcome.
 */
import { invariant } from "../base/invariant.ts";
import type { IpAddress } from "../base/ip.ts";
import { after, type Millis, millis } from "../base/units.ts";
import type { Action } from "../vrrp/actions.ts";
import type { RouterEvent } from "../vrrp/events.ts";
import type { RouterSettings } from "../vrrp/settings.ts";
import type { VirtualRouter } from "../vrrp/state.ts";
import { createRouter, nextDeadline, step } from "../vrrp/virtual-router.ts";
import { Agenda } from "./agenda.ts";
import { Random } from "./random.ts";

export interface NodePlan<Name extends string> {
  readonly name: Name;
  readonly address: IpAddress;
  readonly settings: RouterSettings;
}

export type Happening<Name extends string> =
  /** A router was told of an event, and this is what it made of it. */
  | {
      readonly kind: "stepped";
      readonly node: Name;
      readonly before: VirtualRouter;
      readonly event: RouterEvent;
      readonly next: VirtualRouter;
      readonly actions: readonly Action[];
    }
  /** The addresses of a node are in place. */
  | { readonly kind: "bound"; readonly node: Name }
  /** Gratuitous ARP went out. */
  | { readonly kind: "announced"; readonly node: Name }
  /** The client got the answer to one of its pings; they are counted from 1. */
  | { readonly kind: "answered"; readonly sequence: number };

/** Ranges in milliseconds, as they are on small cloud servers in one zone. */
const TRAVEL = [0.05, 0.25] as const;
const TIMER_LATENESS = [0.02, 0.3] as const;
const BINDING = [0.2, 0.9] as const;
const ANNOUNCING = [0.05, 0.3] as const;

interface Node<Name extends string> {
  readonly plan: NodePlan<Name>;
  router: VirtualRouter;
  bound: boolean;
  /** Until then the addresses are being bound. */
  bindingUntil: Millis;
  reachable: boolean;
  /** The deadline that the agenda has a tick for. */
  armedFor: Millis | undefined;
}

export class SimulatedNetwork<Name extends string> {
  readonly #agenda = new Agenda();
  readonly #random: Random;
  readonly #nodes: ReadonlyMap<Name, Node<Name>>;
  readonly #onHappening: (happening: Happening<Name>) => void;
  /** The client's neighbour table: who announced the address last. */
  #neighbour: Node<Name> | undefined;
  #pings = 0;
  #now = millis(0);

  constructor(
    plans: readonly NodePlan<Name>[],
    options: { readonly seed: number; readonly onHappening: (happening: Happening<Name>) => void },
  ) {
    this.#random = new Random(options.seed);
    this.#onHappening = options.onHappening;
    this.#nodes = new Map(plans.map((plan) => [plan.name, silentNode(plan)]));
  }

  /** Milliseconds since the world began. */
  get now(): Millis {
    return this.#now;
  }

  /** Whether the node has the addresses; a node that is cut off may have them too. */
  isBound(name: Name): boolean {
    return this.#node(name).bound;
  }

  /** Something happens to the router of a node: it is started, asked to hand over, loses its interface. */
  tell(name: Name, event: RouterEvent): void {
    this.#step(this.#node(name), event);
  }

  /** Nothing from or to the node passes any more, and nobody is told. */
  cut(name: Name): void {
    this.#node(name).reachable = false;
  }

  heal(name: Name): void {
    this.#node(name).reachable = true;
  }

  /** The client starts to ping the address. */
  ping(every: Millis): void {
    this.#ping();
    this.#agenda.enter(after(this.#now, every), () => this.ping(every));
  }

  /** Lets everything happen that is due at `end` or before. */
  runTo(end: Millis): void {
    for (;;) {
      const entry = this.#agenda.takeDue(end);
      if (!entry) break;
      this.#now = entry.at;
      entry.happen();
    }
    this.#now = end;
  }

  #step(node: Node<Name>, event: RouterEvent): void {
    const before = node.router;
    const [next, actions] = step(before, event, this.#now);
    node.router = next;
    this.#onHappening({ kind: "stepped", node: node.plan.name, before, event, next, actions });
    for (const action of actions) this.#perform(node, action);
    this.#arm(node);
  }

  #perform(node: Node<Name>, action: Action): void {
    switch (action.kind) {
      case "send-advert":
        this.#advertise(node, action.priority);
        return;
      case "bind":
        node.bindingUntil = this.#in(BINDING, () => this.#bind(node));
        return;
      case "unbind":
        node.bound = false;
        return;
      case "announce":
        this.#announce(node);
        return;
      case "announce-source":
      case "transition":
      case "handing-over":
      case "handover-failed":
      case "lower-priority-heard":
      case "interval-learned":
        return;
    }
  }

  #advertise(from: Node<Name>, priority: number): void {
    const { advertInterval } = from.router.settings;
    const event = { kind: "advert-received", from: from.plan.address, priority, advertInterval } as const;
    for (const to of this.#nodes.values()) {
      if (to !== from) this.#travel([from, to], () => this.#step(to, event));
    }
  }

  #bind(node: Node<Name>): void {
    if (node.router.state.kind !== "MASTER") return;
    node.bound = true;
    this.#onHappening({ kind: "bound", node: node.plan.name });
  }

  /** Once the addresses are bound; mastership may have ended by then. */
  #announce(node: Node<Name>): void {
    const start = millis(Math.max(this.#now, node.bindingUntil));
    this.#agenda.enter(after(start, millis(this.#random.between(...ANNOUNCING))), () => {
      if (!node.bound) return;
      this.#onHappening({ kind: "announced", node: node.plan.name });
      this.#travel([node], () => {
        this.#neighbour = node;
      });
    });
  }

  #ping(): void {
    const sequence = ++this.#pings;
    const server = this.#neighbour;
    if (!server) return;
    this.#travel([server], () => {
      if (!server.bound) return;
      this.#travel([server], () => this.#onHappening({ kind: "answered", sequence }));
    });
  }

  #arm(node: Node<Name>): void {
    const deadline = nextDeadline(node.router);
    if (deadline === undefined || deadline === node.armedFor) return;
    node.armedFor = deadline;
    const late = millis(this.#random.between(...TIMER_LATENESS));
    this.#agenda.enter(after(millis(Math.max(this.#now, deadline)), late), () => {
      // A deadline that has moved meanwhile has a tick of its own.
      if (node.armedFor !== deadline) return;
      node.armedFor = undefined;
      this.#step(node, { kind: "tick" });
    });
  }

  /** A packet that one of the nodes on its way cannot send or hear is lost. */
  #travel(through: readonly Node<Name>[], arrive: () => void): void {
    const passes = () => through.every(({ reachable }) => reachable);
    if (passes()) this.#in(TRAVEL, () => passes() && arrive());
  }

  /** @returns when it will happen */
  #in([low, high]: readonly [number, number], happen: () => void): Millis {
    const at = after(this.#now, millis(this.#random.between(low, high)));
    this.#agenda.enter(at, happen);
    return at;
  }

  #node(name: Name): Node<Name> {
    const node = this.#nodes.get(name);
    invariant(node !== undefined, `the network has a node ${name}`);
    return node;
  }
}

function silentNode<Name extends string>(plan: NodePlan<Name>): Node<Name> {
  return {
    plan,
    router: createRouter(plan.settings, plan.address),
    bound: false,
    bindingUntil: millis(0),
    reachable: true,
    armedFor: undefined,
  };
}
