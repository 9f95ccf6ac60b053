import { millis } from "../../../src/base/units.ts";
import type { TakeoverCause } from "../../../src/vrrp/state.ts";
import { FAULT, INIT, NEVER } from "../../../src/vrrp/state.ts";
import {
  advert,
  backup,
  HIGHER,
  handoverAsked,
  LOWER,
  master,
  routerIn,
  settingsWith,
  takingOver,
  wokeLate,
  yieldAsked,
} from "../fixtures.ts";
import { type Row, row } from "./row.ts";

const tick = { kind: "tick" } as const;
const heard = { address: HIGHER, priority: 200 };

const alone = routerIn(backup());
const following = routerIn(backup({ master: heard, cause: "master-silent" }));
const held = routerIn(backup({ masterDownAt: NEVER, heldFor: HIGHER }));
const nopreempt = routerIn(backup(), { settings: settingsWith({ preempt: false }) });
const patient = settingsWith({ preemptDelay: 3000 });
const owner = routerIn(backup({ masterDownAt: 3003.90625 }), { settings: settingsWith({ priority: 255 }) });

/** Since the first lower-priority advert, at 500. */
const tolerating = routerIn(tolerant(), { settings: patient });

const newMaster = {
  advertiseAt: 4609.375,
  announceAt: { at: 8609.375, burst: "master" },
  answerAt: 3609.375,
} as const;

/** After an advert of this priority at 500: the timer starts over. */
function accepted(priority: number, address = LOWER) {
  return backup({ masterDownAt: 4109.375, master: { address, priority }, cause: "master-silent" });
}

function tolerant(changes: Parameters<typeof backup>[0] = {}) {
  const lower = { address: LOWER, priority: 50 };
  return backup({
    masterDownAt: 4109.375,
    master: lower,
    preemptAt: 3500,
    cause: "master-silent",
    ...changes,
  });
}

function takesOver(cause: TakeoverCause): Row {
  return row(
    `a BACKUP takes over when its timer ends, and knows why: ${cause}`,
    routerIn(backup({ cause })),
    tick,
    {
      at: 3609.375,
      actions: takingOver(100, "BACKUP", { kind: "took-over", cause }),
      changes: { state: master(newMaster) },
    },
  );
}

const adverts: readonly Row[] = [
  row("a BACKUP that hears priority 0 waits Skew_Time only", following, advert(0, HIGHER), {
    changes: { state: backup({ masterDownAt: 1109.375, master: heard, cause: "master-left" }) },
  }),
  row(
    "a BACKUP that hears priority 0 counts with the interval it had learned, not with the one that came along",
    routerIn(backup({ masterAdvertInterval: 3000, masterDownAt: 10_828.125, master: heard })),
    advert(0, HIGHER, 100),
    {
      changes: {
        state: backup({
          masterAdvertInterval: 3000,
          masterDownAt: 2328.125,
          master: heard,
          cause: "master-left",
        }),
      },
    },
  ),
  row(
    "a VRRPv2 BACKUP that hears priority 0 waits a skew that does not grow with the interval",
    routerIn(backup({ masterAdvertInterval: 5000, masterDownAt: 15_609.375 }), {
      settings: settingsWith({ version: 2, advertInterval: 5000 }),
    }),
    advert(0, HIGHER, 5000),
    {
      changes: {
        state: backup({ masterAdvertInterval: 5000, masterDownAt: 1109.375, cause: "master-left" }),
      },
    },
  ),
  row("with nopreempt priority 0 is heard too", nopreempt, advert(0), {
    changes: { state: backup({ masterDownAt: 1109.375, cause: "master-left" }) },
  }),
  row("a BACKUP that hears a higher priority waits anew", alone, advert(200, HIGHER), {
    changes: { state: accepted(200, HIGHER) },
  }),
  row(
    "a BACKUP that hears its own priority waits anew, though the address is lower",
    alone,
    advert(100, LOWER),
    {
      changes: { state: accepted(100, LOWER) },
    },
  ),
  row(
    "a BACKUP that hears its own priority waits anew, as the address is higher",
    alone,
    advert(100, HIGHER),
    {
      changes: { state: accepted(100, HIGHER) },
    },
  ),
  row("a BACKUP that preempts discards a lower priority, and its timer runs on", following, advert(99), {
    changes: { state: backup({ master: heard, preemptAt: 500, cause: "master-lower" }) },
  }),
  row("with nopreempt a BACKUP accepts a lower priority", nopreempt, advert(99), {
    changes: { state: accepted(99) },
  }),
  row(
    "a BACKUP waits as many adverts as down_timer_adverts says",
    routerIn(backup(), { settings: settingsWith({ downTimerAdverts: 5 }) }),
    advert(200, HIGHER),
    {
      changes: {
        state: backup({ masterDownAt: 6109.375, master: heard, cause: "master-silent" }),
      },
    },
  ),
  row("an owner that is BACKUP accepts another owner", owner, advert(255, HIGHER), {
    changes: {
      state: backup({
        masterDownAt: 3503.90625,
        master: { address: HIGHER, priority: 255 },
        cause: "master-silent",
      }),
    },
  }),
  row("an owner that is BACKUP discards everything else", owner, advert(254, HIGHER), {
    changes: { state: backup({ masterDownAt: 3003.90625, preemptAt: 500, cause: "master-lower" }) },
  }),
];

