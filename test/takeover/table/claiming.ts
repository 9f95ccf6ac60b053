import { millis } from "../../../src/base/units.ts";
import {
  claimed,
  claiming,
  doubt,
  fails,
  holding,
  incumbent,
  NEXT_CALL,
  rehearsed,
  shows,
  spreadOf,
  standby,
  tick,
} from "../fixtures.ts";
import { aborts, busy, calling, calls, type Row, row } from "./row.ts";

const trying = claiming(busy);

function toldOf(message: string, attempts: number) {
  return { kind: "cloud-call-failed", operation: "claim", message, attempts } as const;
}

function verifying(changes: Parameters<typeof holding>[0] = {}) {
  const started = { since: 98_000, lookedAt: 100_000, claimedAt: 100_000, verified: false };
  return holding({ ...calling, ...started, ...changes });
}

export const WHILE_CLAIMING: readonly Row[] = [
  row("a claim waits for its next attempt", claiming({ at: 100_001 }), tick),
  row("a claim is tried again when it is time", claiming(), tick, {
    actions: [calls("claim")],
    next: claiming({ ...calling, attempts: 4 }),
  }),
  row("an attempt that is under way is not doubled", trying, tick, { at: 200_000 }),
  row("a claim that succeeded is looked at at once", trying, claimed, {
    actions: [{ kind: "cloud-claimed", took: millis(2_000), attempts: 3 }, calls("owner")],
    next: verifying(),
  }),
  row(
    "what is known of former holders outlives a claim",
    claiming({ ...busy, tenure: incumbent, contests: [{ holder: "i-peer", at: millis(98_000) }] }),
    claimed,
    {
      actions: [{ kind: "cloud-claimed", took: millis(2_000), attempts: 3 }, calls("owner")],
      next: verifying({ tenure: incumbent, contests: [{ holder: "i-peer", at: millis(98_000) }] }),
    },
  ),
  row(
    "a claim that failed is told, and tried again after a while",
    claiming({ ...busy, at: 99_990 }),
    fails(),
    {
      actions: [toldOf("HTTP 500", 3)],
      next: claiming({ at: 99_990 + spreadOf(400) }),
    },
  ),
  row("a claim that hung for longer than the wait is tried again at once", trying, fails(), {
    actions: [toldOf("HTTP 500", 3)],
    next: claiming({ at: 100_000 }),
  }),
  row("a cloud that names a time is waited for", trying, fails({ retryAfter: 3_000 }), {
    actions: [toldOf("HTTP 500", 3)],
    next: claiming({ at: 103_000 }),
  }),
  row("a cloud that names an hour is waited for 15 seconds", trying, fails({ retryAfter: 3_600_000 }), {
    actions: [toldOf("HTTP 500", 3)],
    next: claiming({ at: 115_000 }),
  }),
  row("a refusal that a person must mend is tried again slowly", trying, fails({ retry: "slowly" }), {
    actions: [toldOf("HTTP 500", 3)],
    next: claiming({ at: 99_000 + spreadOf(15_000) }),
  }),
  row(
    "a claim whose thread died is tried again",
    trying,
    { kind: "calls-lost" },
    {
      actions: [toldOf("the service thread was restarted", 3)],
      next: claiming({ at: 100_000 }),
    },
  ),
  row("a wait goes on when the thread dies", claiming({ at: 101_000 }), { kind: "calls-lost" }),
  row("a claim is doubt enough", trying, doubt),
  row(
    "after a pause nothing is claimed before the others were listened to",
    claiming({ at: 99_000 }),
    { kind: "woke-late", listenUntil: millis(101_500) },
    { next: claiming({ at: 101_500 }) },
  ),
  row("a later attempt stays later", claiming({ at: 103_000 }), {
    kind: "woke-late",
    listenUntil: millis(101_500),
  }),
  row("a MASTER that is MASTER already goes on", trying, { kind: "mastership-gained" }),
  row(
    "who loses mastership drops the claim that is under way",
    trying,
    { kind: "mastership-lost" },
    {
      actions: [aborts],
      next: standby({ at: 100_000 + spreadOf(300_000) }),
    },
  ),
  row(
    "who loses mastership has no next attempt",
    claiming(),
    { kind: "mastership-lost" },
    {
      next: standby({ at: 100_000 + spreadOf(300_000) }),
    },
  ),
  row("a MASTER has no hold to end", trying, { kind: "hold-ended" }),
  row("the answer to an older claim is dropped", claiming({ ...busy, call: NEXT_CALL }), claimed),
  row("the failure of an older claim is dropped", claiming({ ...busy, call: NEXT_CALL }), fails()),
  row("a claim is not answered with an owner", trying, shows({ kind: "mine" })),
  row("a claim is not answered with a rehearsal", trying, rehearsed()),
];
