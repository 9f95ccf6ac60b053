import { type Millis, millis } from "../../base/units.ts";
import { isTooLate, smallestSafeInterval } from "../../vrrp/safe-interval.ts";
import { answer, type Check, type Discovery, type DoctorContext, fine, unseen } from "../check.ts";
import { judgePeers } from "../wire/judge.ts";
import { type InstancePicture, type PeerPicture, type Picture, pictureOf } from "../wire/picture.ts";
import { type Rhythm, rhythmOf } from "../wire/rhythm.ts";
import type { AdvertStream } from "../wire/wire-view.ts";

/** Whether adverts come as regularly as advert_int promises, and which advert_int this host and network bear. */
export const WIRE_RHYTHM_CHECKS: readonly Check[] = [
  {
    code: "wire/adverts-lost",
    title: "no adverts are lost",
    severity: "warning",
    why: "Three lost adverts in a row are a failover. A network that loses one in a hundred does that once in a million adverts, which is twelve days at one a second and a day at ten; one that loses one in ten does it within a quarter of an hour. Senders count their packets, so a lost one is told from a late one.",
    run: (context) => judgePeers(context, lost, rhythmNote),
  },
  {
    code: "wire/jitter",
    title: "adverts arrive in time",
    severity: "warning",
    why: "A BACKUP waits for about three advert_int. An advert that is late by more than half of one leaves too little for a lost one beside it. The times are the kernel's, so doctor's own lateness is not in them: the sender was not scheduled, or packets waited in a queue on the way.",
    run: (context) => judgePeers(context, late, rhythmNote),
  },
  {
    code: "wire/interval-too-short",
    title: "advert_int suits this host and network",
    severity: "warning",
    why: "A failover by mistake happens when adverts stay away for three advert_int without a fault. Lateness adds up: of the sender's timer, of the network, of the receiver's timer. Doctor measures how late adverts arrive and how late timers fire here, allows for one lost advert and for twice what it measured, and takes the smallest advert_int that still fits. It measures for seconds, not for the one bad minute of a month: the running agent's own record is taken where there is one.",
    isQuiet: true,
    run: judgeIntervals,
  },
];

function lost({ wire, adverts }: PeerPicture): Discovery | undefined {
  const rhythm = adverts && rhythmIn(adverts);
  if (!rhythm || rhythm.lost === 0) return undefined;
  const sent = rhythm.gaps + rhythm.lost;
  const percent = (100 * rhythm.lost) / sent;
  return {
    message: `${wire.instance.name}: ${rhythm.lost} of ${sent} adverts of ${wire.peer} did not arrive`,
    evidence: [`${percent.toFixed(0)} % lost on the way to ${wire.link.name}`],
    consequence: "three in a row are a failover without a fault",
    fix: {
      advice: `look for drops on both hosts (ip -s link show ${wire.link.name}) and for a rate limit in packet filters and security groups; until then a longer advert_int or down_timer_adverts helps`,
      commands: [],
    },
  };
}

function late({ wire, adverts }: PeerPicture): Discovery | undefined {
  const rhythm = adverts && rhythmIn(adverts);
  if (!adverts?.last || !rhythm) return undefined;
  const { advertInterval } = adverts.last;
  if (!isTooLate(millis(rhythm.worstLateMs), advertInterval)) return undefined;
  return {
    message: `${wire.instance.name}: adverts of ${wire.peer} come up to ${rhythm.worstLateMs.toFixed(0)} ms late, and they are ${advertInterval} ms apart`,
    evidence: [`${rhythm.gaps + 1} adverts, by the kernel's clock`],
    consequence: "one lost advert more, and this node takes over from a MASTER that lives",
    fix: {
      advice: `give the agent on ${wire.peer} a real-time priority or more CPU, or set advert_int to ${seconds(suggestedFor(rhythm.worstLateMs, wire.instance.router.version))} on all nodes`,
      commands: [],
    },
  };
}

function rhythmIn(stream: AdvertStream): Rhythm | undefined {
  return stream.last && rhythmOf(stream, stream.last.advertInterval);
}

function rhythmNote(picture: Picture): string {
  const rhythms = picture.instances.flatMap(({ peers }) =>
    peers.flatMap(({ adverts }) => (adverts && rhythmIn(adverts)) ?? []),
  );
  if (rhythms.length === 0) return "no peer is MASTER, so none sends any";
  const adverts = rhythms.reduce((sum, { gaps }) => sum + gaps + 1, 0);
  const worst = Math.max(...rhythms.map(({ worstLateMs }) => worstLateMs));
  return `${adverts} adverts, ${worst.toFixed(1)} ms late at most`;
}

/** What was measured, and where. */
interface Measured {
  readonly lateMs: number;
  readonly what: string;
}

