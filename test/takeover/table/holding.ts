import { millis } from "../../../src/base/units.ts";
import type { TakeoverAction } from "../../../src/takeover/actions.ts";
import {
  claimed,
  claiming,
  doubt,
  fails,
  heardPeer,
  holderOf,
  holding,
  incumbent,
  NEXT_CALL,
  OTHER_PEER,
  onHold,
  PEER,
  rehearsed,
  shows,
  silentPeer,
  spreadOf,
  standby,
  stoppedPeer,
  stranger,
  tick,
} from "../fixtures.ts";
import { aborts, busy, calling, calls, type Row, row } from "./row.ts";

const looking = holding({ ...busy, lookedAt: 99_000 });
/** The last look showed somebody else, and the second one is under way. */
const second = holding({ ...busy, lookedAt: 99_000, contrary: true });
const secondOfIncumbent = holding({ ...busy, lookedAt: 99_000, contrary: true, tenure: incumbent });
/** A peer of lower priority held itself for MASTER, and the look that follows is under way. */
const challenged = holding({ ...busy, challenged: true });
const doubted: TakeoverAction = { kind: "cloud-doubted", cause: "lower-priority-heard" };
const unknown: TakeoverAction = { kind: "cloud-unknown", why: "HTTP 500" };

/** Begins with the look that was answered at `at`. */
function newTenure(at: number) {
  return { from: millis(at), until: millis(at) };
}

function lookedAgain(changes: Parameters<typeof holding>[0] = {}) {
  return holding({ ...calling, lookedAt: 100_000, ...changes });
}

function repairs(holder: string | undefined): readonly TakeoverAction[] {
  return [{ kind: "cloud-repair", holder }, calls("claim")];
}

function reclaiming(changes: Parameters<typeof claiming>[0] = {}) {
  return claiming({ ...calling, since: 100_000, attempts: 1, ...changes });
}

function contests(...times: readonly number[]) {
  return times.map((at) => ({ holder: "i-peer", at: millis(at) }));
}

const yields: TakeoverAction = { kind: "yield", holder: "i-peer", peer: PEER };
const waiting = onHold({ at: 100_000 + spreadOf(10_000), since: 100_000 });

const looks: readonly Row[] = [
  row("a MASTER waits for its next look", holding({ at: 100_001 }), tick),
  row("a MASTER looks when it is time", holding(), tick, { actions: [calls("owner")], next: lookedAgain() }),
  row("a look that is under way is not doubled", looking, tick, { at: 200_000 }),
  row(
    "the first look that shows the address here is told",
    holding({ ...busy, verified: false }),
    shows({ kind: "mine" }),
    {
      actions: [{ kind: "cloud-verified", took: millis(30_000) }],
      next: holding({ at: 100_000 + spreadOf(9_000), tenure: newTenure(100_000) }),
    },
  ),
  row(
    "a look that shows the address here still prolongs the tenure",
    holding({ ...busy, tenure: incumbent }),
    shows({ kind: "mine" }),
    {
      at: 110_000,
      next: holding({ at: 110_000 + spreadOf(9_000), tenure: { ...incumbent, until: millis(110_000) } }),
    },
  ),
  row(
    "after a gap the tenure begins anew",
    holding({ ...busy, tenure: incumbent }),
    shows({ kind: "mine" }),
    {
      at: 130_000,
      next: holding({ at: 130_000 + spreadOf(9_000), tenure: newTenure(130_000) }),
    },
  ),
  row("one look that shows the address here wipes out a contrary one", second, shows({ kind: "mine" }), {
    next: holding({
      lookedAt: 99_000,
      at: 100_000 + spreadOf(9_000),
      tenure: newTenure(100_000),
    }),
  }),
];

