import { OperatorError } from "../../base/errors.ts";
import type { InstanceConfig } from "../../config/config.ts";
import type { FirewallListing } from "../../linux/firewall-rules.ts";
import { type Answer, answer, type Check, type Discovery, type DoctorContext, unseen } from "../check.ts";
import { readRuleset } from "../firewall/assemble.ts";
import type { Place } from "../firewall/evaluate.ts";
import { openingAt } from "../firewall/fix.ts";
import { ownerOf } from "../firewall/owner.ts";
import type { Advert } from "../firewall/packet.ts";
import { type Judgement, judge } from "../firewall/path.ts";
import type { Ruleset } from "../firewall/ruleset.ts";
import { ipv4Entries, type Wire, wiresOf } from "../wires.ts";

/** Whether this host's own packet filters let adverts pass; what routers and clouds filter is not theirs to show. */
export const FIREWALL_CHECKS: readonly Check[] = [
  {
    code: "host/firewall-drops-vrrp",
    title: "the packet filter lets adverts in",
    severity: "failure",
    why: "VRRP is IP protocol 112, neither TCP nor UDP, and filters that name ports drop it. A BACKUP that hears no adverts becomes MASTER beside the one that serves, and both claim the address. Every table has its own say: what one accepts another may still drop, so the rule must stand where the packet is dropped.",
    run: (context) => judgeAll(context, "in", dropped),
  },
  {
    code: "host/firewall-needs-conntrack",
    title: "adverts are let in without connection tracking",
    severity: "failure",
    why: "A rule that accepts established connections lets a peer's adverts in only while this host sends some itself. A BACKUP sends none, so its entry expires (nf_conntrack_generic_timeout, 600 s by default), and minutes later it hears nothing and becomes MASTER too. Right after a start everything seems to work.",
    run: (context) => judgeAll(context, "in", onlyAsAnswer),
  },
  {
    code: "host/firewall-drops-sending",
    title: "the packet filter lets adverts out",
    severity: "failure",
    why: "A MASTER whose adverts are dropped on their way out looks dead to its peers: they take over while it still serves.",
    run: (context) => judgeAll(context, "out", droppedSending),
  },
  {
    code: "host/firewall-unclear",
    title: "the packet filter's verdict is certain",
    severity: "warning",
    why: "Some matches cannot be told beforehand: a rate, a set that rules change, a program that decides. Whether adverts pass then depends on the moment. A rule that accepts protocol 112 above the one named here makes it certain.",
    run: async (context) => {
      const [arriving, leaving] = await Promise.all([
        judgeAll(context, "in", unclear),
        judgeAll(context, "out", unclear),
      ]);
      if (arriving.kind !== "found" || leaving.kind !== "found")
        return arriving.kind === "fine" ? leaving : arriving;
      return answer([...arriving.discoveries, ...leaving.discoveries], "");
    },
  },
];

interface Judged {
  readonly wire: Wire;
  readonly advert: Advert;
  readonly judgement: Judgement;
  /** Whether `ufw` takes rules for protocol vrrp. */
  readonly ufwKnowsVrrp: boolean;
}

async function judgeAll(
  context: DoctorContext,
  direction: Advert["direction"],
  discover: (judged: Judged) => readonly Discovery[],
): Promise<Answer> {
  if (!context.host.isRoot) return unseen("only root may read the rules of the packet filter");
  const listing = await context.host.firewall();
  const ruleset = rulesetOf(listing);
  if (typeof ruleset === "string") return unseen(ruleset);
  const wires = await wiresOf(context);
  if (wires.length === 0) return unseen("no instance has its interface and its source address here");
  const [ufwKnowsVrrp, ...adverts] = await Promise.all([
    asksUfw(ruleset, context),
    ...wires.map((wire) => advertOn(wire, direction, context)),
  ]);
  const discoveries = adverts.flatMap((advert, index) => {
    const wire = wires[index];
    return wire ? discover({ wire, advert, judgement: judge(ruleset, advert), ufwKnowsVrrp }) : [];
  });
  // What drops is certain, whatever else there is; that nothing does is certain only where everything was seen.
  const hidden = discoveries.length === 0 ? blindSpot(listing) : undefined;
  return hidden === undefined ? answer(discoveries, noteOf(ruleset, wires)) : unseen(hidden);
}

const rulesets = new WeakMap<FirewallListing, Ruleset | string>();

/** Read once for all checks; the reason where it is not readable. */
function rulesetOf(listing: FirewallListing): Ruleset | string {
  const ruleset = rulesets.get(listing) ?? readOrExplain(() => readRuleset(listing));
  rulesets.set(listing, ruleset);
  return ruleset;
}

/** Why there may be rules that were not listed. */
function blindSpot({ failures, nftJson }: FirewallListing): string | undefined {
  const failed = failures.find(({ kind }) => kind !== "missing");
  if (failed) return `${failed.command}: ${failed.message}`;
  if (failures.some(({ command }) => command.startsWith("iptables-legacy"))) {
    return "the kernel has tables of iptables-legacy, but iptables-legacy-save is not installed; install iptables";
  }
  if (nftJson !== undefined) return undefined;
  return "nft is not installed, so nobody can tell which rules there are; install nftables";
}

