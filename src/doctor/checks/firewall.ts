import { OperatorError } from "../../base/errors.ts";
import type { InstanceConfig } from "../../config/config.ts";
import { type Answer, answer, type Check, type Discovery, type DoctorContext, unseen } from "../check.ts";
import { readRuleset } from "../firewall/assemble.ts";
import type { Place } from "../firewall/evaluate.ts";
import { openingAt } from "../firewall/fix.ts";
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
      return arriving.kind === "fine" ? leaving : arriving;
    },
  },
];

interface Judged {
  readonly wire: Wire;
  readonly advert: Advert;
  readonly judgement: Judgement;
}

async function judgeAll(
  context: DoctorContext,
  direction: Advert["direction"],
  discover: (judged: Judged) => readonly Discovery[],
): Promise<Answer> {
  if (!context.host.isRoot) return unseen("only root may read the rules of the packet filter");
  const listing = await context.host.firewall();
  const refused = listing.failures.find(({ kind }) => kind !== "missing");
  if (refused) return unseen(`${refused.command}: ${refused.message}`);
  if (listing.nftJson === undefined && listing.iptablesNft === undefined) {
    return unseen("nft is not installed, so nobody can tell which rules there are; install nftables");
  }
  const ruleset = readOrExplain(() => readRuleset(listing));
  if (typeof ruleset === "string") return unseen(ruleset);
  const wires = await wiresOf(context);
  const adverts = await Promise.all(wires.map((wire) => advertOn(wire, direction, context)));
  const discoveries = adverts.flatMap((advert, index) => {
    const wire = wires[index];
    return wire ? discover({ wire, advert, judgement: judge(ruleset, advert) }) : [];
  });
  return answer(discoveries, noteOf(ruleset, wires));
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

function dropped({ wire, judgement }: Judged): readonly Discovery[] {
  const { verdict, onlyAsAnswer: asAnswer } = judgement;
  if (verdict.kind !== "dropped" || asAnswer) return [];
  return verdict.by.map((place) => ({
    message: `${wire.instance.name}: adverts from ${wire.peer} are dropped by ${placeText(place)}`,
    evidence: [ruleText(place)],
    consequence: `this node does not hear ${wire.peer} and becomes MASTER beside it`,
    fix: openingAt(place, { direction: "in", peer: wire.peer }),
  }));
}

function onlyAsAnswer({ wire, judgement }: Judged): readonly Discovery[] {
  const { verdict, onlyAsAnswer: asAnswer } = judgement;
  if (verdict.kind !== "dropped" || !asAnswer) return [];
  return verdict.by.map((place) => ({
    message: `${wire.instance.name}: adverts from ${wire.peer} come in only as answers to our own; after silence they are dropped by ${placeText(place)}`,
    evidence: [ruleText(place), "a rule above accepts established connections"],
    consequence: `as BACKUP this node stops hearing ${wire.peer} when the connection entry expires, and becomes MASTER beside it`,
    fix: openingAt(place, { direction: "in", peer: wire.peer }),
  }));
}

function droppedSending({ wire, judgement: { verdict } }: Judged): readonly Discovery[] {
  if (verdict.kind !== "dropped") return [];
  return verdict.by.map((place) => ({
    message: `${wire.instance.name}: adverts to ${wire.peer} are dropped by ${placeText(place)}`,
    evidence: [ruleText(place)],
    consequence: `as MASTER this node is not heard, and ${wire.peer} takes over while it serves`,
    fix: openingAt(place, { direction: "out", peer: wire.peer }),
  }));
}

function unclear({ wire, advert, judgement: { verdict } }: Judged): readonly Discovery[] {
  if (verdict.kind !== "unknown") return [];
  const { place, why } = verdict.because;
  const which = advert.direction === "in" ? `from ${wire.peer} are let in` : `to ${wire.peer} are let out`;
  return [
    {
      message: `${wire.instance.name}: whether adverts ${which} depends on ${placeText(place)}: ${why}`,
      evidence: [ruleText(place)],
      consequence: "adverts may be lost at a moment that nobody can foresee",
      fix: openingAt(place, { direction: advert.direction, peer: wire.peer }),
    },
  ];
}

function placeText({ table, chain, rule }: Place): string {
  const where =
    table.tool === "nft"
      ? `chain ${chain.name} of table ${table.family} ${table.name} (nft)`
      : `chain ${chain.name} of table ${table.name} (${table.tool})`;
  return rule ? `a rule in ${where}` : `the policy of ${where}`;
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
