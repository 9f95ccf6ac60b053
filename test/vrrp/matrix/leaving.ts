import { FAULT, INIT, type LeavingState } from "../../../src/vrrp/state.ts";
import {
  advert,
  backup,
  HIGHER,
  handoverAsked,
  LOWER,
  master,
  routerIn,
  settingsWith,
  wokeLate,
  yieldAsked,
} from "../fixtures.ts";
import { type Row, row } from "./row.ts";

function leaving(
  changes: { readonly [name in keyof LeavingState]?: LeavingState[name] | number } = {},
): LeavingState {
  const state = { kind: "LEAVING", until: 1300, to: "INIT", successor: undefined, linger: 50 };
  return { ...state, ...changes } as LeavingState;
}

const successor = { address: LOWER, priority: 90 };
const leavesForGood = routerIn(leaving());
const stepsBack = routerIn(leaving({ to: "BACKUP" }));
const underCloud = routerIn(leaving({ linger: undefined }));
const tick = { kind: "tick" } as const;
const toInit = (reason: object) =>
  [{ kind: "unbind" }, { kind: "transition", from: "MASTER", to: "INIT", reason }] as never;

/** Make before break: RFC 9568 §6.4.3 on Shutdown, but for the moment that the successor needs. */
export const IN_LEAVING: readonly Row[] = [
  row("a MASTER that leaves serves on as long as nobody is heard", leavesForGood, tick, { at: 1299 }),
  row(
    "a MASTER that leaves hears its successor, and serves beside it for a moment",
    leavesForGood,
    advert(90),
    {
      changes: { state: leaving({ successor, until: 550 }) },
    },
  ),
  row(
    "a MASTER that leaves serves until the cloud shows the successor, or the patience ends",
    underCloud,
    advert(90),
    { changes: { state: leaving({ successor, linger: undefined }) } },
  ),
  row("the first that is heard is the successor", routerIn(leaving({ successor })), advert(200, HIGHER)),
  row("the goodbye of another is no successor", leavesForGood, advert(0)),
  row(
    "a MASTER that has handed over removes its addresses and stops",
    routerIn(leaving({ successor })),
    tick,
    {
      at: 1300,
      actions: toInit({ kind: "handed-over", to: LOWER }),
      changes: { heldUntil: undefined, state: INIT },
    },
  ),
  row(
    "a MASTER that leaves stops at the end of its patience, and says that nobody took over",
    leavesForGood,
    tick,
    {
      at: 1300,
      actions: toInit({ kind: "nobody-took-over" }),
      changes: { heldUntil: undefined, state: INIT },
    },
  ),
  row(
    "the cloud that shows the addresses elsewhere ends the handover",
    underCloud,
    { kind: "successor-serves" },
    {
      actions: toInit({ kind: "nobody-took-over" }),
      changes: { heldUntil: undefined, state: INIT },
    },
  ),
  row(
    "a MASTER that hands over becomes a BACKUP that does not preempt its successor",
    routerIn(leaving({ to: "BACKUP", successor })),
    tick,
    {
      at: 1300,
      actions: [
        { kind: "unbind" },
        { kind: "transition", from: "MASTER", to: "BACKUP", reason: { kind: "handed-over", to: LOWER } },
      ],
      changes: {
        state: {
          ...backup({ masterDownAt: 4909.375, master: successor, cause: "master-silent" }),
          preemptSuspended: true,
        },
      },
    },
  ),
  row("a MASTER that finds nobody to hand over to goes on", stepsBack, tick, {
    at: 1300,
    actions: [{ kind: "send-advert", priority: 100 }, { kind: "handover-failed" }],
    changes: { state: master({ advertiseAt: 2300, announceAt: undefined, answerAt: 1300 }) },
  }),
  row("maintenance begins when the successor serves", routerIn(leaving({ to: "FAULT", successor })), tick, {
    at: 1300,
    actions: [
      { kind: "unbind" },
      { kind: "transition", from: "MASTER", to: "FAULT", reason: { kind: "fault", faults: ["maintenance"] } },
    ],
    changes: { faults: ["maintenance"], state: FAULT },
  }),
  row("a stop during a handover is what counts", stepsBack, handoverAsked("INIT"), {
    changes: { state: leaving() },
  }),
  row(
    "a stop without patience ends a handover at once",
    leavesForGood,
    { kind: "stopped" },
    {
      actions: toInit({ kind: "stopped" }),
      changes: { heldUntil: undefined, state: INIT },
    },
  ),
  row(
    "a fault ends a handover at once",
    stepsBack,
    { kind: "fault-raised", fault: "interface-down" },
    {
      actions: [
        { kind: "unbind" },
        {
          kind: "transition",
          from: "MASTER",
          to: "FAULT",
          reason: { kind: "fault", faults: ["interface-down"] },
        },
      ],
      changes: { faults: ["interface-down"], state: FAULT },
    },
  ),
  row("a MASTER that leaves has no fault to be cleared", leavesForGood, {
    kind: "fault-cleared",
    fault: "interface-down",
  }),
  row("a MASTER that leaves is not started", leavesForGood, { kind: "started" }),
  row("a MASTER that leaves is not asked to give up", leavesForGood, yieldAsked),
  row("a MASTER that leaves goes on leaving after a pause", leavesForGood, wokeLate(10_000)),
  row("a MASTER that leaves is not on hold", leavesForGood, { kind: "hold-ended" }),
  row(
    "a shifted priority is kept for afterwards",
    leavesForGood,
    { kind: "priority-changed", priority: 80 },
    {
      changes: { priority: 80 },
    },
  ),
  row(
    "a new address of the interface is kept for afterwards",
    leavesForGood,
    { kind: "local-address-changed", address: HIGHER },
    {
      changes: { localAddress: HIGHER },
    },
  ),
  row(
    "a reload waits until the handover is over",
    leavesForGood,
    { kind: "reconfigured", settings: settingsWith({ priority: 120 }) },
    {
      changes: { settings: settingsWith({ priority: 120 }), priority: 120 },
    },
  ),
];
