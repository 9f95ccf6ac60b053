/**
 * What one base chain does to a packet, without guessing. Where a match cannot be told, both ways are followed: each rule is
 * visited once for all the packets that may reach it, which are kept as one packet that has only what they have in common.
 * So the work stays proportional to the ruleset, and an answer is either certain or names the match that it hangs on.
 */
import { changeField, lookUp, testKey } from "./match.ts";
import { CT_STATE, fieldOf, joinPackets, known, type Packet, UNKNOWN, withField } from "./packet.ts";
import type { Chain, Pattern, Rule, Step, Table, Verdict } from "./ruleset.ts";
import { some, type Truth } from "./truth.ts";

/** A rule, or a base chain's policy where `rule` is undefined. */
export interface Place {
  readonly table: Table;
  readonly chain: Chain;
  readonly rule: Rule | undefined;
}

/** A rule whose effect could not be told, and the part of it that is to blame. */
export interface Doubt {
  readonly place: Place;
  readonly why: string;
}

/** A packet as far as it is known, and the first doubt on its way here. */
export interface Flow {
  readonly packet: Packet;
  readonly doubt: Doubt | undefined;
}

export interface ChainOutcome {
  /** What may leave the chain; undefined when nothing can. */
  readonly accepted: Flow | undefined;
  /** Where the packet may end. */
  readonly drops: readonly Place[];
  /** Of the packets that may end there. */
  readonly dropDoubt: Doubt | undefined;
}

/** Chains that jump to chains can make a small ruleset long; beyond this the answer is unknown. */
const RULES_MAX = 200_000;
/** nft allows 16, iptables-legacy more; a listing that was tampered with could have a loop. */
const DEPTH_MAX = 64;

export function evaluateBaseChain(table: Table, chain: Chain, flow: Flow): ChainOutcome {
  const run = new ChainRun(table);
  const end = run.chain(chain, flow, 0);
  if (end) run.end(chain.base?.policy === "drop" ? "drop" : "accept", end, { table, chain, rule: undefined });
  return run.outcome;
}

export function joinFlows(a: Flow | undefined, b: Flow | undefined): Flow | undefined {
  if (!a || !b) return a ?? b;
  return { packet: joinPackets(a.packet, b.packet), doubt: a.doubt ?? b.doubt };
}

/** Where a packet may be after a step or a rule, beside having been accepted or dropped. */
interface Exits {
  /** It goes on with the next step or rule. */
  readonly next?: Flow | undefined;
  /** It leaves the rule without a verdict. */
  readonly passedOver?: Flow | undefined;
  /** It leaves the chain for the one that jumped there. */
  readonly returned?: Flow | undefined;
}

class ChainRun {
  readonly #table: Table;
  readonly #drops = new Map<Rule | Chain, Place>();
  #accepted: Flow | undefined;
  #dropped: Flow | undefined;
  #rulesLeft = RULES_MAX;

  constructor(table: Table) {
    this.#table = table;
  }

  get outcome(): ChainOutcome {
    return {
      accepted: this.#accepted,
      drops: [...this.#drops.values()],
      dropDoubt: this.#dropped?.doubt,
    };
  }

  end(verdict: "accept" | "drop", flow: Flow, place: Place): void {
    if (verdict === "accept") {
      this.#accepted = joinFlows(this.#accepted, flow);
      return;
    }
    this.#dropped = joinFlows(this.#dropped, flow);
    this.#drops.set(place.rule ?? place.chain, place);
  }

  /** The flow that comes back from a chain, by its end or by `return`. */
  chain(chain: Chain, flow: Flow, depth: number): Flow | undefined {
    let current: Flow | undefined = flow;
    let returned: Flow | undefined;
    for (const rule of chain.rules) {
      if (!current) break;
      const exits = this.#rule({ table: this.#table, chain, rule }, rule, current, depth);
      returned = joinFlows(returned, exits.returned);
      current = joinFlows(exits.next, exits.passedOver);
    }
    return joinFlows(returned, current);
  }

  #rule(place: Place, rule: Rule, flow: Flow, depth: number): Exits {
    this.#rulesLeft -= 1;
    if (this.#rulesLeft < 0) return this.#anything(place, flow, "the ruleset is too long to follow");
    let current: Flow | undefined = flow;
    let passedOver: Flow | undefined;
    let returned: Flow | undefined;
    for (const step of rule.steps) {
      if (!current) break;
      const exits: Exits = this.#step(place, step, current, depth);
      passedOver = joinFlows(passedOver, exits.passedOver);
      returned = joinFlows(returned, exits.returned);
      current = exits.next;
    }
    return { next: current, passedOver, returned };
  }

  #step(place: Place, step: Step, flow: Flow, depth: number): Exits {
    switch (step.kind) {
      case "match":
        return branch(testKey(flow.packet, step.key, step.test), place, flow);
      case "doubtful-match":
        return branch("unknown", place, flow, step.text);
      case "mismatch":
        return { passedOver: flow };
      case "set-field": {
        const value = changeField(flow.packet, step.field, step.change);
        return { next: { ...flow, packet: withField(flow.packet, step.field, value) } };
      }
      case "set-from-map":
        return setFromMap(place, step, flow);
      case "notrack":
        return { next: { ...flow, packet: untracked(flow.packet) } };
      case "verdict":
        return this.#verdict(place, step.verdict, flow, depth);
      case "verdict-map":
        return this.#verdictMap(place, step, flow, depth);
    }
  }

