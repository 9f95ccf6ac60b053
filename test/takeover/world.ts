/**
 * Nodes, each with the election's core and the takeover's, on a network and beside a cloud that are arithmetic. The glue between
 * the cores is the agent's, without sockets, threads and addresses; time jumps from one happening to the next.
 */
import { type Acquaintance, hearingSince, readingOf } from "../../src/agent/cloud-reading.ts";
import type { IpAddress } from "../../src/base/ip.ts";
import { type Millis, millis, seconds } from "../../src/base/units.ts";
import type { Owner } from "../../src/provider/contract.ts";
import type { TakeoverAction } from "../../src/takeover/actions.ts";
import type { TakeoverEvent } from "../../src/takeover/events.ts";
import type { TakeoverSettings } from "../../src/takeover/settings.ts";
import type { CallId, Takeover } from "../../src/takeover/state.ts";
import { createTakeover, nextTakeoverDeadline, stepTakeover } from "../../src/takeover/takeover.ts";
import type { Action } from "../../src/vrrp/actions.ts";
import type { RouterEvent } from "../../src/vrrp/events.ts";
import { NEVER, type VirtualRouter } from "../../src/vrrp/state.ts";
import { createRouter, nextDeadline, step } from "../../src/vrrp/virtual-router.ts";
import { ip, settingsWith } from "../vrrp/fixtures.ts";
import { type Fate, SimulatedCloud } from "./cloud.ts";

export interface NodePlan {
  readonly name: string;
  readonly priority: number;
  readonly preempt: boolean;
}

/** As in a configuration that says nothing of them. */
export const TAKEOVER: TakeoverSettings = {
  kind: "move",
  verifyInterval: seconds(10),
  consistencyWindow: seconds(5),
  rehearseInterval: seconds(300),
};

/** What happened at a node: the agent's journal, in short. */
export interface Entry {
  readonly at: number;
  readonly node: string;
  readonly what: string;
}

interface Node {
  readonly plan: NodePlan;
  readonly address: IpAddress;
  router: VirtualRouter;
  takeover: Takeover;
  /** Since when the present state lasts. */
  since: Millis;
  readonly heardAt: Map<IpAddress, Millis>;
  bound: boolean;
  life: "running" | "paused" | "dead";
  /** What arrives during a pause and is read afterwards; undefined where it gets lost. */
  inbox: (() => void)[] | undefined;
}

interface Happening {
  readonly at: number;
  readonly happen: () => void;
}

const TRAVEL = 1;

export class World {
  readonly cloud = new SimulatedCloud();
  readonly journal: Entry[] = [];
  readonly #nodes: readonly Node[];
  readonly #cuts = new Set<string>();
  readonly #observe: (takeover: Takeover, event: TakeoverEvent, actions: readonly TakeoverAction[]) => void;
  #happenings: Happening[] = [];
  #now = 0;

