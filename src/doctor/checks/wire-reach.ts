import { type Answer, type Check, type Discovery, type DoctorContext, unseen } from "../check.ts";
import { countText, judgeHeardPeers, peersNote, someOf } from "../wire/judge.ts";
import {
  type InstancePicture,
  listenedLongEnough,
  type PeerPicture,
  type Picture,
  pictureOf,
} from "../wire/picture.ts";

/** Whether packets of protocol 112 go both ways between this host and each peer, and who is there. */
export const WIRE_REACH_CHECKS: readonly Check[] = [
  {
    code: "wire/peer-unreachable",
    title: "the network finds each peer",
    severity: "failure",
    why: "A router, or this host after three unanswered ARP requests, says that nobody has the peer's address. The server is off, its address is another one, or a route or security group keeps ARP or IP away from it. There is nobody to fail over to.",
    run: (context) => judgeHeardPeers(context, unreachable, peersNote),
  },
  {
    code: "wire/peer-without-agent",
    title: "a VRRP program runs on each peer",
    severity: "failure",
    why: 'The peer\'s kernel answered with ICMP "protocol unreachable": the packets get there, through every filter, and no program has opened a socket for protocol 112. The server is well and would not take over.',
    run: (context) => judgeHeardPeers(context, withoutAgent, peersNote),
  },
  {
    code: "wire/peer-rejects-vrrp",
    title: "no filter on the way says that VRRP is forbidden",
    severity: "failure",
    why: "A packet filter with a REJECT rule answers with ICMP. Unlike a DROP it can be seen from here: the address in the evidence is the host whose filter it is. Adverts of this node do not pass it, so that peer becomes MASTER beside it.",
    run: (context) => judgeHeardPeers(context, rejected, peersNote),
  },
  {
    code: "wire/probe-unanswered",
    title: "each peer answers a question over protocol 112",
    severity: "warning",
    why: "Doctor sends each peer a question over the protocol that adverts travel by, three times, and the peer's agent answers over it. An answer proves both directions at once: security groups, network ACLs and packet filters on either side. No answer while adverts of the peer arrive proves the way from there to here only; a peer that runs keepalived or an older cloudvip does not answer at all. Run doctor on the peer too: what it hears decides which direction is lost.",
    run: (context) => judgeHeardPeers(context, unanswered, answeredNote),
  },
  {
    code: "wire/no-adverts-from-peer",
    title: "adverts arrive from whoever is MASTER",
    severity: "failure",
    why: "Only a MASTER sends adverts; a BACKUP is silent, and its silence is no fault. But a peer that says it is MASTER must be heard. If it answers questions and no advert comes, this host is missing from its unicast_peer, or its adverts leave by another interface or with another source.",
    run: (context) => judgeHeardPeers(context, silentMaster, peersNote),
  },
  {
    code: "wire/not-heard-by-peer",
    title: "peers hear the adverts of this node",
    severity: "failure",
    why: "The peer's agent tells when it last accepted an advert of this node. If this node is MASTER and sends, and the peer answers questions and has heard nothing for as long as it waits for a MASTER, its adverts are lost or refused there while questions pass: a filter that looks at more than the protocol, a rate limit, or a setting on which the two differ. The peer counts what it refuses, by reason: `cloudvip status` there.",
    run: judgeHearingPeers,
  },
  {
    code: "wire/host-drops-adverts",
    title: "adverts that reach the interface reach the agent",
    severity: "failure",
    why: "A packet capture sees packets before the host's packet filter and routing do, a raw socket after. What only the capture sees, this host itself throws away: a rule, rp_filter, a destination that is not its own.",
    run: (context) => judgeHeardPeers(context, droppedHere, peersNote),
  },
  {
    code: "wire/peer-in-fault",
    title: "each peer could take over",
    severity: "warning",
    why: "A peer in FAULT has a reason to stay out of the election: a failed check, a missing interface or address, maintenance. One in INIT has not started yet. It will not take over, whatever happens here; `cloudvip status` on the peer tells the reason.",
    run: (context) => judgeHeardPeers(context, cannotTakeOver, peersNote),
  },
];

/** RFC 792 and RFC 1812 §5.2.7.1. */
const NOT_THERE = new Set([0, 1, 5, 6, 7, 11, 12]);
const NO_PROTOCOL = 2;
const FORBIDDEN = new Set([3, 9, 10, 13]);