/** Whether this host's ufw has a word for VRRP; only where it manages the rules. */
async function asksUfw({ tables }: Ruleset, { host }: DoctorContext): Promise<boolean> {
  if (!tables.some((table) => ownerOf(table) === "ufw")) return false;
  return (await host.run(["ufw", "--dry-run", "allow", "proto", "vrrp", "from", "127.0.0.1"])).ok;
}

function readOrExplain(read: () => Ruleset): Ruleset | string {
  try {
    return read();
  } catch (error) {
    if (error instanceof OperatorError) return `${error.message}; ${error.hint}`;
    throw error;
  }
}

async function advertOn(
  { instance, link, source, peer, onLink }: Wire,
  direction: Advert["direction"],
  { host }: DoctorContext,
): Promise<Advert> {
  const [network, route] = await Promise.all([host.network(), host.routeTo(peer)]);
  const incoming = direction === "in";
  return {
    direction,
    interfaceName: link.name,
    source: incoming ? peer : source,
    destination: incoming ? source : peer,
    ttl: incoming ? (onLink ? 255 : undefined) : instance.unicastTtl,
    length: advertBytes(instance),
    reverseInterface: route?.interfaceName,
    sourceIsPrimary: ipv4Entries(network, link)[0]?.address === source,
  };
}

/** IPv4 header, VRRP header, the addresses, and in VRRPv2 the authentication data (RFC 3768 §5.1, RFC 9568 §5.1). */
function advertBytes({ router, virtualAddresses }: InstanceConfig): number {
  return 20 + 8 + 4 * virtualAddresses.length + (router.version === 2 ? 8 : 0);
}

function dropped({ wire, judgement, ufwKnowsVrrp }: Judged): readonly Discovery[] {
  const { verdict, onlyAsAnswer: asAnswer } = judgement;
  if (verdict.kind !== "dropped" || asAnswer) return [];
  return verdict.by.map((place) => ({
    message: `${wire.instance.name}: adverts from ${wire.peer} are dropped by ${placeText(place)}`,
    evidence: [ruleText(place)],
    consequence: `this node does not hear ${wire.peer} and becomes MASTER beside it`,
    fix: openingAt(place, { direction: "in", peer: wire.peer, ufwKnowsVrrp }),
  }));
}

function onlyAsAnswer({ wire, judgement, ufwKnowsVrrp }: Judged): readonly Discovery[] {
  const { verdict, onlyAsAnswer: asAnswer } = judgement;
  if (verdict.kind !== "dropped" || !asAnswer) return [];
  return verdict.by.map((place) => ({
    message: `${wire.instance.name}: adverts from ${wire.peer} come in only as answers to our own; after silence they are dropped by ${placeText(place)}`,
    evidence: [ruleText(place), "a rule above accepts established connections"],
    consequence: `as BACKUP this node stops hearing ${wire.peer} when the connection entry expires, and becomes MASTER beside it`,
    fix: openingAt(place, { direction: "in", peer: wire.peer, ufwKnowsVrrp }),
  }));
}

function droppedSending({ wire, judgement: { verdict }, ufwKnowsVrrp }: Judged): readonly Discovery[] {
  if (verdict.kind !== "dropped") return [];
  return verdict.by.map((place) => ({
    message: `${wire.instance.name}: adverts to ${wire.peer} are dropped by ${placeText(place)}`,
    evidence: [ruleText(place)],
    consequence: `as MASTER this node is not heard, and ${wire.peer} takes over while it serves`,
    fix: openingAt(place, { direction: "out", peer: wire.peer, ufwKnowsVrrp }),
  }));
}

function unclear({ wire, advert, judgement: { verdict }, ufwKnowsVrrp }: Judged): readonly Discovery[] {
  if (verdict.kind !== "unknown") return [];
  const { place, why } = verdict.because;
  const which = advert.direction === "in" ? `from ${wire.peer} are let in` : `to ${wire.peer} are let out`;
  return [
    {
      message: `${wire.instance.name}: whether adverts ${which} depends on ${placeText(place)}: ${why}`,
      evidence: [ruleText(place)],
      consequence: "adverts may be lost at a moment that nobody can foresee",
      fix: openingAt(place, { direction: advert.direction, peer: wire.peer, ufwKnowsVrrp }),
    },
  ];
}

function placeText({ table, chain, rule }: Place): string {
  const where =
    table.tool === "nft"
      ? `chain ${chain.name} of table ${table.family} ${table.name} (nft)`
      : `chain ${chain.name} of table ${table.name} (${table.tool})`;
  const owner = ownerOf(table);
  const managed = owner === undefined ? where : `${where}, which ${owner} manages`;
  return rule ? `a rule in ${managed}` : `the policy of ${managed}`;
}

function ruleText({ chain, rule }: Place): string {
  return rule?.text ?? `${chain.name}: policy ${chain.base?.policy ?? "accept"}`;
}

function noteOf({ tables }: Ruleset, wires: readonly Wire[]): string {
  const rules = tables
    .flatMap(({ chains }) => [...chains.values()])
    .reduce((sum, chain) => sum + chain.rules.length, 0);
  const peers = new Set(wires.map(({ peer }) => peer)).size;
  return `${rules} rule${rules === 1 ? "" : "s"}, ${peers} peer${peers === 1 ? "" : "s"}`;
}
