/**
 * A group of virtual routers on a network made of arithmetic: adverts take the time they are given or get lost, links can be
 * cut, nodes can die. Time jumps from one delivery or deadline to the next, so the same script always has the same outcome.
 */
import type { IpAddress } from "../../src/base/ip.ts";
import { type Millis, millis } from "../../src/base/units.ts";
import type { Action } from "../../src/vrrp/actions.ts";
import type { RouterEvent } from "../../src/vrrp/events.ts";
import type { RouterSettings } from "../../src/vrrp/settings.ts";
import type { VirtualRouter } from "../../src/vrrp/state.ts";
import { createRouter, nextDeadline, step } from "../../src/vrrp/virtual-router.ts";

export interface NodePlan {
  readonly name: string;
  readonly address: IpAddress;
  readonly settings: RouterSettings;
}

/** One step of one router, with what it made of it. */
export interface Stepped {
  readonly at: Millis;
  readonly node: string;
  readonly before: VirtualRouter;
  readonly event: RouterEvent;
  readonly next: VirtualRouter;
  readonly actions: readonly Action[];
}

interface Node extends NodePlan {
  router: VirtualRouter;
  /** False after a crash: it neither ticks nor hears, and says goodbye to nobody. */
  alive: boolean;
}

interface InFlight {
  readonly at: number;
  readonly to: Node;
  readonly event: RouterEvent;
}

export class World {
  readonly #nodes: readonly Node[];
  readonly #cuts = new Set<string>();
  readonly #observe: (stepped: Stepped) => void;
  /** Milliseconds that the next advert takes, or undefined when it gets lost. */
  readonly #travel: () => number | undefined;
  #inFlight: InFlight[] = [];
  #now = 0;

  constructor(
    plans: readonly NodePlan[],
    { observe, travel }: { observe: (stepped: Stepped) => void; travel: () => number | undefined },
  ) {
    this.#nodes = plans.map((plan) => ({
      ...plan,
      router: createRouter(plan.settings, plan.address),
      alive: true,
    }));
    this.#observe = observe;
    this.#travel = travel;
  }

  get now(): number {
    return this.#now;
  }

  masters(): string[] {
    return this.#living().flatMap(({ name, router }) => (router.state.kind === "MASTER" ? [name] : []));
  }

  /** The living nodes that take part in the election, with their priorities. */
  electorate(): { readonly name: string; readonly priority: number }[] {
    return this.#living()
      .filter(({ router }) => router.state.kind === "MASTER" || router.state.kind === "BACKUP")
      .map(({ name, router }) => ({ name, priority: router.priority }));
  }

  router(name: string): VirtualRouter {
    return this.#node(name).router;
  }

  happens(name: string, event: RouterEvent): void {
    const node = this.#node(name);
    if (node.alive) this.#step(node, event);
  }

  /** Dies without a word; what it had sent still arrives. */
  crash(name: string): void {
    this.#node(name).alive = false;
  }

  /** Starts again with nothing remembered. */
  reboot(name: string): void {
    const node = this.#node(name);
    node.router = createRouter(node.settings, node.address);
    node.alive = true;
    this.#step(node, { kind: "started" });
  }

  cut(a: string, b: string): void {
    this.#cuts.add(link(a, b));
  }

  heal(a: string, b: string): void {
    this.#cuts.delete(link(a, b));
  }

  healAll(): void {
    this.#cuts.clear();
  }

  /** Delivers and ticks everything that is due up to `end`, that included. What arrives in time is read before a timer ends. */
  runTo(end: number): void {
    for (;;) {
      const packet = earliest(this.#inFlight, ({ at }) => at);
      const timer = earliest(this.#living(), deadlineOf);
      const deliverAt = packet?.at ?? Infinity;
      const tickAt = timer ? deadlineOf(timer) : Infinity;
      if (Math.min(deliverAt, tickAt) > end) break;
      this.#now = Math.max(this.#now, Math.min(deliverAt, tickAt));
      if (packet && deliverAt <= tickAt) this.#deliver(packet);
      else if (timer) this.#step(timer, { kind: "tick" });
    }
    this.#now = end;
  }

  #deliver(packet: InFlight): void {
    this.#inFlight = this.#inFlight.filter((other) => other !== packet);
    if (packet.to.alive) this.#step(packet.to, packet.event);
  }

  #step(node: Node, event: RouterEvent): void {
    const at = millis(this.#now);
    const before = node.router;
    const [next, actions] = step(before, event, at);
    node.router = next;
    for (const action of actions) {
      if (action.kind === "send-advert") this.#send(node, action.priority);
    }
    this.#observe({ at, node: node.name, before, event, next, actions });
  }

  #send(from: Node, priority: number): void {
    const { advertInterval } = from.router.settings;
    const event = { kind: "advert-received", from: from.address, priority, advertInterval } as const;
    for (const to of this.#nodes) {
      if (to === from || to.settings.virtualRouterId !== from.settings.virtualRouterId) continue;
      if (this.#cuts.has(link(from.name, to.name))) continue;
      const takes = this.#travel();
      if (takes !== undefined) this.#inFlight.push({ at: this.#now + takes, to, event });
    }
  }

  #living(): Node[] {
    return this.#nodes.filter(({ alive }) => alive);
  }

  #node(name: string): Node {
    const node = this.#nodes.find((candidate) => candidate.name === name);
    if (!node) throw new Error(`no node is called ${name}`);
    return node;
  }
}

function deadlineOf({ router }: Node): number {
  return nextDeadline(router) ?? Infinity;
}

function link(a: string, b: string): string {
  return [a, b].sort().join("-");
}

/** The first of those with the lowest value. */
function earliest<T>(items: readonly T[], measure: (item: T) => number): T | undefined {
  let best: T | undefined;
  for (const item of items) if (!best || measure(item) < measure(best)) best = item;
  return best;
}
