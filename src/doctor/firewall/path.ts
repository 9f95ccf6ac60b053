import {
  type ChainOutcome,
  type Doubt,
  evaluateBaseChain,
  type Flow,
  joinFlows,
  type Place,
} from "./evaluate.ts";
import {
  type Advert,
  CT_STATE,
  fieldOf,
  known,
  type Packet,
  packetOf,
  UNKNOWN,
  withField,
} from "./packet.ts";
import {
  type BaseChain,
  type Chain,
  type Expression,
  HOOKS,
  type Hook,
  type Ruleset,
  type Table,
} from "./ruleset.ts";

export type Verdict =
  | { readonly kind: "accepted" }
  /** Certainly; every place on the path that drops it, because opening one would not open the others. */
  | { readonly kind: "dropped"; readonly by: readonly Place[] }
  | { readonly kind: "unknown"; readonly because: Doubt };

export interface Judgement {
  /** Of an advert after silence, to which nothing was ever sent: what a failover needs. */
  readonly verdict: Verdict;
  /** True when only connection tracking lets it through: it would pass as the answer to a packet of ours. */
  readonly onlyAsAnswer: boolean;
}

/** Judges one advert's way through every base chain; each of them can drop what the others accepted. */
export function judge(ruleset: Ruleset, advert: Advert): Judgement {
  const verdict = follow(ruleset, advert, CT_STATE.new);
  const mayBeAnswer = verdict.kind === "dropped" && !ruleset.tables.some(sparesTracking);
  const onlyAsAnswer = mayBeAnswer && follow(ruleset, advert, CT_STATE.established).kind === "accepted";
  return { verdict, onlyAsAnswer };
}

const PATHS: Readonly<Record<Advert["direction"], readonly Hook[]>> = {
  in: ["ingress", "prerouting", "input"],
  out: ["output", "postrouting", "egress"],
};

/** NF_IP_PRI_CONNTRACK */
const CONNTRACK_PRIORITY = -200;
/** Chains of type nat run where address translation does, and by their own priority only among each other. */
const NAT_PRIORITY: Partial<Record<Hook, number>> = {
  prerouting: -100,
  input: 100,
  output: -100,
  postrouting: 100,
};

interface Stop {
  readonly table: Table;
  readonly chain: Chain;
  readonly base: BaseChain;
}

/**
 * Of two chains with the same priority the kernel runs the one first that was registered last, which no listing tells. So both
 * orders are followed, and where one chain marks packets for the other the answer may be unknown.
 */
function follow(ruleset: Ruleset, advert: Advert, trackedAs: number): Verdict {
  const listed = stopsOf(ruleset, advert);
  const isTracking = ruleset.tables.some(asksForTracking);
  const verdict = followStops(listed, { advert, trackedAs, isTracking });
  const reversed = inOrder(listed.toReversed());
  const other = followStops(reversed, { advert, trackedAs, isTracking });
  if (verdict.kind === other.kind) return verdict;
  const [last] = listed.slice(-1);
  if (!last || verdict.kind === "unknown") return verdict;
  if (other.kind === "unknown") return other;
  const place = { table: last.table, chain: last.chain, rule: undefined };
  return { kind: "unknown", because: { place, why: "the order of chains with the same priority" } };
}

interface Circumstances {
  readonly advert: Advert;
  readonly trackedAs: number;
  readonly isTracking: boolean;
}

function followStops(stops: readonly Stop[], { advert, trackedAs, isTracking }: Circumstances): Verdict {
  let flow: Flow = { packet: packetOf(advert), doubt: undefined };
  const dropped: Place[] = [];
  let because: Doubt | undefined;
  for (const stop of stops) {
    const arriving: Flow = { ...flow, packet: onArrival(flow.packet, stop.base, trackedAs) };
    const outcome = evaluateStop(stop, arriving, isTracking);
    if (!outcome.accepted) dropped.push(...outcome.drops);
    else because ??= doubtOf(outcome);
    // Behind a drop the way is followed all the same, to find the other places that would have to be opened.
    flow = { packet: outcome.accepted?.packet ?? arriving.packet, doubt: undefined };
  }
  if (dropped.length > 0) return { kind: "dropped", by: dropped };
  return because ? { kind: "unknown", because } : { kind: "accepted" };
}

/** The base chains on the way, in the order that the listing suggests. */
function stopsOf(ruleset: Ruleset, advert: Advert): readonly Stop[] {
  const stops = ruleset.tables.flatMap((table) =>
    [...table.chains.values()].flatMap((chain) => (chain.base ? [{ table, chain, base: chain.base }] : [])),
  );
  const path = PATHS[advert.direction];
  return inOrder(
    stops.filter((stop) => path.includes(stop.base.hook) && watches(stop, advert.interfaceName)),
  );
}