/** keepalived: the delay starts with the first lower-priority advert, and the ordinary timer runs after it. */
const preemptDelay: readonly Row[] = [
  row(
    "preempt_delay starts with the first lower-priority advert, which is accepted",
    routerIn(backup(), { settings: patient }),
    advert(50),
    { changes: { state: tolerating.state } },
  ),
  row("during preempt_delay a lower-priority advert is accepted", tolerating, advert(50), {
    at: 3499,
    changes: { state: tolerant({ masterDownAt: 7108.375 }) },
  }),
  row("after preempt_delay a lower-priority advert is discarded", tolerating, advert(50), {
    at: 3500,
    changes: {
      state: tolerant({ cause: "master-lower" }),
    },
  }),
  row("an equal priority ends preempt_delay", tolerating, advert(100), { changes: { state: accepted(100) } }),
  row("a MASTER that dies during preempt_delay is replaced as ever", tolerating, tick, {
    at: 4109.375,
    actions: takingOver(100, "BACKUP", { kind: "took-over", cause: "master-silent" }),
    changes: {
      state: master({
        advertiseAt: 5109.375,
        announceAt: { at: 9109.375, burst: "master" },
        answerAt: 4109.375,
      }),
    },
  }),
  row("a MASTER that leaves during preempt_delay is replaced after Skew_Time", tolerating, advert(0), {
    changes: {
      state: tolerant({ masterDownAt: 1109.375, cause: "master-left" }),
    },
  }),
];

const learning: readonly Row[] = [
  row("a VRRPv3 BACKUP learns the interval of its MASTER", alone, advert(200, HIGHER, 3000), {
    actions: [{ kind: "interval-learned", interval: millis(3000), capped: false }],
    changes: {
      state: backup({
        masterAdvertInterval: 3000,
        masterDownAt: 11_328.125,
        master: heard,
        cause: "master-silent",
      }),
    },
  }),
  row("a VRRPv3 BACKUP learns a shorter interval as well", alone, advert(200, HIGHER, 100), {
    actions: [{ kind: "interval-learned", interval: millis(100), capped: false }],
    changes: {
      state: backup({
        masterAdvertInterval: 100,
        masterDownAt: 860.9375,
        master: heard,
        cause: "master-silent",
      }),
    },
  }),
  row("a VRRPv3 BACKUP learns no interval above its cap", alone, advert(200, HIGHER, 40_950), {
    actions: [{ kind: "interval-learned", interval: millis(10_000), capped: true }],
    changes: {
      state: backup({
        masterAdvertInterval: 10_000,
        masterDownAt: 36_593.75,
        master: heard,
        cause: "master-silent",
      }),
    },
  }),
  row(
    "a BACKUP tells of an interval once",
    routerIn(backup({ masterAdvertInterval: 10_000, masterDownAt: 36_093.75, master: heard })),
    advert(200, HIGHER, 40_950),
    {
      changes: {
        state: backup({
          masterAdvertInterval: 10_000,
          masterDownAt: 36_593.75,
          master: heard,
          cause: "master-silent",
        }),
      },
    },
  ),
  row("a BACKUP does not learn from an advert that it discards", alone, advert(50, LOWER, 40_950), {
    changes: { state: backup({ preemptAt: 500, cause: "master-lower" }) },
  }),
  row(
    "a BACKUP that takes over advertises at its own interval, not at the one it learned",
    routerIn(backup({ masterAdvertInterval: 3000, masterDownAt: 10_828.125 })),
    tick,
    {
      at: 10_828.125,
      actions: takingOver(100, "BACKUP", { kind: "took-over", cause: "nobody-heard" }),
      changes: {
        state: master({
          advertiseAt: 11_828.125,
          announceAt: { at: 15_828.125, burst: "master" },
          answerAt: 10_828.125,
        }),
      },
    },
  ),
];