const unknowns: readonly Row[] = [
  row(
    "a look that failed changes nothing but the time of the next",
    holding({ ...busy, lookedAt: 99_990 }),
    fails(),
    {
      actions: [unknown],
      next: holding({ lookedAt: 99_990, at: 99_990 + spreadOf(100), failures: 1 }),
    },
  ),
  row(
    "an unknown owner is no loss either",
    holding({ ...busy, lookedAt: 99_990 }),
    shows({ kind: "unknown", why: "HTTP 500" }),
    {
      actions: [unknown],
      next: holding({ lookedAt: 99_990, at: 99_990 + spreadOf(100), failures: 1 }),
    },
  ),
  row("an outage is told once", holding({ ...busy, lookedAt: 99_990, failures: 4 }), fails(), {
    next: holding({ lookedAt: 99_990, at: 99_990 + spreadOf(1_600), failures: 5 }),
  }),
  row("an unknown owner in between does not make a contrary look forgotten", second, fails(), {
    actions: [unknown],
    next: holding({ lookedAt: 99_000, contrary: true, at: 100_000, failures: 1 }),
  }),
  row(
    "a look whose thread died is repeated",
    looking,
    { kind: "calls-lost" },
    {
      actions: [{ kind: "cloud-unknown", why: "the service thread was restarted" }],
      next: holding({ lookedAt: 99_000, at: 100_000, failures: 1 }),
    },
  ),
  row("a wait goes on when the thread dies", holding({ at: 105_000 }), { kind: "calls-lost" }),
];

const doubts: readonly Row[] = [
  row("a doubt causes a look at once", holding({ at: 105_000 }), doubt, {
    actions: [doubted, calls("owner")],
    next: lookedAgain({ challenged: true }),
  }),
  row("doubts cause a look every half second at most", holding({ at: 105_000, lookedAt: 99_800 }), doubt, {
    actions: [doubted],
    next: holding({ at: 100_300, lookedAt: 99_800, challenged: true }),
  }),
  row("a doubt adds no look to one that is due", holding({ at: 100_300, lookedAt: 99_800 }), doubt, {
    next: holding({ at: 100_300, lookedAt: 99_800, challenged: true }),
  }),
  row("a doubt does not hurry a cloud that does not answer", holding({ at: 102_000, failures: 3 }), doubt, {
    next: holding({ at: 102_000, failures: 3, challenged: true }),
  }),
  row(
    "only a peer that held itself for MASTER has a claim behind it",
    holding({ at: 105_000 }),
    { kind: "doubt", cause: "peer-heard-again" },
    { actions: [{ kind: "cloud-doubted", cause: "peer-heard-again" }, calls("owner")], next: lookedAgain() },
  ),
  row("a doubt during a look asks for another", looking, doubt, {
    actions: [doubted],
    next: holding({ ...busy, lookedAt: 99_000, doubted: true, challenged: true }),
  }),
  row(
    "a second doubt during a look says nothing new",
    holding({ ...busy, doubted: true, challenged: true }),
    doubt,
  ),
  row(
    "the look after a doubt comes half a second after the one before",
    holding({ ...busy, lookedAt: 99_900, doubted: true }),
    shows({ kind: "mine" }),
    {
      next: holding({ lookedAt: 99_900, at: 100_400, tenure: newTenure(100_000) }),
    },
  ),
  row(
    "after a pause everything that was known is looked at anew, once the others were listened to",
    second,
    {
      kind: "woke-late",
      listenUntil: millis(101_500),
    },
    {
      actions: [{ kind: "cloud-doubted", cause: "woke-late" }, aborts],
      next: holding({ lookedAt: 99_000, at: 101_500 }),
    },
  ),
];

