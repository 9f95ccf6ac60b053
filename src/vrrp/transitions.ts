/** The only ways from one state to another, so that no way forgets an advert, an address or the journal. */
import type { IpAddress } from "../base/ip.ts";
import { after, type Millis, millis } from "../base/units.ts";
import type { Action, TransitionReason } from "./actions.ts";
import type { AdjustingEvent } from "./events.ts";
import { OWNER_PRIORITY } from "./settings.ts";
import {
  type BackupState,
  FAULT,
  type Fault,
  INIT,
  NEVER,
  type RouterStateName,
  stateName,
  type VirtualRouter,
} from "./state.ts";
import { backupWait } from "./timers.ts";

export type Step = readonly [VirtualRouter, readonly Action[]];

/** RFC 9568 §6.4.1: the owner of the addresses is MASTER at once, everyone else listens first. */
export function start(router: VirtualRouter, reason: TransitionReason, now: Millis): Step {
  const owner = router.priority === OWNER_PRIORITY;
  if (owner && !router.settings.synced) return becomeMaster(router, { kind: "owner" }, now);
  const masterAdvertInterval = router.settings.advertInterval;
  const listening = { masterAdvertInterval, master: undefined, cause: "nobody-heard" } as const;
  const [next, actions] = becomeBackup(router, listening, { reason, now });
  return [owner ? wantingMaster(next) : next, actions];
}

/** The owner in a sync group waits for the others of the group only. */
function wantingMaster(router: VirtualRouter): VirtualRouter {
  const { state } = router;
  return state.kind === "BACKUP" ? { ...router, state: { ...state, wantsMaster: true } } : router;
}

export function becomeBackup(
  router: VirtualRouter,
  heard: Pick<BackupState, "masterAdvertInterval" | "master" | "cause">,
  { reason, now }: { readonly reason: TransitionReason; readonly now: Millis },
): Step {
  const wait = backupWait(router, heard);
  const state: BackupState = {
    kind: "BACKUP",
    ...heard,
    masterDownAt: after(now, wait),
    heldFor: undefined,
    preemptAt: undefined,
  };
  return [{ ...router, state }, [...givingUp(router), transition(router, "BACKUP", reason)]];
}

/** A BACKUP that takes over only after it has heard `peer` again, or was told that this one does not serve any more. */
export function onHold(router: VirtualRouter, peer: IpAddress): VirtualRouter {
  const { state } = router;
  if (state.kind !== "BACKUP") return router;
  return { ...router, state: { ...state, masterDownAt: NEVER, heldFor: peer } };
}

export function becomeMaster(router: VirtualRouter, reason: TransitionReason, now: Millis): Step {
  const { advertInterval, announcements } = router.settings;
  const { masterDelay, masterRefresh } = announcements;
  const state = {
    kind: "MASTER",
    advertiseAt: after(now, advertInterval),
    announceAt: masterDelay > 0 ? ({ at: after(now, masterDelay), burst: "master" } as const) : undefined,
    refreshAt: masterRefresh > 0 ? millis(now + masterDelay + masterRefresh) : undefined,
    answerAt: now,
  } as const;
  const actions: Action[] = [
    { kind: "send-advert", priority: router.priority },
    { kind: "bind" },
    { kind: "announce", burst: "master" },
    transition(router, "MASTER", reason),
  ];
  return [{ ...router, state }, actions];
}

export function enterFault(router: VirtualRouter, fault: Fault): Step {
  if (router.faults.includes(fault)) return [router, []];
  const faulty = { ...router, faults: [...router.faults, fault] };
  return router.state.kind === "FAULT" ? [faulty, []] : becomeFaulty(faulty);
}

/** For a router that has faults already. */
export function becomeFaulty(router: VirtualRouter): Step {
  const reason: TransitionReason = { kind: "fault", faults: router.faults };
  return [
    { ...router, state: FAULT },
    [...leaving(router), ...givingUp(router), transition(router, "FAULT", reason)],
  ];
}

export function stop(router: VirtualRouter, reason: TransitionReason = { kind: "stopped" }): Step {
  const stopped = { ...router, heldUntil: undefined, state: INIT };
  if (router.state.kind === "INIT") return [stopped, []];
  return [stopped, [...leaving(router), ...givingUp(router), transition(router, "INIT", reason)]];
}

/** New settings or a shifted priority, the state untouched. Trackers keep their share when the base priority changes. */
export function adjusted(router: VirtualRouter, event: AdjustingEvent): VirtualRouter {
  if (event.kind === "priority-changed")
    return { ...router, priority: effective(router.settings.priority, event.priority) };
  const { settings } = event;
  const shifted = router.priority - router.settings.priority + settings.priority;
  return { ...router, settings, priority: effective(settings.priority, shifted) };
}

/** RFC 9568 §5.2.4: 255 belongs to the owner, and 0 says that one leaves; neither is reached by shifting. */
function effective(base: number, shifted: number): number {
  return base === OWNER_PRIORITY ? OWNER_PRIORITY : Math.min(254, Math.max(1, shifted));
}

/** RFC 9568 §6.4.3: a MASTER that goes on its own says so, and its successor waits Skew_Time only. */
function leaving(router: VirtualRouter): Action[] {
  return router.state.kind === "MASTER" ? [{ kind: "send-advert", priority: 0 }] : [];
}

function givingUp(router: VirtualRouter): Action[] {
  return stateName(router.state) === "MASTER" ? [{ kind: "unbind" }] : [];
}

function transition(router: VirtualRouter, to: RouterStateName, reason: TransitionReason): Action {
  return { kind: "transition", from: stateName(router.state), to, reason };
}
