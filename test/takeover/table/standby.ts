import { millis } from "../../../src/base/units.ts";
import {
  claimed,
  claiming,
  doubt,
  fails,
  holding,
  NEXT_CALL,
  rehearsed,
  shows,
  spreadOf,
  standby,
  tick,
} from "../fixtures.ts";
import { aborts, busy, calling, calls, type Row, row } from "./row.ts";

const rehearsing = standby(busy);
const fresh = { attempts: 1, since: 100_000 };

export const ON_STANDBY: readonly Row[] = [
  row("a BACKUP waits for its next rehearsal", standby({ at: 100_001 }), tick),
  row("a BACKUP rehearses when it is time", standby(), tick, {
    actions: [calls("rehearse")],
    next: standby(calling),
  }),
  row("a rehearsal that is under way is not repeated", rehearsing, tick, { at: 999_000 }),
  row("a first rehearsal without obstacles is told", rehearsing, rehearsed(), {
    actions: [{ kind: "cloud-ready" }],
    next: standby({ at: 100_000 + spreadOf(300_000), ready: true }),
  }),
  row("a rehearsal with the same result is not told again", standby({ ...busy, ready: true }), rehearsed(), {
    next: standby({ at: 100_000 + spreadOf(300_000), ready: true }),
  }),
  row(
    "obstacles are told, and looked at again soon",
    standby({ ...busy, ready: true }),
    rehearsed("no role"),
    {
      actions: [{ kind: "cloud-not-ready", obstacles: ["no role"] }],
      next: standby({ at: 100_000 + spreadOf(30_000), ready: false }),
    },
  ),
  row(
    "an interval that is shorter is kept while there are obstacles",
    standby({ ...busy, ready: false }),
    rehearsed("no role"),
    {
      settings: { rehearseInterval: millis(5_000) },
      next: standby({ at: 100_000 + spreadOf(5_000), ready: false }),
    },
  ),
  row("a rehearsal that fails is an obstacle itself", rehearsing, fails({ message: "no answer" }), {
    actions: [{ kind: "cloud-not-ready", obstacles: ["no answer"] }],
    next: standby({ at: 100_000 + spreadOf(30_000), ready: false }),
  }),
  row(
    "a new service thread is tried out, which also warms it",
    standby({ at: 400_000 }),
    { kind: "calls-lost" },
    {
      actions: [calls("rehearse")],
      next: standby(calling),
    },
  ),
  row(
    "a rehearsal that got lost is repeated",
    rehearsing,
    { kind: "calls-lost" },
    {
      actions: [calls("rehearse")],
      next: standby(calling),
    },
  ),
  row(
    "a reload is tried out",
    standby({ at: 400_000 }),
    { kind: "doubt", cause: "reloaded" },
    {
      actions: [calls("rehearse")],
      next: standby(calling),
    },
  ),
  row("a BACKUP has no claim that could be doubted", standby({ at: 400_000 }), doubt),
  row("a BACKUP does nothing in the cloud that could wait", standby(), {
    kind: "woke-late",
    listenUntil: millis(101_000),
  }),
  row(
    "a new MASTER claims at once",
    standby({ at: 400_000 }),
    { kind: "mastership-gained" },
    {
      actions: [calls("claim")],
      next: claiming({ ...calling, ...fresh }),
    },
  ),
  row(
    "a new MASTER drops its rehearsal",
    rehearsing,
    { kind: "mastership-gained" },
    {
      actions: [aborts, calls("claim")],
      next: claiming({ ...calling, ...fresh }),
    },
  ),
  row(
    "a new MASTER looks first where gratuitous ARP moves the address",
    standby({ at: 400_000 }),
    { kind: "mastership-gained" },
    {
      settings: { kind: "claim" },
      actions: [calls("owner")],
      next: holding({
        ...{ ...calling, since: 100_000, lookedAt: 100_000, claimedAt: undefined, verified: false },
      }),
    },
  ),
  row("mastership that was not there cannot be lost", rehearsing, { kind: "mastership-lost" }),
  row("a BACKUP has no hold to end", rehearsing, { kind: "hold-ended" }),
  row(
    "an answer to a claim that was dropped comes too late for a BACKUP",
    standby({ ...busy, call: NEXT_CALL }),
    claimed,
  ),
  row("a look answered to a BACKUP says nothing", rehearsing, shows({ kind: "mine" })),
  row("a claim answered to a BACKUP says nothing", rehearsing, claimed),
];