  #verdict(place: Place, verdict: Verdict, flow: Flow, depth: number): Exits {
    switch (verdict.kind) {
      case "accept":
      case "drop":
        this.end(verdict.kind, flow, place);
        return {};
      case "continue":
        return { next: flow };
      case "return":
        return { returned: flow };
      case "jump":
      case "goto": {
        const target = this.#table.chains.get(verdict.chain);
        if (!target || depth >= DEPTH_MAX) return this.#anything(place, flow, `chain ${verdict.chain}`);
        const back = this.chain(target, flow, depth + 1);
        return verdict.kind === "jump" ? { passedOver: back } : { returned: back };
      }
      case "unpredictable":
        return this.#anything(place, flow, verdict.text);
    }
  }

  #verdictMap(
    place: Place,
    { key, elements }: Extract<Step, { kind: "verdict-map" }>,
    flow: Flow,
    depth: number,
  ): Exits {
    const truths = lookUp(flow.packet, key, elements.map(patternOf));
    let exits: Exits = {};
    // Elements exclude each other, and a catch-all comes last, so the first certain one ends the search.
    for (const [index, [, verdict]] of elements.entries()) {
      const truth = truths[index];
      if (truth === false || truth === undefined) continue;
      const candidate = truth === true && !exits.passedOver ? flow : doubted(flow, place, "its map");
      const own = this.#verdict(place, verdict, candidate, depth);
      exits = joinExits(exits, own);
      if (truth === true) return exits;
    }
    const missed = truths.includes("unknown") ? doubted(flow, place, "its map") : flow;
    return joinExits(exits, { passedOver: missed });
  }

  /** It may be accepted, dropped or let pass, and may look different afterwards. */
  #anything(place: Place, flow: Flow, why: string): Exits {
    const { doubt } = doubted(flow, place, why);
    const packet: Packet = new Map([...flow.packet.keys()].map((name) => [name, UNKNOWN]));
    this.end("accept", { packet, doubt }, place);
    this.end("drop", { packet, doubt }, place);
    return { next: { packet, doubt }, returned: { packet, doubt } };
  }
}

function patternOf([pattern]: readonly [Pattern, unknown]): Pattern {
  return pattern;
}

/** Elements exclude each other, so one that certainly matches is the one. */
function setFromMap(
  place: Place,
  { field, key, elements }: Extract<Step, { kind: "set-from-map" }>,
  flow: Flow,
): Exits {
  const truths = lookUp(flow.packet, key, elements.map(patternOf));
  const exits = branch(some(truths), place, flow, "its map");
  if (!exits.next) return exits;
  const [, value] = elements[truths.indexOf(true)] ?? [];
  const packet = withField(flow.packet, field, value === undefined ? UNKNOWN : known(value));
  return { ...exits, next: { ...exits.next, packet } };
}

function branch(truth: Truth, place: Place, flow: Flow, why?: string): Exits {
  if (truth === true) return { next: flow };
  if (truth === false) return { passedOver: flow };
  const doubtful = doubted(flow, place, why ?? "its match");
  return { next: doubtful, passedOver: doubtful };
}

function doubted(flow: Flow, place: Place, why: string): Flow {
  return { packet: flow.packet, doubt: flow.doubt ?? { place, why } };
}

function joinExits(a: Exits, b: Exits): Exits {
  return {
    next: joinFlows(a.next, b.next),
    passedOver: joinFlows(a.passedOver, b.passedOver),
    returned: joinFlows(a.returned, b.returned),
  };
}

/** Only a packet that tracking has not seen yet can be kept from it. */
function untracked(packet: Packet): Packet {
  const state = fieldOf(packet, "ct state");
  if (state.kind !== "known") return packet;
  return state.value === CT_STATE.invalid ? withField(packet, "ct state", known(CT_STATE.untracked)) : packet;
}
