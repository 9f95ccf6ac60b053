import { FAULT, INIT, NEVER } from "../../../src/vrrp/state.ts";
import {
  advert,
  backup,
  HIGHER,
  handoverAsked,
  LOCAL,
  LOWER,
  master,
  routerIn,
  settingsWith,
  wokeLate,
  yieldAsked,
} from "../fixtures.ts";
import { type Row, row } from "./row.ts";

const tick = { kind: "tick" } as const;
const ours = { kind: "send-advert", priority: 100 } as const;
const farewell = { kind: "send-advert", priority: 0 } as const;
const unbind = { kind: "unbind" } as const;
const lowerBurst = { kind: "announce", burst: "lower-priority" } as const;

const serving = routerIn(master());
const owner = routerIn(master(), { settings: settingsWith({ priority: 255 }) });
const quiet = routerIn(master(), { settings: settingsWith({ lowerPrioNoAdvert: true }) });
const polite = routerIn(master(), { settings: settingsWith({ higherPrioSendAdvert: true }) });
const refreshing = settingsWith({ announcements: { masterRefresh: 60_000 } });

function lowerHeard(priority: number, from = LOWER) {
  return { kind: "lower-priority-heard", from, priority } as const;
}

function yielding(to: typeof HIGHER, priority: number) {
  return {
    kind: "transition",
    from: "MASTER",
    to: "BACKUP",
    reason: { kind: "yielded", to, priority },
  } as const;
}

/** After yielding at 500 to an advert at one second. */
function yieldedTo(address: typeof HIGHER, priority: number) {
  return backup({ masterDownAt: 4109.375, master: { address, priority }, cause: "master-silent" });
}

/** After answering a lower priority at 500. */
const answered = master({ announceAt: { at: 5500, burst: "lower-priority" }, answerAt: 1000 });

const ticks: readonly Row[] = [
  row("a tick before the next advert changes nothing", serving, tick, { at: 999.999 }),
  row("a MASTER advertises when it is time", serving, tick, {
    at: 1000,
    actions: [ours],
    changes: { state: master({ advertiseAt: 2000 }) },
  }),
  row("a MASTER that is late does not carry the lateness on", serving, tick, {
    at: 1400,
    actions: [ours],
    changes: { state: master({ advertiseAt: 2000 }) },
  }),
  row("a MASTER that is late by a whole interval advertises once", serving, tick, {
    at: 2000,
    actions: [ours],
    changes: { state: master({ advertiseAt: 3000 }) },
  }),
  row("a MASTER that missed adverts altogether does not make up for them", serving, tick, {
    at: 9300,
    actions: [ours],
    changes: { state: master({ advertiseAt: 10_300 }) },
  }),
  row("a MASTER advertises the priority that trackers left it", routerIn(master(), { priority: 42 }), tick, {
    at: 1000,
    actions: [{ kind: "send-advert", priority: 42 }],
    changes: { state: master({ advertiseAt: 2000 }) },
  }),
  row(
    "a MASTER announces a second time, once",
    routerIn(master({ announceAt: { at: 800, burst: "master" } })),
    tick,
    { at: 800, actions: [{ kind: "announce", burst: "master-repeat" }], changes: { state: master() } },
  ),
  row(
    "a MASTER that heard a lower priority announces that a second time, once",
    routerIn(master({ announceAt: { at: 800, burst: "lower-priority" } })),
    tick,
    {
      at: 800,
      actions: [{ kind: "announce", burst: "lower-priority-repeat" }],
      changes: { state: master() },
    },
  ),
  row(
    "a MASTER refreshes its announcement and plans the next",
    routerIn(master({ refreshAt: 800 }), { settings: refreshing }),
    tick,
    {
      at: 810,
      actions: [{ kind: "announce", burst: "refresh" }],
      changes: { state: master({ refreshAt: 60_810 }) },
    },
  ),
  row(
    "of what is due together the advert goes first",
    routerIn(master({ announceAt: { at: 900, burst: "master" }, refreshAt: 800 }), { settings: refreshing }),
    tick,
    {
      at: 1000,
      actions: [ours, { kind: "announce", burst: "master-repeat" }, { kind: "announce", burst: "refresh" }],
      changes: { state: master({ advertiseAt: 2000, refreshAt: 61_000 }) },
    },
  ),
];

