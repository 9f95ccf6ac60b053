import { FAULT, INIT } from "../../../src/vrrp/state.ts";
import {
  advert,
  backup,
  HIGHER,
  handoverAsked,
  master,
  routerIn,
  settingsWith,
  takingOver,
  wokeLate,
  yieldAsked,
} from "../fixtures.ts";
import { type Row, row } from "./row.ts";

const faulty = routerIn(FAULT);
const unstarted = routerIn(FAULT, { heldUntil: undefined });
const held = routerIn(FAULT, { settings: settingsWith({ startupDelay: 2000 }), heldUntil: 2000 });
const twice = routerIn(FAULT, { faults: ["interface-down", "source-address-missing"] });
const cleared = { kind: "fault-cleared", fault: "interface-down" } as const;
const faultOver = { kind: "fault-over" } as const;
const toInit = { kind: "transition", from: "FAULT", to: "INIT", reason: faultOver } as const;

/** keepalived's FAULT: no advert is heard or sent, and only the end of the last fault leads out. */
export const IN_FAULT: readonly Row[] = [
  row(
    "a start during a fault is remembered",
    unstarted,
    { kind: "started" },
    { at: 500, changes: { heldUntil: 500 } },
  ),
  row("in FAULT a tick changes nothing", faulty, { kind: "tick" }, { at: 100_000 }),
  row("in FAULT an advert is not heard", faulty, advert(200, HIGHER)),
  row("in FAULT a priority 0 advert is not heard", faulty, advert(0)),
  row(
    "a router that stops in FAULT has nothing to give up, and the fault lasts",
    faulty,
    { kind: "stopped" },
    {
      actions: [{ kind: "transition", from: "FAULT", to: "INIT", reason: { kind: "stopped" } }],
      changes: { heldUntil: undefined, state: INIT },
    },
  ),
  row(
    "a second fault joins the first",
    faulty,
    { kind: "fault-raised", fault: "source-address-missing" },
    {
      changes: { faults: ["interface-down", "source-address-missing"] },
    },
  ),
  row("a fault that is known already changes nothing", faulty, {
    kind: "fault-raised",
    fault: "interface-down",
  }),
  row("the end of one fault of two leads nowhere", twice, cleared, {
    changes: { faults: ["source-address-missing"] },
  }),
  row("the end of a fault that was not there leads nowhere", faulty, {
    kind: "fault-cleared",
    fault: "interface-missing",
  }),
  row(
    "after the last fault a router refreshes its peers' ARP and listens for the whole time",
    faulty,
    cleared,
    {
      at: 20_000,
      actions: [
        { kind: "announce-source" },
        { kind: "transition", from: "FAULT", to: "BACKUP", reason: faultOver },
      ],
      changes: { faults: [], state: backup({ masterDownAt: 23_609.375 }) },
    },
  ),
  row(
    "after the last fault the owner is MASTER at once",
    routerIn(FAULT, { settings: settingsWith({ priority: 255 }) }),
    cleared,
    {
      at: 20_000,
      actions: [{ kind: "announce-source" }, ...takingOver(255, "FAULT", { kind: "owner" })],
      changes: {
        faults: [],
        state: master({ advertiseAt: 21_000, announceAt: { at: 25_000, burst: "master" }, answerAt: 20_000 }),
      },
    },
  ),
  row("the end of a fault before the start leads to INIT", unstarted, cleared, {
    actions: [toInit],
    changes: { faults: [], state: INIT },
  }),
  row("the end of a fault during the start-up delay leads back into it", held, cleared, {
    at: 1999,
    actions: [toInit],
    changes: { faults: [], state: INIT },
  }),
  row("the end of a fault after the start-up delay is a start", held, cleared, {
    at: 2000,
    actions: [
      { kind: "announce-source" },
      { kind: "transition", from: "FAULT", to: "BACKUP", reason: faultOver },
    ],
    changes: { faults: [], state: backup({ masterDownAt: 5609.375 }) },
  }),
  row("a node in FAULT has nothing to hand over", faulty, handoverAsked("BACKUP")),
  row("a node in FAULT is no successor's predecessor", faulty, { kind: "successor-serves" }),
  row("in FAULT there is nothing to give up", faulty, yieldAsked),
  row("in FAULT a pause changes nothing", faulty, wokeLate(10_000)),
  row("in FAULT there is no hold to end", faulty, { kind: "hold-ended" }),
  row(
    "in FAULT the priority is shifted",
    faulty,
    { kind: "priority-changed", priority: 80 },
    {
      changes: { priority: 80 },
    },
  ),
  row(
    "in FAULT an address of our own is taken over",
    faulty,
    { kind: "local-address-changed", address: HIGHER },
    {
      changes: { localAddress: HIGHER },
    },
  ),
  row(
    "in FAULT a reload takes effect without leaving it",
    faulty,
    { kind: "reconfigured", settings: settingsWith({ priority: 150 }) },
    { changes: { settings: settingsWith({ priority: 150 }), priority: 150 } },
  ),
];
