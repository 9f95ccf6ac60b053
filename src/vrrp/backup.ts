/** BACKUP: RFC 9568 §6.4.2, RFC 3768 §6.4.2. */
import { after, type Millis, millis } from "../base/units.ts";
import type { Action } from "./actions.ts";
import type { AdjustingEvent, AdvertReceived, StateEvent } from "./events.ts";
import { handoverWithoutMastership } from "./leaving.ts";
import type { RouterSettings } from "./settings.ts";
import { type BackupState, NEVER, type VirtualRouter, withState } from "./state.ts";
import { backupWait, farewellWait, masterInterval } from "./timers.ts";
import { adjusted, becomeMaster, onHold, type Step } from "./transitions.ts";

export function inBackup(router: VirtualRouter, state: BackupState, event: StateEvent, now: Millis): Step {
  switch (event.kind) {
    case "started":
    case "successor-serves":
    case "group-left":
      return [router, []];
    case "handover-asked":
      return handoverWithoutMastership(router, event);
    case "yield-asked":
      return [isOnHold(state) ? onHold(router, event.peer) : router, []];
    case "hold-ended":
      return [isOnHold(state) ? listening(router, state, now) : router, []];
    case "woke-late":
      return [wokeLate(router, state, event.late, now), []];
    case "tick":
      return now < state.masterDownAt ? [router, []] : timerEnded(router, state, now);
    case "group-agreed":
      return state.wantsMaster ? takeOver(router, state, now) : [router, []];
    case "advert-received":
      return advertReceived(router, state, event, now);
    case "priority-changed":
    case "reconfigured":
      return [waitingAnew(router, state, event, now), []];
  }
}

/** In a sync group a BACKUP whose timer ended waits for the others, and for nothing else. */
export function waitsForGroup({ synced }: RouterSettings, { wantsMaster }: BackupState): boolean {
  return synced !== undefined && wantsMaster === true;
}

function timerEnded(router: VirtualRouter, state: BackupState, now: Millis): Step {
  if (!router.settings.synced) return takeOver(router, state, now);
  return [state.wantsMaster ? router : { ...router, state: { ...state, wantsMaster: true } }, []];
}

function takeOver(router: VirtualRouter, { cause }: BackupState, now: Millis): Step {
  return becomeMaster(router, { kind: "took-over", cause }, now);
}

function advertReceived(
  router: VirtualRouter,
  state: BackupState,
  advert: AdvertReceived,
  now: Millis,
): Step {
  // Another node on this side became MASTER after this one gave way, and will give way as well.
  if (isOnHold(state) && advert.from !== state.heldFor) return [router, []];
  if (advert.priority === 0) return masterLeft(router, state, now);
  const { preempt, preemptDelay } = router.settings;
  if (!preempt || router.heldBack || state.preemptSuspended || advert.priority >= router.priority) {
    return accept(
      router,
      state.preemptAt === undefined ? state : { ...state, preemptAt: undefined },
      advert,
      now,
    );
  }
  const preemptAt = state.preemptAt ?? after(now, preemptDelay);
  if (now < preemptAt) return accept(router, { ...state, preemptAt }, advert, now);
  const discarded: BackupState = { ...state, preemptAt, cause: "master-lower" };
  // The timer runs on, and its end is what preempts. On hold none runs.
  return [isOnHold(state) ? listening(router, discarded, now) : { ...router, state: discarded }, []];
}

function isOnHold({ masterDownAt }: BackupState): boolean {
  return masterDownAt === NEVER;
}

/** The full wait from now on. */
function listening(router: VirtualRouter, state: BackupState, now: Millis): VirtualRouter {
  const masterDownAt = after(now, backupWait(router, state));
  const { wantsMaster: _, ...waiting } = state;
  return { ...router, state: { ...waiting, masterDownAt, heldFor: undefined } };
}

/** An advert may have been lost during the sleep: its silence proves nothing. */
function wokeLate(router: VirtualRouter, state: BackupState, late: Millis, now: Millis): VirtualRouter {
  return isOnHold(state) || late < state.masterAdvertInterval ? router : listening(router, state, now);
}

/** The MASTER says goodbye: whoever has the highest priority waits the shortest. */
function masterLeft(router: VirtualRouter, state: BackupState, now: Millis): Step {
  const wait = farewellWait(router, state.masterAdvertInterval);
  const masterDownAt = after(now, wait);
  return [{ ...router, state: { ...state, masterDownAt, heldFor: undefined, cause: "master-left" } }, []];
}

/** The path of nearly every packet that a BACKUP hears: it allocates what changes, and keeps what says the same. */
function accept(router: VirtualRouter, state: BackupState, advert: AdvertReceived, now: Millis): Step {
  const masterAdvertInterval = masterInterval(router.settings, advert.advertInterval);
  const { from: address, priority } = advert;
  const isSame = state.master?.address === address && state.master.priority === priority;
  const master = isSame ? state.master : { address, priority };
  const due = after(now, backupWait(router, { master, masterAdvertInterval }));
  const listening: BackupState = {
    kind: "BACKUP",
    masterAdvertInterval,
    masterDownAt: millis(Math.max(due, state.notBefore ?? 0)),
    heldFor: undefined,
    master,
    preemptAt: state.preemptAt,
    cause: "master-silent",
  };
  const next = withState(router, stillMarked(listening, state));
  if (masterAdvertInterval === state.masterAdvertInterval) return [next, NOTHING];
  const capped = router.settings.version === 3 && masterAdvertInterval < advert.advertInterval;
  return [next, [{ kind: "interval-learned", interval: masterAdvertInterval, capped }]];
}

/** What an advert does not end. */
function stillMarked(state: BackupState, { preemptSuspended, notBefore }: BackupState): BackupState {
  if (!preemptSuspended && notBefore === undefined) return state;
  return {
    ...state,
    ...(preemptSuspended ? { preemptSuspended } : {}),
    ...(notBefore === undefined ? {} : { notBefore }),
  };
}

const NOTHING: readonly Action[] = [];

/**
 * A new priority shifts the running timer by the difference of the two waits, as in keepalived, so that no wait starts over.
 * A new interval starts it over: shifted by that much it could end in the past, and make a MASTER of a healthy BACKUP.
 */
function waitingAnew(
  router: VirtualRouter,
  state: BackupState,
  event: AdjustingEvent,
  now: Millis,
): VirtualRouter {
  const next = adjusted(router, event);
  const follows = state.master !== undefined && next.settings.version === 3;
  const masterAdvertInterval = follows ? state.masterAdvertInterval : next.settings.advertInterval;
  const waiting = { ...state, masterAdvertInterval };
  if (masterAdvertInterval !== state.masterAdvertInterval && !isOnHold(state)) {
    return listening(next, waiting, now);
  }
  const before = backupWait(router, waiting);
  const wait = backupWait(next, waiting);
  return { ...next, state: { ...waiting, masterDownAt: millis(state.masterDownAt + wait - before) } };
}