const yields: readonly Row[] = [
  row("a MASTER yields to a higher priority, without priority 0", serving, advert(200, LOWER), {
    actions: [unbind, yielding(LOWER, 200)],
    changes: { state: yieldedTo(LOWER, 200) },
  }),
  row("a MASTER yields to its own priority from a higher address", serving, advert(100, HIGHER), {
    actions: [unbind, yielding(HIGHER, 100)],
    changes: { state: yieldedTo(HIGHER, 100) },
  }),
  row(
    "nopreempt has no say in MASTER",
    routerIn(master(), { settings: settingsWith({ preempt: false }) }),
    advert(101, LOWER),
    { actions: [unbind, yielding(LOWER, 101)], changes: { state: yieldedTo(LOWER, 101) } },
  ),
  row(
    "a MASTER compares with the priority that trackers left it",
    routerIn(master(), { priority: 50 }),
    advert(60, LOWER),
    {
      actions: [unbind, yielding(LOWER, 60)],
      changes: {
        state: backup({
          masterDownAt: 4304.6875,
          master: { address: LOWER, priority: 60 },
          cause: "master-silent",
        }),
      },
    },
  ),
  row("a MASTER that yields adopts the interval of its successor", serving, advert(200, HIGHER, 3000), {
    actions: [unbind, yielding(HIGHER, 200)],
    changes: {
      state: backup({
        masterAdvertInterval: 3000,
        masterDownAt: 11_328.125,
        master: { address: HIGHER, priority: 200 },
        cause: "master-silent",
      }),
    },
  }),
  row("a MASTER that yields adopts no interval above the cap", serving, advert(200, HIGHER, 40_950), {
    actions: [unbind, yielding(HIGHER, 200)],
    changes: {
      state: backup({
        masterAdvertInterval: 10_000,
        masterDownAt: 36_593.75,
        master: { address: HIGHER, priority: 200 },
        cause: "master-silent",
      }),
    },
  }),
  row(
    "with higher_prio_send_advert a MASTER advertises once more before it yields",
    polite,
    advert(200, HIGHER),
    {
      actions: [ours, unbind, yielding(HIGHER, 200)],
      changes: { state: yieldedTo(HIGHER, 200) },
    },
  ),
  row("of two owners the one with the higher address stays", owner, advert(255, HIGHER), {
    actions: [unbind, yielding(HIGHER, 255)],
    changes: {
      state: backup({
        masterDownAt: 3503.90625,
        master: { address: HIGHER, priority: 255 },
        cause: "master-silent",
      }),
    },
  }),
];

