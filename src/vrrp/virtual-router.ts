/**
 * The VRRP state machine of RFC 9568 §6.4 (and RFC 3768 §6.4), as a pure function: an event goes in, the next state and an
 * ordered list of actions come out. The shell owns clock, sockets and addresses; deadlines live in the state, and
 * `nextDeadline` tells the shell when to come back with a tick.
 *
 *   INIT ──started──► BACKUP ──silence──► MASTER           FAULT is entered from anywhere while a fault lasts,
 *     ▲                 ▲                   │              and left for BACKUP when the last one is over.
 *     └────stopped──────┴──higher priority──┘
 *
 * What differs from the RFC is keepalived's, whose users we inherit: preempt_delay, down_timer_adverts, the optional
 * extra advert before yielding, and FAULT.
 */
import type { IpAddress } from "../base/ip.ts";
import { after, type Millis, millis } from "../base/units.ts";
import { inBackup, waitsForGroup } from "./backup.ts";
import type { RouterEvent, StateEvent } from "./events.ts";
import { handoverWithoutMastership, inLeaving } from "./leaving.ts";
import { inMaster } from "./master.ts";
import type { RouterSettings } from "./settings.ts";
import { type Fault, INIT, NEVER, type VirtualRouter } from "./state.ts";
import { adjusted, becomeFaulty, enterFault, type Step, start, stop } from "./transitions.ts";

export function createRouter(settings: RouterSettings, localAddress: IpAddress): VirtualRouter {
  return {
    settings,
    localAddress,
    priority: settings.priority,
    faults: [],
    heldUntil: undefined,
    state: INIT,
  };
}

/** Advances the router by one event at the monotonic time `now`. */
export function step(router: VirtualRouter, event: RouterEvent, now: Millis): Step {
  switch (event.kind) {
    case "fault-raised":
      return enterFault(router, event.fault);
    case "fault-cleared":
      return faultCleared(router, event.fault, now);
    case "stopped":
      return stop(router);
    case "held-back":
      return [{ ...router, heldBack: true }, []];
    case "set-free": {
      const { heldBack: _, ...free } = router;
      return [free, []];
    }
    case "local-address-changed":
      return [{ ...router, localAddress: event.address }, []];
    default:
      return inState(router, event, now);
  }
}

/** When the shell must come back with a tick at the latest; undefined while nothing is due. */
export function nextDeadline({ settings, state, heldUntil }: VirtualRouter): Millis | undefined {
  switch (state.kind) {
    case "INIT":
      return heldUntil;
    case "BACKUP":
      return state.masterDownAt === NEVER || waitsForGroup(settings, state) ? undefined : state.masterDownAt;
    case "MASTER":
      return millis(
        Math.min(state.advertiseAt, state.announceAt?.at ?? Infinity, state.refreshAt ?? Infinity),
      );
    case "LEAVING":
      return state.until;
    case "FAULT":
      return undefined;
  }
}

function inState(router: VirtualRouter, event: StateEvent, now: Millis): Step {
  const { state } = router;
  switch (state.kind) {
    case "INIT":
      return inInit(router, event, now);
    case "BACKUP":
      return inBackup(router, state, event, now);
    case "MASTER":
      return inMaster(router, state, event, now);
    case "LEAVING":
      return inLeaving(router, state, event, now);
    case "FAULT":
      return inFault(router, event, now);
  }
}

/** RFC 9568 §6.4.1: adverts are not heard before the start, nor while the start-up hold runs. */
function inInit(router: VirtualRouter, event: StateEvent, now: Millis): Step {
  switch (event.kind) {
    case "started": {
      const started = { ...router, heldUntil: after(now, router.settings.startupDelay) };
      // A fault can outlast a stop.
      return router.faults.length > 0 ? becomeFaulty(started) : startOrHold(started, now);
    }
    case "tick":
      return router.heldUntil === undefined ? [router, []] : startOrHold(router, now);
    case "advert-received":
    case "yield-asked":
    case "hold-ended":
    case "group-agreed":
    case "group-left":
    case "successor-serves":
    case "woke-late":
      return [router, []];
    case "handover-asked":
      return handoverWithoutMastership(router, event);
    case "priority-changed":
    case "reconfigured":
      return [adjusted(router, event), []];
  }
}

/** Nothing but the end of the last fault leads out; a start is remembered until then. */
function inFault(router: VirtualRouter, event: StateEvent, now: Millis): Step {
  switch (event.kind) {
    case "started":
      return [{ ...router, heldUntil: after(now, router.settings.startupDelay) }, []];
    case "advert-received":
    case "tick":
    case "yield-asked":
    case "hold-ended":
    case "group-agreed":
    case "group-left":
    case "successor-serves":
    case "woke-late":
      return [router, []];
    case "handover-asked":
      return handoverWithoutMastership(router, event);
    case "priority-changed":
    case "reconfigured":
      return [adjusted(router, event), []];
  }
}

function startOrHold(router: VirtualRouter, now: Millis): Step {
  const held = router.heldUntil !== undefined && now < router.heldUntil;
  return held ? [router, []] : start(router, { kind: "started" }, now);
}

function faultCleared(router: VirtualRouter, fault: Fault, now: Millis): Step {
  const next = { ...router, faults: router.faults.filter((other) => other !== fault) };
  if (router.state.kind !== "FAULT" || next.faults.length > 0) return [next, []];
  if (next.heldUntil === undefined || now < next.heldUntil) return backToInit(next);
  const [started, actions] = start(next, { kind: "fault-over" }, now);
  return [started, [{ kind: "announce-source" }, ...actions]];
}

/** The fault was over before the start, or before the end of its hold. */
function backToInit(router: VirtualRouter): Step {
  const reason = { kind: "fault-over" } as const;
  return [{ ...router, state: INIT }, [{ kind: "transition", from: "FAULT", to: "INIT", reason }]];
}
