import { millis } from "../../../src/base/units.ts";
import type { TakeoverAction } from "../../../src/takeover/actions.ts";
import {
  claimed,
  claiming,
  doubt,
  fails,
  heardPeer,
  holderOf,
  NEXT_CALL,
  OTHER_PEER,
  onHold,
  rehearsed,
  shows,
  silentPeer,
  spreadOf,
  standby,
  stoppedPeer,
  stranger,
  TENURE_MS,
  tick,
} from "../fixtures.ts";
import { aborts, busy, calling, calls, type Row, row } from "./row.ts";

const looking = onHold(busy);
const endHold: TakeoverAction = { kind: "end-hold" };
const resting = standby({ at: 100_000 + spreadOf(300_000) });
const waitsOn = onHold({ at: 100_000 + spreadOf(10_000) });

export const WHILE_ON_HOLD: readonly Row[] = [
  row("a node on hold waits for its next look", onHold({ at: 100_001 }), tick),
  row("a node on hold looks when it is time", onHold(), tick, {
    actions: [calls("owner")],
    next: onHold(calling),
  }),
  row("a look that is under way is not doubled", looking, tick, { at: 200_000 }),
  row("the peer that was given way to still serves", looking, shows(silentPeer), { next: waitsOn }),
  row(
    "another peer that is not heard is waited for instead",
    looking,
    shows(holderOf("i-third", { address: OTHER_PEER, heard: false })),
    {
      actions: [{ kind: "yield", holder: "i-third", peer: OTHER_PEER }],
      next: onHold({
        ...{ at: 100_000 + spreadOf(10_000), since: 100_000, holder: "i-third", peer: OTHER_PEER },
      }),
    },
  ),
  row("one look that shows nobody is not believed", looking, shows({ kind: "nobody" }), {
    next: onHold({ at: 100_500, free: true }),
  }),
  ...[
    { whom: "nobody", reading: { kind: "nobody" } as const },
    { whom: "this node", reading: { kind: "mine" } as const },
    { whom: "a stopped server", reading: stoppedPeer },
  ].map(({ whom, reading }) =>
    row(`two looks that show ${whom} end the hold`, onHold({ ...busy, free: true }), shows(reading), {
      actions: [endHold],
      next: resting,
    }),
  ),
  row(
    "within the consistency window no such look counts",
    onHold({ ...busy, since: 95_001, free: true }),
    shows({ kind: "mine" }),
    {
      next: onHold({ since: 95_001, at: 100_500 }),
    },
  ),
  row(
    "a look in between that shows the peer starts the count again",
    onHold({ ...busy, free: true }),
    shows(silentPeer),
    {
      next: waitsOn,
    },
  ),
  row("a peer on this side may take the address, and is not followed yet", looking, shows(heardPeer), {
    next: onHold({ at: 100_000 + spreadOf(10_000), elsewhereSince: 100_000 }),
  }),
  row("a stranger may take it, and is not fought", looking, shows(stranger), {
    next: onHold({ at: 100_000 + spreadOf(10_000), elsewhereSince: 100_000 }),
  }),
  row(
    "who has not taken the address back for so long is not waited for any more",
    onHold({ ...busy, elsewhereSince: 100_000 - TENURE_MS }),
    shows(heardPeer),
    { actions: [endHold], next: resting },
  ),
  row(
    "a peer that took it back is waited for again",
    onHold({ ...busy, elsewhereSince: 70_000 }),
    shows(silentPeer),
    {
      next: waitsOn,
    },
  ),
  row(
    "an unknown owner ends no hold",
    onHold({ ...busy, at: 99_990, free: true }),
    shows({ kind: "unknown", why: "HTTP 500" }),
    {
      next: onHold({ at: 99_990 + spreadOf(100), failures: 1, free: true }),
    },
  ),
  row("a look that failed ends no hold", onHold({ ...busy, at: 99_990, failures: 3 }), fails(), {
    next: onHold({ at: 99_990 + spreadOf(800), failures: 4 }),
  }),
  row(
    "a look whose thread died is repeated",
    looking,
    { kind: "calls-lost" },
    {
      next: onHold({ at: 100_000, failures: 1 }),
    },
  ),
  row("a wait goes on when the thread dies", onHold({ at: 105_000 }), { kind: "calls-lost" }),
  row("a node on hold has no claim that could be doubted", onHold({ at: 105_000 }), doubt),
  row("a node on hold claims nothing after a pause either", onHold({ at: 105_000 }), {
    kind: "woke-late",
    listenUntil: millis(101_500),
  }),
  row("to give way is to lose mastership, which is no news", looking, { kind: "mastership-lost" }),
  row(
    "a hold that ends drops its look",
    looking,
    { kind: "hold-ended" },
    { actions: [aborts], next: resting },
  ),
  row(
    "who becomes MASTER after all claims",
    looking,
    { kind: "mastership-gained" },
    {
      actions: [aborts, calls("claim")],
      next: claiming({ ...calling, since: 100_000, attempts: 1 }),
    },
  ),
  row("a look is not answered with a claim", looking, claimed),
  row("a look is not answered with a rehearsal", looking, rehearsed()),
  row(
    "the answer to an older look is dropped",
    onHold({ ...busy, call: NEXT_CALL }),
    shows({ kind: "nobody" }),
  ),
];