const answers: readonly Row[] = [
  row("a MASTER that hears priority 0 advertises at once and starts its interval anew", serving, advert(0), {
    actions: [ours],
    changes: { state: master({ advertiseAt: 1500 }) },
  }),
  row(
    "a MASTER answers priority 0 though it has just answered something else",
    routerIn(master({ answerAt: 1000 })),
    advert(0, HIGHER),
    { actions: [ours], changes: { state: master({ advertiseAt: 1500, answerAt: 1000 }) } },
  ),
  row(
    "a MASTER answers a lower priority at once, and its next advert comes when it would",
    serving,
    advert(99, HIGHER),
    {
      actions: [ours, lowerBurst, lowerHeard(99, HIGHER)],
      changes: { state: answered },
    },
  ),
  row("a MASTER answers its own priority from a lower address", serving, advert(100, LOWER), {
    actions: [ours, lowerBurst, lowerHeard(100)],
    changes: { state: answered },
  }),
  row("a MASTER does not yield to its own priority and address", serving, advert(100, LOCAL), {
    actions: [ours, lowerBurst, lowerHeard(100, LOCAL)],
    changes: { state: answered },
  }),
  row("the owner answers everyone else", owner, advert(254, HIGHER), {
    actions: [{ kind: "send-advert", priority: 255 }, lowerBurst, lowerHeard(254, HIGHER)],
    changes: { state: answered },
  }),
  row("a MASTER learns no interval from a lower priority", serving, advert(99, HIGHER, 3000), {
    actions: [ours, lowerBurst, lowerHeard(99, HIGHER)],
    changes: { state: answered },
  }),
  row("a MASTER that has just answered does not answer again", routerIn(answered), advert(99), {
    at: 999.999,
  }),
  row("a MASTER answers again after half an interval", routerIn(answered), advert(99), {
    at: 1000,
    actions: [ours, lowerBurst, lowerHeard(99)],
    changes: { state: master({ announceAt: { at: 6000, burst: "lower-priority" }, answerAt: 1500 }) },
  }),
  row(
    "with lower_prio_no_advert a MASTER does not advertise to a lower priority, but announces",
    quiet,
    advert(99),
    {
      actions: [lowerBurst, lowerHeard(99)],
      changes: { state: answered },
    },
  ),
  row(
    "without garp_lower_prio_delay a burst that was planned stays planned",
    routerIn(master({ announceAt: { at: 5000, burst: "master" } }), {
      settings: settingsWith({ announcements: { lowerPrioDelay: 0 } }),
    }),
    advert(99),
    {
      actions: [ours, lowerBurst, lowerHeard(99)],
      changes: { state: master({ announceAt: { at: 5000, burst: "master" }, answerAt: 1000 }) },
    },
  ),
];

/** The design's contested ownership: silence proves nothing while the cloud shows a higher peer as the holder. */
const givingUp: readonly Row[] = [
  row("a MASTER that is asked to yield goes on hold, without priority 0", serving, yieldAsked, {
    actions: [
      unbind,
      {
        kind: "transition",
        from: "MASTER",
        to: "BACKUP",
        reason: { kind: "gave-up", holder: "i-0a1b" },
      },
    ],
    changes: { state: backup({ masterDownAt: NEVER, heldFor: HIGHER }) },
  }),
  row("a MASTER has no hold to end", serving, { kind: "hold-ended" }),
];

const waking: readonly Row[] = [
  row("a MASTER that slept for less than the others wait goes on", serving, wokeLate(2999), { at: 5000 }),
  row(
    "a MASTER that slept longer listens for an interval before it speaks or announces",
    routerIn(master({ announceAt: { at: 5000, burst: "master" }, refreshAt: 60_000 })),
    wokeLate(3000),
    {
      at: 5000,
      changes: {
        state: master({
          ...{ advertiseAt: 6609.375, answerAt: 6609.375, refreshAt: 60_000 },
          announceAt: { at: 6609.375, burst: "master" },
        }),
      },
    },
  ),
];