const contraries: readonly Row[] = [
  row("one contrary look is not believed, and soon followed by another", looking, shows(silentPeer), {
    next: holding({ lookedAt: 99_000, at: 100_500, contrary: true }),
  }),
  row(
    "within the consistency window no contrary look counts",
    holding({ ...busy, claimedAt: 95_001, contrary: true }),
    shows(silentPeer),
    {
      next: holding({ claimedAt: 95_001, at: 100_500 }),
    },
  ),
  row(
    "one look suffices that shows the address at a peer which held itself for MASTER",
    challenged,
    shows(heardPeer),
    {
      actions: repairs("i-peer"),
      next: reclaiming({ contests: contests(100_000) }),
    },
  ),
  row(
    "within the consistency window even that may be an old look",
    { ...challenged, claimedAt: millis(95_001) },
    shows(heardPeer),
    {
      next: holding({ claimedAt: 95_001, at: 100_500, challenged: true }),
    },
  ),
  row("what another peer held does not make a silent one's claim expected", challenged, shows(silentPeer), {
    next: holding({ lookedAt: 90_000, at: 100_500, contrary: true, challenged: true }),
  }),
  row("a look that shows the address here ends the challenge", challenged, shows({ kind: "mine" }), {
    next: holding({ at: 100_000 + spreadOf(9_000), tenure: newTenure(100_000) }),
  }),
  row("nobody's address is claimed again", second, shows({ kind: "nobody" }), {
    actions: repairs(undefined),
    next: reclaiming(),
  }),
  row("the address of a stopped server is claimed again", second, shows(stoppedPeer), {
    actions: repairs(undefined),
    next: reclaiming(),
  }),
  row("two looks that show different holders are contrary both", second, shows(heardPeer), {
    actions: repairs("i-peer"),
    next: reclaiming({ contests: contests(100_000) }),
  }),
  row("a newcomer gives way to a peer that is not heard", second, shows(silentPeer), {
    actions: [yields],
    next: waiting,
  }),
  row("the incumbent claims back from a peer that is not heard", secondOfIncumbent, shows(silentPeer), {
    actions: repairs("i-peer"),
    next: reclaiming({ contests: contests(100_000), tenure: incumbent }),
  }),
  row("a lapsed incumbent is a newcomer", secondOfIncumbent, shows(silentPeer), {
    at: 130_000,
    actions: [yields],
    next: onHold({ at: 130_000 + spreadOf(10_000), since: 130_000 }),
  }),
  row(
    "even the incumbent gives way to a peer that keeps taking the address",
    holding({ ...busy, contrary: true, tenure: incumbent, contests: contests(60_000, 70_000, 80_000) }),
    shows(silentPeer),
    { actions: [yields], next: waiting },
  ),
  row(
    "contests with one holder do not count against another",
    holding({ ...busy, contrary: true, tenure: incumbent, contests: contests(60_000, 70_000, 80_000) }),
    shows(holderOf("i-third", { address: OTHER_PEER, heard: false })),
    {
      actions: repairs("i-third"),
      next: reclaiming({
        contests: [...contests(60_000, 70_000, 80_000), { holder: "i-third", at: millis(100_000) }],
        tenure: incumbent,
      }),
    },
  ),
  row("a stranger is claimed from", second, shows(stranger), {
    actions: repairs("i-stranger"),
    next: reclaiming({ contests: [{ holder: "i-stranger", at: millis(100_000) }] }),
  }),
  row(
    "a holder that takes the address again and again is left alone, with an alarm",
    holding({ ...busy, contrary: true, contests: contests(41_000, 60_000, 80_000) }),
    shows(heardPeer),
    {
      actions: [{ kind: "cloud-contested", holder: "i-peer" }],
      next: holding({
        at: 100_000 + spreadOf(9_000),
        contrary: true,
        contests: contests(41_000, 60_000, 80_000),
      }),
    },
  ),
  row(
    "contests are forgotten after a minute",
    holding({ ...busy, contrary: true, contests: contests(40_000, 60_000, 80_000) }),
    shows(heardPeer),
    { actions: repairs("i-peer"), next: reclaiming({ contests: contests(60_000, 80_000, 100_000) }) },
  ),
];

export const WHILE_HOLDING: readonly Row[] = [
  ...looks,
  ...unknowns,
  ...doubts,
  ...contraries,
  row("a MASTER that is MASTER already goes on", looking, { kind: "mastership-gained" }),
  row(
    "who loses mastership drops the look that is under way",
    looking,
    { kind: "mastership-lost" },
    {
      actions: [aborts],
      next: standby({ at: 100_000 + spreadOf(300_000) }),
    },
  ),
  row("a MASTER has no hold to end", looking, { kind: "hold-ended" }),
  row("a look is not answered with a claim", looking, claimed),
  row("a look is not answered with a rehearsal", looking, rehearsed()),
  row("the answer to an older look is dropped", holding({ ...busy, call: NEXT_CALL }), shows(silentPeer)),
];