function unreachable(
  { wire, probe, adverts }: PeerPicture,
  { source }: InstancePicture,
): Discovery | undefined {
  const { undelivered, answer, sendError } = probe;
  if (answer || adverts) return undefined;
  const unrouted = sendError === "EHOSTUNREACH" || sendError === "ENETUNREACH";
  if (!unrouted && !(undelivered && NOT_THERE.has(undelivered.code))) return undefined;
  const said =
    undelivered?.from === source
      ? "this host: nobody answers ARP for it"
      : `${undelivered?.from}: no such host`;
  return {
    message: `${wire.instance.name}: nobody is at ${wire.peer}`,
    evidence: [unrouted ? `sending to it: ${sendError}` : `ICMP from ${said}`],
    consequence: "no failover to this peer is possible",
    fix: { advice: `start the server, or correct ${wire.peer} in unicast_peer`, commands: [] },
  };
}

function withoutAgent({ wire, probe: { answer, undelivered } }: PeerPicture): Discovery | undefined {
  if (answer || undelivered?.code !== NO_PROTOCOL) return undefined;
  return {
    message: `${wire.instance.name}: no VRRP program runs on ${wire.peer}`,
    evidence: [`ICMP from ${undelivered.from}: protocol 112 unreachable`],
    consequence: "nobody takes over when this node fails",
    fix: { advice: `on ${wire.peer}: systemctl enable --now cloudvip`, commands: [] },
  };
}

function rejected({ wire, probe: { answer, undelivered } }: PeerPicture): Discovery | undefined {
  if (answer || !undelivered || !FORBIDDEN.has(undelivered.code)) return undefined;
  const { from, code } = undelivered;
  return {
    message: `${wire.instance.name}: a packet filter on ${from} rejects protocol 112 to ${wire.peer}`,
    evidence: [`ICMP from ${from}: destination unreachable, code ${code}`],
    consequence: `${wire.peer} does not hear this node and becomes MASTER beside it`,
    fix: {
      advice: `on ${from}, accept protocol 112 from ${wire.source} above the rule that rejects it (cloudvip doctor there names the rule)`,
      commands: [],
    },
  };
}

function unanswered(peer: PeerPicture, instance: InstancePicture): Discovery | undefined {
  const { wire, adverts, probe } = peer;
  if (probe.answer || unreachable(peer, instance) || withoutAgent(peer) || rejected(peer)) return undefined;
  const asked = `${probe.asked} question${probe.asked === 1 ? "" : "s"} to ${wire.peer}, no answer`;
  const refused = probe.sendError === undefined ? [] : [`the kernel refused to send: ${probe.sendError}`];
  if (adverts?.last) {
    return {
      message: `${wire.instance.name}: ${wire.peer} is heard, but whether it hears this node is not known`,
      evidence: [`${countText(adverts, instance.listenedMs)} from it: that way is open`, asked, ...refused],
      consequence: `if ${wire.peer} runs keepalived or an older cloudvip, nothing; if it runs this one, adverts of this node are lost on the way there, and both become MASTER`,
      fix: {
        advice: `if ${wire.peer} runs this cloudvip, run cloudvip doctor there: its packet filter or security group does not let protocol 112 in from ${wire.source}`,
        commands: [],
      },
    };
  }
  const isMaster = instance.running?.state === "MASTER" || instance.own !== undefined;
  return {
    severity: isMaster || !listenedLongEnough(instance) ? "warning" : "failure",
    message: `${wire.instance.name}: nothing at all comes from ${wire.peer}`,
    evidence: [asked, ...refused, `no advert in ${(instance.listenedMs / 1000).toFixed(1)} s`],
    consequence: isMaster
      ? `a BACKUP that runs keepalived is silent like this; so is a server that is off, and one that hears nothing and cannot be heard`
      : "either it is off, or protocol 112 is lost in both directions, and both nodes become MASTER",
    fix: {
      advice: `let protocol 112 pass between ${wire.source} and ${wire.peer}, in both directions, in security groups, network ACLs and the packet filters of both hosts; then see that an agent runs there`,
      commands: [],
    },
  };
}

function silentMaster(
  { wire, adverts, probe }: PeerPicture,
  instance: InstancePicture,
): Discovery | undefined {
  const router = probe.answer?.router;
  if (adverts || router?.state !== "MASTER" || !listenedLongEnough(instance)) return undefined;
  return {
    message: `${wire.instance.name}: ${wire.peer} says that it is MASTER, and no advert of it arrives`,
    evidence: [
      `it answered in ${(probe.answer?.roundTripMs ?? 0).toFixed(1)} ms: MASTER, priority ${router.priority}`,
      `no advert for virtual_router_id ${instance.instance.router.virtualRouterId} in ${(instance.listenedMs / 1000).toFixed(1)} s`,
    ],
    consequence: "this node takes it for dead and becomes MASTER beside it",
    fix: {
      advice: `on ${wire.peer}, list ${wire.source} in unicast_peer of ${wire.instance.name} and look at its log for send errors`,
      commands: [],
    },
  };
}

