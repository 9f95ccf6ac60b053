import { FAULT, INIT } from "../../../src/vrrp/state.ts";
import {
  advert,
  backup,
  HIGHER,
  handoverAsked,
  LOCAL,
  master,
  routerIn,
  settingsWith,
  takingOver,
  wokeLate,
  yieldAsked,
} from "../fixtures.ts";
import { type Row, row } from "./row.ts";

const started = { kind: "started" } as const;
const tick = { kind: "tick" } as const;
const stopped = { kind: "stopped" } as const;

const fresh = routerIn(INIT);
const owner = routerIn(INIT, { settings: settingsWith({ priority: 255 }) });
const delayed = settingsWith({ startupDelay: 2000 });
const held = routerIn(INIT, { settings: delayed, heldUntil: 2000 });
const faulty = routerIn(INIT, { faults: ["interface-down"] });

const toBackup = { kind: "transition", from: "INIT", to: "BACKUP", reason: { kind: "started" } } as const;
const toFault = {
  kind: "transition",
  from: "INIT",
  to: "FAULT",
  reason: { kind: "fault", faults: ["interface-down"] },
} as const;

/** RFC 9568 §6.4.1, and keepalived's start-up delay. */
export const IN_INIT: readonly Row[] = [
  row("a router that starts listens for Active_Down_Interval", fresh, started, {
    at: 0,
    actions: [toBackup],
    changes: { heldUntil: 0, state: backup() },
  }),
  row("a router that starts later counts from then", fresh, started, {
    at: 500,
    actions: [toBackup],
    changes: { heldUntil: 500, state: backup({ masterDownAt: 4109.375 }) },
  }),
  row(
    "a VRRPv2 router that starts waits three intervals and a skew that does not grow with them",
    routerIn(INIT, { settings: settingsWith({ version: 2, advertInterval: 5000 }) }),
    started,
    {
      at: 0,
      actions: [toBackup],
      changes: { heldUntil: 0, state: backup({ masterAdvertInterval: 5000, masterDownAt: 15_609.375 }) },
    },
  ),
  row("the owner of the addresses is MASTER as soon as it starts", owner, started, {
    at: 0,
    actions: takingOver(255, "INIT", { kind: "owner" }),
    changes: { heldUntil: 0, state: master({ announceAt: { at: 5000, burst: "master" } }) },
  }),
  row(
    "a router that starts with its start-up delay does nothing yet",
    routerIn(INIT, { settings: delayed }),
    started,
    {
      at: 0,
      changes: { heldUntil: 2000 },
    },
  ),
  row("a router that starts while a fault lasts goes to FAULT", faulty, started, {
    at: 0,
    actions: [toFault],
    changes: { heldUntil: 0, state: FAULT },
  }),
  row("a tick before the end of the start-up delay changes nothing", held, tick, { at: 1999.999 }),
  row("the end of the start-up delay starts the router", held, tick, {
    at: 2000,
    actions: [toBackup],
    changes: { state: backup({ masterDownAt: 5609.375 }) },
  }),
  row(
    "the end of its start-up delay makes the owner MASTER",
    routerIn(INIT, { settings: settingsWith({ priority: 255, startupDelay: 2000 }), heldUntil: 2000 }),
    tick,
    {
      at: 2500,
      actions: takingOver(255, "INIT", { kind: "owner" }),
      changes: {
        state: master({ advertiseAt: 3500, announceAt: { at: 7500, burst: "master" }, answerAt: 2500 }),
      },
    },
  ),
  row("a tick before the start changes nothing", fresh, tick),
  row("an advert before the start is not heard", fresh, advert(200, HIGHER)),
  row("a priority 0 advert before the start is not heard", fresh, advert(0, HIGHER)),
  row("an advert during the start-up delay is not heard", held, advert(200, HIGHER)),
  row("a router that was not started has nothing to hand over", fresh, handoverAsked("BACKUP")),
  row("a router that was not started is no successor's predecessor", fresh, { kind: "successor-serves" }),
  row("before the start there is nothing to give up", fresh, yieldAsked),
  row("before the start a pause changes nothing", fresh, wokeLate(10_000)),
  row("before the start there is no hold to end", fresh, { kind: "hold-ended" }),
  row("stopping what was not started changes nothing", fresh, stopped),
  row("stopping during the start-up delay ends it", held, stopped, { changes: { heldUntil: undefined } }),
  row(
    "before the start the priority is shifted",
    fresh,
    { kind: "priority-changed", priority: 150 },
    {
      changes: { priority: 150 },
    },
  ),
  row(
    "a priority is never shifted to 0, which says that one leaves",
    fresh,
    { kind: "priority-changed", priority: -20 },
    {
      changes: { priority: 1 },
    },
  ),
  row(
    "a priority is never shifted to 255, which is the owner's",
    fresh,
    { kind: "priority-changed", priority: 300 },
    {
      changes: { priority: 254 },
    },
  ),
  row("the owner's priority is not shifted", owner, { kind: "priority-changed", priority: 100 }),
  row(
    "a fault before the start is a FAULT already",
    fresh,
    { kind: "fault-raised", fault: "interface-down" },
    {
      actions: [toFault],
      changes: { faults: ["interface-down"], state: FAULT },
    },
  ),
  row(
    "a fault during the start-up delay keeps its end",
    held,
    { kind: "fault-raised", fault: "interface-down" },
    {
      actions: [toFault],
      changes: { faults: ["interface-down"], state: FAULT },
    },
  ),
  row(
    "a fault that lasted past a stop ends in silence",
    faulty,
    { kind: "fault-cleared", fault: "interface-down" },
    {
      changes: { faults: [] },
    },
  ),
  row(
    "before the start an address of our own is taken over",
    fresh,
    { kind: "local-address-changed", address: HIGHER },
    {
      changes: { localAddress: HIGHER },
    },
  ),
  row("the address that we have already changes nothing", fresh, {
    kind: "local-address-changed",
    address: LOCAL,
  }),
  row(
    "before the start a reload takes effect at once",
    routerIn(INIT, { priority: 120 }),
    { kind: "reconfigured", settings: settingsWith({ priority: 150, advertInterval: 200 }) },
    { changes: { settings: settingsWith({ priority: 150, advertInterval: 200 }), priority: 170 } },
  ),
];