  constructor(
    plans: readonly NodePlan[],
    options: {
      readonly takeover?: Partial<TakeoverSettings>;
      readonly advertInterval?: number;
      readonly seed?: number;
      readonly observe?: (
        takeover: Takeover,
        event: TakeoverEvent,
        actions: readonly TakeoverAction[],
      ) => void;
    } = {},
  ) {
    const { advertInterval = 1000, seed = 1, observe = () => undefined } = options;
    this.#observe = observe;
    this.#nodes = plans.map((plan, index) => {
      const address = ip(`10.0.0.${index + 1}`);
      const { priority, preempt } = plan;
      return {
        ...{ plan, address, since: millis(0), heardAt: new Map(), bound: false },
        router: createRouter(settingsWith({ priority, preempt, advertInterval }), address),
        takeover: createTakeover({ ...TAKEOVER, ...options.takeover }, seed + index, millis(0)),
        ...{ life: "running", inbox: undefined },
      };
    });
  }

  get now(): Millis {
    return millis(this.#now);
  }

  start(...names: readonly string[]): void {
    for (const name of names) this.#dispatch(this.#node(name), { kind: "started" });
  }

  stop(name: string): void {
    this.#dispatch(this.#node(name), { kind: "stopped" });
  }

  /** The process dies: nothing is unbound, nobody is told, and the cloud keeps what it shows. */
  kill(name: string): void {
    this.#node(name).life = "dead";
  }

  /** The agent starts anew; what it had bound is removed first. */
  restart(name: string): void {
    const node = this.#node(name);
    const { settings } = node.router;
    node.router = createRouter(settings, node.address);
    node.takeover = createTakeover(node.takeover.settings, node.takeover.chance, this.now);
    node.bound = false;
    node.life = "running";
    node.heardAt.clear();
    this.start(name);
  }

  /** SIGSTOP keeps what arrives meanwhile; a virtual machine that is moved may lose it. */
  pause(name: string, packets: "kept" | "lost" = "kept"): void {
    const node = this.#node(name);
    node.life = "paused";
    node.inbox = packets === "kept" ? [] : undefined;
  }

  /** As the agent after its timer fired late: what is queued is read, then every core hears of it, then deadlines are looked at. */
  wake(name: string): void {
    const node = this.#node(name);
    const late = millis(this.#now - deadlineOf(node));
    node.life = "running";
    for (const read of node.inbox ?? []) read();
    node.inbox = undefined;
    if (late > 0) this.#wokeLate(node, late);
  }

  cut(...groups: readonly (readonly string[])[]): void {
    for (const [index, group] of groups.entries())
      for (const other of groups.slice(index + 1).flat())
        for (const name of group) this.#cuts.add(link(name, other)).add(link(other, name));
  }

  /** Adverts of `from` do not reach `to` any more. */
  cutOneWay(from: string, to: string): void {
    this.#cuts.add(link(from, to));
  }

  heal(): void {
    this.#cuts.clear();
  }

  router(name: string): VirtualRouter {
    return this.#node(name).router;
  }

  takeover(name: string): Takeover {
    return this.#node(name).takeover;
  }

  masters(): readonly string[] {
    return this.#running().flatMap(({ plan, router }) => (router.state.kind === "MASTER" ? [plan.name] : []));
  }

  /** The living nodes that have the address on an interface. */
  bound(): readonly string[] {
    return this.#nodes.filter(({ life, bound }) => bound && life !== "dead").map(({ plan }) => plan.name);
  }

  /** Tells one node's takeover something. */
  tell(name: string, event: TakeoverEvent): void {
    this.#tell(this.#node(name), event);
  }

  happens(name: string, event: RouterEvent): void {
    this.#dispatch(this.#node(name), event);
  }

  said(name: string, since = 0): readonly string[] {
    return this.journal.filter(({ node, at }) => node === name && at >= since).map(({ what }) => what);
  }

  at(time: number, happen: () => void): void {
    this.#happenings.push({ at: Math.max(time, this.#now), happen });
  }

  run(duration: number): void {
    this.runTo(this.#now + duration);
  }

  /** Lets everything happen that is due up to `end`. What arrives in time is read before a timer ends. */
  runTo(end: number): void {
    for (;;) {
      const next = earliest(this.#happenings, ({ at }) => at);
      const timer = earliest(this.#running(), deadlineOf);
      const happensAt = next?.at ?? Infinity;
      const tickAt = timer ? deadlineOf(timer) : Infinity;
      if (Math.min(happensAt, tickAt) > end) break;
      this.#now = Math.max(this.#now, Math.min(happensAt, tickAt));
      if (next && happensAt <= tickAt) {
        this.#happenings = this.#happenings.filter((other) => other !== next);
        next.happen();
      } else if (timer) this.#tick(timer);
    }
    this.#now = end;
  }

  #tick(node: Node): void {
    if ((nextDeadline(node.router) ?? Infinity) <= this.#now) this.#dispatch(node, { kind: "tick" });
    if ((nextTakeoverDeadline(node.takeover) ?? Infinity) <= this.#now) this.#tell(node, { kind: "tick" });
  }

  #wokeLate(node: Node, late: Millis): void {
    const before = node.router;
    this.#dispatch(node, { kind: "woke-late", late });
    const { state } = node.router;
    if (state.kind !== "MASTER" || node.router === before) return;
    this.#tell(node, { kind: "woke-late", listenUntil: state.advertiseAt });
  }

  #dispatch(node: Node, event: RouterEvent): void {
    if (node.life !== "running") return;
    const before = node.router.state;
    const [next, actions] = step(node.router, event, this.now);
    node.router = next;
    const wasOnHold = before.kind === "BACKUP" && before.masterDownAt === NEVER;
    const isOnHold = next.state.kind === "BACKUP" && next.state.masterDownAt === NEVER;
    if (wasOnHold && !isOnHold) this.#tell(node, { kind: "hold-ended" });
    for (const action of actions) this.#perform(node, action);
  }

  #perform(node: Node, action: Action): void {
    switch (action.kind) {
      case "send-advert":
        this.#say(node, "advert");
        this.#send(node, action.priority);
        return;
      case "bind":
      case "unbind":
        node.bound = action.kind === "bind";
        return;
      case "transition":
        node.since = hearingSince(action.reason, this.now);
        this.#say(node, action.to);
        if (action.to === "MASTER") this.#tell(node, { kind: "mastership-gained" });
        if (action.from === "MASTER") this.#tell(node, { kind: "mastership-lost" });
        return;
      case "lower-priority-heard":
        this.#tell(node, { kind: "doubt", cause: "lower-priority-heard" });
    }
  }

  #send(from: Node, priority: number): void {
    const { advertInterval } = from.router.settings;
    const event = { kind: "advert-received", from: from.address, priority, advertInterval } as const;
    for (const to of this.#nodes) {
      if (to === from || this.#cuts.has(link(from.plan.name, to.plan.name))) continue;
      const read = () => {
        to.heardAt.set(from.address, this.now);
        this.#dispatch(to, event);
      };
      this.at(this.#now + TRAVEL, () => this.#arrives(to, read));
    }
  }

  #arrives(to: Node, read: () => void): void {
    if (to.life === "running") read();
    else if (to.life === "paused") to.inbox?.push(read);
  }

  #tell(node: Node, event: TakeoverEvent): void {
    const before = node.takeover;
    const [next, actions] = stepTakeover(before, event, this.now);
    node.takeover = next;
    this.#observe(before, event, actions);
    for (const action of actions) this.#carryOut(node, action);
  }

  #carryOut(node: Node, action: TakeoverAction): void {
    if (action.kind !== "call") this.#say(node, action.kind);
    switch (action.kind) {
      case "call": {
        const call = { node: node.plan.name, operation: action.operation, at: this.#now };
        this.cloud.calls.push(call);
        this.#say(node, `call ${action.operation}`);
        this.#call(node, action, this.cloud.fateOf(call));
        return;
      }
      case "yield":
        this.#dispatch(node, { kind: "yield-asked", holder: action.holder, peer: action.peer });
        return;
      case "end-hold":
        this.#dispatch(node, { kind: "hold-ended" });
        return;
      default:
    }
  }

  /** An abort does not stop what is on its way: the answer is dropped, the effect stays. */
  #call(node: Node, { call, operation }: Extract<TakeoverAction, { kind: "call" }>, fate: Fate): void {
    const answer = (event: TakeoverEvent) =>
      this.at(this.#now + fate.takes, () => this.#answers(node, event));
    const failed = (failure: Extract<TakeoverEvent, { kind: "call-failed" }>["failure"]) =>
      answer({ kind: "call-failed", call, failure });
    const claims = (after: number) => {
      const { name } = node.plan;
      if (operation === "claim") this.at(this.#now + after, () => this.cloud.give(name, this.#now));
    };
    switch (fate.kind) {
      case "refused":
        failed(fate.failure);
        return;
      case "lost":
        claims(fate.late);
        failed({ retry: "soon", message: "no answer" });
        return;
      case "answered":
        claims(fate.takes + (fate.lag ?? 0));
        this.#answered(node, call, operation, fate, answer);
    }
  }

  #answered(
    node: Node,
    call: CallId,
    operation: Extract<TakeoverAction, { kind: "call" }>["operation"],
    fate: Extract<Fate, { kind: "answered" }>,
    answer: (event: TakeoverEvent) => void,
  ): void {
    switch (operation) {
      case "claim":
        answer({ kind: "claimed", call });
        return;
      case "rehearse":
        answer({ kind: "rehearsed", call, obstacles: fate.obstacles ?? [] });
        return;
      case "owner": {
        const owner = this.#ownerFor(node, this.cloud.holderAt(this.#now + fate.takes / 2 - (fate.lag ?? 0)));
        const at = this.#now + fate.takes;
        this.at(at, () => {
          const reading = readingOf([{ vip: ip("10.0.0.100"), owner }], this.#acquaintance(node));
          this.#answers(node, { kind: "ownership-read", call, reading });
        });
      }
    }
  }

  #answers(node: Node, event: TakeoverEvent): void {
    this.#arrives(node, () => this.#tell(node, event));
  }

  #ownerFor(node: Node, holder: string | undefined): Owner {
    const source = "api";
    if (holder === undefined) return { kind: "nobody", source };
    if (holder === node.plan.name) return { kind: "mine", source };
    const peer = this.#nodes.find(({ plan }) => plan.name === holder);
    const stopped = this.cloud.stopped.has(holder);
    return { kind: "other", source, holder, addresses: peer ? [peer.address] : [], stopped };
  }

  #acquaintance(node: Node): Acquaintance {
    const peers = this.#nodes.filter((peer) => peer !== node).map(({ address }) => address);
    return { peers, heardAt: (peer) => node.heardAt.get(peer), since: node.since, now: this.now };
  }

  #running(): Node[] {
    return this.#nodes.filter(({ life }) => life === "running");
  }

  #node(name: string): Node {
    const node = this.#nodes.find(({ plan }) => plan.name === name);
    if (!node) throw new Error(`no node is called ${name}`);
    return node;
  }

  #say({ plan }: Node, what: string): void {
    this.journal.push({ at: this.#now, node: plan.name, what });
  }
}

function deadlineOf({ router, takeover }: Node): number {
  return Math.min(nextDeadline(router) ?? Infinity, nextTakeoverDeadline(takeover) ?? Infinity);
}

function link(from: string, to: string): string {
  return `${from}→${to}`;
}

/** The first of those with the lowest value. */
function earliest<T>(items: readonly T[], measure: (item: T) => number): T | undefined {
  let best: T | undefined;
  for (const item of items) if (!best || measure(item) < measure(best)) best = item;
  return best;
}