const adjusting: readonly Row[] = [
  row(
    "a shifted priority waits for the next advert",
    serving,
    { kind: "priority-changed", priority: 80 },
    {
      changes: { priority: 80 },
    },
  ),
  row("the owner's priority is not shifted in MASTER", owner, { kind: "priority-changed", priority: 80 }),
  row(
    "after a reload a MASTER advertises at once and settles its addresses",
    serving,
    { kind: "reconfigured", settings: settingsWith({ priority: 150, advertInterval: 200 }) },
    {
      actions: [
        { kind: "send-advert", priority: 150 },
        { kind: "bind" },
        { kind: "announce", burst: "refresh" },
      ],
      changes: {
        settings: settingsWith({ priority: 150, advertInterval: 200 }),
        priority: 150,
        state: master({ advertiseAt: 700 }),
      },
    },
  ),
  row(
    "a reload keeps what trackers took from the priority",
    routerIn(master(), { priority: 80 }),
    { kind: "reconfigured", settings: settingsWith({ priority: 150 }) },
    {
      actions: [
        { kind: "send-advert", priority: 130 },
        { kind: "bind" },
        { kind: "announce", burst: "refresh" },
      ],
      changes: {
        settings: settingsWith({ priority: 150 }),
        priority: 130,
        state: master({ advertiseAt: 1500 }),
      },
    },
  ),
  row(
    "a reload can switch the refresh on",
    serving,
    { kind: "reconfigured", settings: refreshing },
    {
      actions: [ours, { kind: "bind" }, { kind: "announce", burst: "refresh" }],
      changes: { settings: refreshing, state: master({ advertiseAt: 1500, refreshAt: 60_500 }) },
    },
  ),
  row(
    "a reload can switch the refresh off",
    routerIn(master({ refreshAt: 60_000 }), { settings: refreshing }),
    { kind: "reconfigured", settings: settingsWith() },
    {
      actions: [ours, { kind: "bind" }, { kind: "announce", burst: "refresh" }],
      changes: { settings: settingsWith(), state: master({ advertiseAt: 1500 }) },
    },
  ),
  row(
    "a reload that gives up the ownership gives up 255",
    owner,
    { kind: "reconfigured", settings: settingsWith({ priority: 100 }) },
    {
      actions: [ours, { kind: "bind" }, { kind: "announce", burst: "refresh" }],
      changes: { settings: settingsWith(), priority: 100, state: master({ advertiseAt: 1500 }) },
    },
  ),
];

const leaving: readonly Row[] = [
  row(
    "a MASTER that stops says priority 0 before its addresses go",
    serving,
    { kind: "stopped" },
    {
      actions: [
        farewell,
        unbind,
        { kind: "transition", from: "MASTER", to: "INIT", reason: { kind: "stopped" } },
      ],
      changes: { heldUntil: undefined, state: INIT },
    },
  ),
  row(
    "an owner that stops says priority 0 too",
    owner,
    { kind: "stopped" },
    {
      actions: [
        farewell,
        unbind,
        { kind: "transition", from: "MASTER", to: "INIT", reason: { kind: "stopped" } },
      ],
      changes: { heldUntil: undefined, state: INIT },
    },
  ),
  row(
    "a MASTER with a fault says priority 0 before its addresses go",
    serving,
    { kind: "fault-raised", fault: "source-address-missing" },
    {
      actions: [
        farewell,
        unbind,
        {
          kind: "transition",
          from: "MASTER",
          to: "FAULT",
          reason: { kind: "fault", faults: ["source-address-missing"] },
        },
      ],
      changes: { faults: ["source-address-missing"], state: FAULT },
    },
  ),
];

/** RFC 9568 §6.4.3, RFC 3768 §6.4.3, and what keepalived adds. */
const handovers: readonly Row[] = [
  row("a MASTER that hands over says priority 0 and keeps its addresses", serving, handoverAsked("BACKUP"), {
    actions: [{ kind: "send-advert", priority: 0 }, { kind: "handing-over" }],
    changes: {
      state: { kind: "LEAVING", until: 1300, to: "BACKUP", successor: undefined, linger: 50 } as never,
    },
  }),
  row("a MASTER that does not leave has no successor", serving, { kind: "successor-serves" }),
];

export const IN_MASTER: readonly Row[] = [
  row("a second start changes nothing in MASTER", serving, { kind: "started" }),
  ...ticks,
  ...yields,
  ...answers,
  ...givingUp,
  ...waking,
  ...handovers,
  ...adjusting,
  row("the end of a fault that was not there changes nothing in MASTER", serving, {
    kind: "fault-cleared",
    fault: "interface-down",
  }),
  row(
    "in MASTER an address of our own is taken over",
    serving,
    { kind: "local-address-changed", address: LOWER },
    {
      changes: { localAddress: LOWER },
    },
  ),
  ...leaving,
];