function notHeard(
  { wire, probe }: PeerPicture,
  { own, instance, listenedMs }: InstancePicture,
): Discovery | undefined {
  const router = probe.answer?.router;
  const patience = instance.router.downTimerAdverts * instance.router.advertInterval;
  if (!router || !own?.last || own.last.priority === 0 || own.count < SURE || listenedMs < patience / 2)
    return undefined;
  if (router.heardAgo !== undefined && router.heardAgo < patience) return undefined;
  const when = router.heardAgo === undefined ? "never" : `${(router.heardAgo / 1000).toFixed(1)} s ago`;
  return {
    message: `${instance.name}: ${wire.peer} does not hear this node, though it answers its questions`,
    evidence: [
      `sent: ${countText(own, listenedMs)}`,
      `its agent accepted the last one: ${when}; it is ${router.state}`,
    ],
    consequence: `${wire.peer} becomes MASTER beside this node`,
    fix: {
      advice: `on ${wire.peer}: cloudvip status counts what it refuses, by reason, and cloudvip doctor looks at its packet filter`,
      commands: [],
    },
  };
}

/** One packet may have come before the raw socket was open. */
const SURE = 2;

function droppedHere({ wire, adverts }: PeerPicture, { listenedMs }: InstancePicture): Discovery | undefined {
  if (!adverts || adverts.count < SURE || adverts.delivered > 0) return undefined;
  return {
    message: `${wire.instance.name}: adverts of ${wire.peer} reach ${adverts.interfaceName ?? "this host"} and are dropped by this host`,
    evidence: [
      `${countText(adverts, listenedMs)} on the wire, sent to ${adverts.destination}, and none at a raw socket`,
    ],
    consequence: `this node does not hear ${wire.peer} and becomes MASTER beside it`,
    fix: {
      advice: `see what host/firewall-drops-vrrp and host/rp-filter-drops say; that ${adverts.destination} is an address of this host; and \`nstat -az IpInAddrErrors IpExtInNoRoutes TcpExtIPReversePathFilter\``,
      commands: [],
    },
  };
}

function cannotTakeOver({ wire, probe }: PeerPicture, { peers }: InstancePicture): Discovery | undefined {
  const state = probe.answer?.router?.state;
  if (state !== "FAULT" && state !== "INIT") return undefined;
  return {
    severity: peers.length === 1 ? "failure" : "warning",
    message: `${wire.instance.name}: ${wire.peer} is in ${state} and would not take over`,
    evidence: [`its agent answers: ${state}`],
    consequence:
      peers.length === 1 ? "nobody takes over when this node fails" : "one node fewer can take over",
    fix: { advice: `on ${wire.peer}: cloudvip status says why, and what ends it`, commands: [] },
  };
}

/** Whether a peer hears this node, only its answer tells: its adverts, such as those of a keepalived, do not. */
async function judgeHearingPeers(context: DoctorContext): Promise<Answer> {
  const judged = await judgeHeardPeers(context, notHeard, sentNote);
  const picture = await pictureOf(context);
  if (judged.kind !== "fine" || typeof picture === "string") return judged;
  const reticent = sendingInstances(picture).flatMap(({ instance, peers }) =>
    peers.filter(({ probe }) => !probe.answer?.router).map(({ wire }) => `${wire.peer} (${instance.name})`),
  );
  return reticent.length === 0 ? judged : unseen(`no answer from ${someOf(reticent)}`);
}

function sentNote(picture: Picture): string {
  return sendingInstances(picture).length === 0
    ? "this node sends none, since it is not MASTER"
    : peersNote(picture);
}

function sendingInstances({ instances }: Picture): readonly InstancePicture[] {
  return instances.filter(({ own }) => own);
}

function answeredNote({ instances }: Picture): string {
  const answers = instances.flatMap(({ peers }) => peers.flatMap(({ probe }) => probe.answer ?? []));
  const slowest = Math.max(0, ...answers.map(({ roundTripMs }) => roundTripMs));
  const versions = [...new Set(answers.map(({ softwareVersion }) => softwareVersion))].join(", ");
  return `${answers.length} answered within ${slowest.toFixed(1)} ms, cloudvip ${versions}`;
}