const adjusting: readonly Row[] = [
  row(
    "a raised priority shortens the running wait by the difference",
    alone,
    { kind: "priority-changed", priority: 200 },
    {
      changes: { priority: 200, state: backup({ masterDownAt: 3218.75 }) },
    },
  ),
  row(
    "a lowered priority lengthens the running wait by the difference",
    alone,
    { kind: "priority-changed", priority: 50 },
    {
      changes: { priority: 50, state: backup({ masterDownAt: 3804.6875 }) },
    },
  ),
  row(
    "a priority that is shifted past 254 ends there, and so does the wait",
    alone,
    { kind: "priority-changed", priority: 999 },
    {
      changes: { priority: 254, state: backup({ masterDownAt: 3007.8125 }) },
    },
  ),
  row(
    "a raised priority shortens Skew_Time after priority 0 too",
    routerIn(backup({ masterDownAt: 1109.375, cause: "master-left" })),
    { kind: "priority-changed", priority: 200 },
    { changes: { priority: 200, state: backup({ masterDownAt: 718.75, cause: "master-left" }) } },
  ),
  row("the owner's priority is not shifted in BACKUP", owner, { kind: "priority-changed", priority: 1 }),
  row(
    "a reload that changes the interval starts the wait of a BACKUP over",
    alone,
    { kind: "reconfigured", settings: settingsWith({ advertInterval: 2000 }) },
    {
      changes: {
        settings: settingsWith({ advertInterval: 2000 }),
        state: backup({ masterAdvertInterval: 2000, masterDownAt: 7718.75 }),
      },
    },
  ),
  row(
    "a reload leaves a VRRPv3 BACKUP with the interval of its MASTER",
    following,
    { kind: "reconfigured", settings: settingsWith({ advertInterval: 2000, priority: 200 }) },
    {
      changes: {
        settings: settingsWith({ advertInterval: 2000, priority: 200 }),
        priority: 200,
        state: backup({ masterDownAt: 3218.75, master: heard, cause: "master-silent" }),
      },
    },
  ),
  row(
    "a reload gives a VRRPv2 BACKUP its own new interval",
    routerIn(backup({ master: heard }), { settings: settingsWith({ version: 2 }) }),
    { kind: "reconfigured", settings: settingsWith({ version: 2, advertInterval: 2000 }) },
    {
      changes: {
        settings: settingsWith({ version: 2, advertInterval: 2000 }),
        state: backup({ masterAdvertInterval: 2000, masterDownAt: 7109.375, master: heard }),
      },
    },
  ),
  row("a reload that changes nothing changes nothing", following, {
    kind: "reconfigured",
    settings: following.settings,
  }),
];