/** By hook and priority; those that are equal in both stay as they were. */
function inOrder(stops: readonly Stop[]): readonly Stop[] {
  return stops.toSorted(
    ({ base: a }, { base: b }) =>
      HOOKS.indexOf(a.hook) - HOOKS.indexOf(b.hook) || sequence(a) - sequence(b) || a.priority - b.priority,
  );
}

function sequence({ type, hook, priority }: BaseChain): number {
  return type === "nat" ? (NAT_PRIORITY[hook] ?? priority) : priority;
}

/** A chain of ingress or egress sees the packets of its devices only; where they were not told, it may see ours. */
function watches({ table, base }: Stop, interfaceName: string): boolean {
  if (table.family === "bridge") return false;
  const { hook, devices } = base;
  if ((hook !== "ingress" && hook !== "egress") || !devices) return true;
  return devices.some((device) =>
    device.endsWith("*") ? interfaceName.startsWith(device.slice(0, -1)) : device === interfaceName,
  );
}

function evaluateStop({ table, chain, base }: Stop, flow: Flow, isTracking: boolean): ChainOutcome {
  const outcome = evaluateBaseChain(table, chain, flow);
  const skipping = skips(flow.packet, base, isTracking);
  if (skipping === false) return outcome;
  if (skipping === true) return { accepted: flow, drops: [], dropDoubt: undefined };
  const doubt = { place: { table, chain, rule: undefined }, why: "whether the chain sees the packet" };
  return {
    accepted: joinFlows(outcome.accepted, { ...flow, doubt }),
    drops: outcome.drops,
    dropDoubt: outcome.dropDoubt ?? doubt,
  };
}

/** Address translation looks at the first packet of a connection only, and at none that is not tracked. */
function skips(packet: Packet, { type, hook, devices }: BaseChain, isTracking: boolean): boolean | "unknown" {
  if ((hook === "ingress" || hook === "egress") && !devices) return "unknown";
  if (type !== "nat") return false;
  const state = fieldOf(packet, "ct state");
  if (state.kind === "known" && state.value !== CT_STATE.new) return true;
  return isTracking && state.kind === "known" ? false : "unknown";
}

/** The kernel tracks connections once a rule asks for it; a chain for address translation alone is no such rule. */
function asksForTracking({ chains }: Table): boolean {
  return [...chains.values()].some(({ rules }) =>
    rules.some(({ steps }) => steps.some((step) => "key" in step && namesTracking(step.key))),
  );
}

/** Our own adverts may be spared tracking, and then nothing is an answer to them. */
function sparesTracking({ chains }: Table): boolean {
  return [...chains.values()].some(({ rules }) =>
    rules.some(({ steps }) => steps.some(({ kind }) => kind === "notrack")),
  );
}

function namesTracking(key: Expression): boolean {
  switch (key.kind) {
    case "field":
      return key.name.startsWith("ct ");
    case "masked":
      return namesTracking(key.of);
    case "concat":
      return key.parts.some(namesTracking);
    case "unreadable":
      return false;
  }
}

/** The doubt of a chain that may accept and may drop. */
function doubtOf({ accepted, drops, dropDoubt }: ChainOutcome): Doubt | undefined {
  const [place] = drops;
  return place && (dropDoubt ?? accepted?.doubt ?? { place, why: "its match" });
}

/** What changes between the hooks: tracking has looked at the packet, or the hook is too early for it. */
function onArrival(packet: Packet, { hook, priority, type }: BaseChain, trackedAs: number): Packet {
  // The padding of a short Ethernet frame still counts at ingress, and the frame's header does at egress.
  if (hook === "ingress" || hook === "egress") return withField(packet, "meta length", UNKNOWN);
  const length = withField(packet, "meta length", fieldOf(packet, "ip length"));
  const state = fieldOf(packet, "ct state");
  const entry = hook === "prerouting" || hook === "output";
  if (state.kind !== "known" || state.value !== CT_STATE.invalid) return length;
  if (entry && type !== "nat" && priority < CONNTRACK_PRIORITY) return length;
  if (entry && type !== "nat" && priority === CONNTRACK_PRIORITY) {
    const unsettled = ["ct state", "ct mark", "ct direction", "ct status"];
    return unsettled.reduce((before, name) => withField(before, name, UNKNOWN), length);
  }
  const fresh = trackedAs === CT_STATE.new;
  const tracked = withField(length, "ct state", known(trackedAs));
  const marked = withField(tracked, "ct mark", fresh ? known(0) : UNKNOWN);
  const directed = withField(marked, "ct direction", fresh ? known(0) : UNKNOWN);
  return withField(directed, "ct status", fresh ? known(0) : UNKNOWN);
}