async function judgeIntervals(context: DoctorContext) {
  const picture = await pictureOf(context);
  if (typeof picture === "string") return unseen(picture);
  const timers = await timerLateness(context);
  const suggestions = picture.instances.map((instance) => suggest(instance, timers));
  const tooShort = suggestions.filter(({ safe, interval }) => safe > interval);
  if (tooShort.length > 0) return answer(tooShort.map(shortDiscovery), "");
  const worst = suggestions.toSorted((a, b) => b.safe - a.safe)[0];
  const intervals = suggestions.map(({ interval }) => interval);
  const shortest = seconds(millis(Math.min(...intervals)));
  return fine(
    `${suggestions.length === 1 ? "it" : "the shortest"} is ${shortest}; from ${seconds(worst?.safe ?? SMALLEST_TRIED)} on it is safe here`,
    worst?.reasoning,
  );
}

/** The agent's own record is longer and of the process that counts; 999 of 1000, since its start is no sample of its work. */
async function timerLateness({ agent, host }: DoctorContext): Promise<Measured> {
  const recorded = agent?.status?.lateness;
  if (recorded && recorded.samples >= SAMPLES_WANTED) {
    const what = `999 of 1000 timers of the agent here were not more than ${recorded.p999Ms.toFixed(1)} ms late (of ${recorded.samples})`;
    return { lateMs: recorded.p999Ms, what };
  }
  const { worstLatenessMs, watchedMs } = await host.watchClocks();
  return {
    lateMs: worstLatenessMs,
    what: `a timer here was at most ${worstLatenessMs.toFixed(1)} ms late in ${(watchedMs / 1000).toFixed(1)} s`,
  };
}

const SAMPLES_WANTED = 1_000;

/** The smallest safe advert_int of an instance, and why. */
interface Suggestion {
  readonly name: string;
  /** The one that it has. */
  readonly interval: Millis;
  readonly safe: Millis;
  readonly reasoning: readonly string[];
}

function suggest(picture: InstancePicture, timers: Measured): Suggestion {
  const { name, router } = picture.instance;
  const arrivals = arrivalLateness(picture);
  const lateMs = timers.lateMs + (arrivals?.lateMs ?? 0);
  const safe = suggestedFor(lateMs, router.version);
  const reasoning = [
    `${name}: ${arrivals?.what ?? "no adverts to measure"}; ${timers.what}`,
    `with one advert lost and the next late by twice these ${lateMs.toFixed(1)} ms, three advert_int are not over from ${seconds(safe)} on`,
  ];
  return { name, interval: router.advertInterval, safe, reasoning };
}

function shortDiscovery({ name, interval, safe, reasoning }: Suggestion): Discovery {
  return {
    message: `${name}: advert_int is ${seconds(interval)}, and ${seconds(safe)} is the smallest that is safe here`,
    evidence: reasoning,
    consequence: "a BACKUP takes over from a MASTER that lives, when the machine or the network is busy",
    fix: {
      advice: `set advert_int to ${seconds(safe)} on all nodes, or find out what is late`,
      commands: [],
    },
  };
}

/** The worst of what was heard now and of what the agents on both sides have heard so far. */
function arrivalLateness(picture: InstancePicture): Measured | undefined {
  const measured = picture.peers.flatMap((peer) => [...heardHere(peer, picture), ...heardThere(peer)]);
  const sent = picture.own && rhythmIn(picture.own);
  // What this node sends tells of its timer, but not of the network.
  if (measured.length === 0 && sent) return nowLate("the adverts of this node went out", sent);
  return measured.toSorted((a, b) => b.lateMs - a.lateMs)[0];
}

function heardHere({ wire, adverts }: PeerPicture, { running }: InstancePicture): readonly Measured[] {
  const rhythm = adverts && rhythmIn(adverts);
  const now = rhythm ? [nowLate(`adverts of ${wire.peer} came`, rhythm)] : [];
  const record = running?.peers.find(({ address }) => address === wire.peer)?.advertLateness;
  if (!record || record.samples < SAMPLES_WANTED) return now;
  const what = `999 of 1000 adverts of ${wire.peer} came not more than ${record.p999Ms.toFixed(1)} ms late (of ${record.samples})`;
  return [...now, { lateMs: record.p999Ms, what }];
}

function heardThere({ wire, probe }: PeerPicture): readonly Measured[] {
  const lateMs = probe.answer?.router?.advertLateness;
  if (lateMs === undefined) return [];
  return [
    { lateMs, what: `999 of 1000 adverts of this node came to ${wire.peer} not more than ${lateMs} ms late` },
  ];
}

function nowLate(who: string, { worstLateMs, gaps }: Rhythm): Measured {
  return {
    lateMs: worstLateMs,
    what: `${who} at most ${worstLateMs.toFixed(1)} ms late (${gaps + 1} of them)`,
  };
}

/** 30 ms is the smallest at which pairs under load were watched for false takeovers; VRRPv2 counts whole seconds. */
const SMALLEST_TRIED: Millis = millis(30);
const SECOND = 1000;

function suggestedFor(lateMs: number, version: 2 | 3): Millis {
  const safe = Math.max(SMALLEST_TRIED, smallestSafeInterval(millis(lateMs)));
  return millis(version === 2 ? Math.ceil(safe / SECOND) * SECOND : safe);
}

function seconds(interval: Millis): string {
  return interval < SECOND ? `${interval} ms` : `${interval / SECOND} s`;
}