const onHold: readonly Row[] = [
  row("a BACKUP has nothing to hand over", following, handoverAsked("BACKUP")),
  row("a BACKUP is no successor's predecessor", following, { kind: "successor-serves" }),
  row("a BACKUP that is asked to leave for good stops", following, handoverAsked("INIT"), {
    actions: [{ kind: "transition", from: "BACKUP", to: "INIT", reason: { kind: "stopped" } }],
    changes: { heldUntil: undefined, state: INIT },
  }),
  row("a BACKUP that is asked into maintenance waits in FAULT", following, handoverAsked("FAULT"), {
    actions: [
      { kind: "transition", from: "BACKUP", to: "FAULT", reason: { kind: "fault", faults: ["maintenance"] } },
    ],
    changes: { faults: ["maintenance"], state: FAULT },
  }),
  row(
    "after a planned handover a lower MASTER is left in peace",
    routerIn({ ...backup({ master: heard }), preemptSuspended: true }),
    advert(90),
    {
      changes: {
        state: {
          ...backup({
            masterDownAt: 4109.375,
            master: { address: LOWER, priority: 90 },
            cause: "master-silent",
          }),
          preemptSuspended: true,
        },
      },
    },
  ),
  row("a BACKUP has nothing to give up", following, yieldAsked),
  row("a BACKUP that is not on hold waits no longer when one ends", following, { kind: "hold-ended" }),
  row("a BACKUP on hold does not take over, however long it is silent", held, tick, { at: 1e9 }),
  row(
    "a BACKUP whose hold ends waits the whole time from then on",
    held,
    { kind: "hold-ended" },
    {
      changes: { state: backup({ masterDownAt: 4109.375 }) },
    },
  ),
  row("an advert of that peer ends the hold", held, advert(200, HIGHER), {
    changes: { state: accepted(200, HIGHER) },
  }),
  row("nobody else's advert ends the hold", held, advert(200, LOWER)),
  row(
    "a hold goes over to whoever has the addresses now",
    held,
    { ...yieldAsked, peer: LOWER },
    { changes: { state: backup({ masterDownAt: NEVER, heldFor: LOWER }) } },
  ),
  row("a lower priority ends the hold, and is preempted after the whole time", held, advert(50, HIGHER), {
    changes: { state: backup({ masterDownAt: 4109.375, preemptAt: 500, cause: "master-lower" }) },
  }),
  row("priority 0 ends the hold", held, advert(0, HIGHER), {
    changes: { state: backup({ masterDownAt: 1109.375, cause: "master-left" }) },
  }),
  row(
    "a shifted priority does not end the hold",
    held,
    { kind: "priority-changed", priority: 200 },
    {
      changes: { priority: 200 },
    },
  ),
  row(
    "a reload does not end the hold",
    held,
    { kind: "reconfigured", settings: settingsWith({ priority: 200 }) },
    { changes: { settings: settingsWith({ priority: 200 }), priority: 200 } },
  ),
];

const waking: readonly Row[] = [
  row("a BACKUP that slept for less than an interval has missed no advert", following, wokeLate(999)),
  row("a BACKUP that slept longer listens for the whole time again", following, wokeLate(1000), {
    at: 60_000,
    changes: { state: backup({ masterDownAt: 63_609.375, master: heard, cause: "master-silent" }) },
  }),
  row("a pause does not end the hold", held, wokeLate(60_000)),
];

const leaving: readonly Row[] = [
  row(
    "a BACKUP that stops says nothing to its peers",
    following,
    { kind: "stopped" },
    {
      actions: [{ kind: "transition", from: "BACKUP", to: "INIT", reason: { kind: "stopped" } }],
      changes: { heldUntil: undefined, state: INIT },
    },
  ),
  row(
    "a BACKUP with a fault says nothing to its peers",
    following,
    { kind: "fault-raised", fault: "interface-down" },
    {
      actions: [
        {
          kind: "transition",
          from: "BACKUP",
          to: "FAULT",
          reason: { kind: "fault", faults: ["interface-down"] },
        },
      ],
      changes: { faults: ["interface-down"], state: FAULT },
    },
  ),
];

/** RFC 9568 §6.4.2, RFC 3768 §6.4.2, and what keepalived adds. */
export const IN_BACKUP: readonly Row[] = [
  row("a second start changes nothing in BACKUP", following, { kind: "started" }),
  row("a tick before the end of the timer changes nothing", alone, tick, { at: 3609.374 }),
  takesOver("nobody-heard"),
  takesOver("master-silent"),
  takesOver("master-left"),
  takesOver("master-lower"),
  row("a BACKUP that ticks late counts from the time it is", alone, tick, {
    at: 10_000,
    actions: takingOver(100, "BACKUP", { kind: "took-over", cause: "nobody-heard" }),
    changes: {
      state: master({ advertiseAt: 11_000, announceAt: { at: 15_000, burst: "master" }, answerAt: 10_000 }),
    },
  }),
  row(
    "a new MASTER plans its announcements as configured",
    routerIn(backup(), {
      settings: settingsWith({ announcements: { masterDelay: 0, masterRefresh: 60_000 } }),
    }),
    tick,
    {
      at: 3609.375,
      actions: takingOver(100, "BACKUP", { kind: "took-over", cause: "nobody-heard" }),
      changes: { state: master({ ...newMaster, announceAt: undefined, refreshAt: 63_609.375 }) },
    },
  ),
  ...adverts,
  ...preemptDelay,
  ...learning,
  ...adjusting,
  ...onHold,
  ...waking,
  row("the end of a fault that was not there changes nothing in BACKUP", following, {
    kind: "fault-cleared",
    fault: "interface-down",
  }),
  row(
    "in BACKUP an address of our own is taken over",
    following,
    { kind: "local-address-changed", address: LOWER },
    {
      changes: { localAddress: LOWER },
    },
  ),
  ...leaving,
];
