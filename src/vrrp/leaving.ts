/**
 * Make before break: a MASTER that leaves on purpose has said priority 0, and serves on until its successor is heard, and where
 * a cloud moves the addresses, until the cloud shows them there.
 */
import { after, type Millis, millis } from "../base/units.ts";
import type { AdvertReceived, HandoverAsked, StateEvent } from "./events.ts";
import type { HeardMaster, LeavingState, MasterState, VirtualRouter } from "./state.ts";
import { adjusted, becomeBackup, enterFault, type Step, stop } from "./transitions.ts";

/** RFC 9568 §6.4.3 on Shutdown, except that the addresses stay for the moment that the successor needs. */
export function beginHandover(router: VirtualRouter, asked: HandoverAsked, now: Millis): Step {
  const { to, patience, linger } = asked;
  const state = { kind: "LEAVING", until: after(now, patience), to, successor: undefined, linger } as const;
  return [{ ...router, state }, [{ kind: "send-advert", priority: 0 }, { kind: "handing-over" }]];
}

/** Asked of a node that is not MASTER: there is nothing to hand over. */
export function handoverWithoutMastership(router: VirtualRouter, { to }: HandoverAsked): Step {
  switch (to) {
    case "INIT":
      return stop(router);
    case "BACKUP":
      return [router, []];
    case "FAULT":
      return enterFault(router, "maintenance");
  }
}

export function inLeaving(router: VirtualRouter, state: LeavingState, event: StateEvent, now: Millis): Step {
  switch (event.kind) {
    case "advert-received":
      return heard(router, state, event, now);
    case "successor-serves":
      return finish(router, state, now);
    case "tick":
      return now < state.until ? [router, []] : finish(router, state, now);
    case "handover-asked":
      return [{ ...router, state: { ...state, to: event.to } }, []];
    case "priority-changed":
    case "reconfigured":
      return [adjusted(router, event), []];
    case "started":
    case "yield-asked":
    case "hold-ended":
    case "group-agreed":
    case "group-left":
    case "woke-late":
      return [router, []];
  }
}

/** Whoever advertises now is the successor. It binds and announces within moments, for which both serve. */
function heard(router: VirtualRouter, state: LeavingState, advert: AdvertReceived, now: Millis): Step {
  if (advert.priority === 0 || state.successor) return [router, []];
  const successor = { address: advert.from, priority: advert.priority };
  const until = state.linger === undefined ? state.until : millis(Math.min(state.until, now + state.linger));
  return [{ ...router, state: { ...state, successor, until } }, []];
}

function finish(router: VirtualRouter, state: LeavingState, now: Millis): Step {
  const { successor } = state;
  switch (state.to) {
    case "INIT":
      return stop(
        router,
        successor ? { kind: "handed-over", to: successor.address } : { kind: "nobody-took-over" },
      );
    case "FAULT":
      return enterFault(router, "maintenance");
    case "BACKUP":
      return successor ? followSuccessor(router, successor, now) : stayMaster(router, now);
  }
}

/** With preempt a higher priority would take right back what it has just handed over. */
function followSuccessor(router: VirtualRouter, master: HeardMaster, now: Millis): Step {
  const { advertInterval: masterAdvertInterval } = router.settings;
  const [next, actions] = becomeBackup(
    router,
    { masterAdvertInterval, master, cause: "master-silent" },
    { reason: { kind: "handed-over", to: master.address }, now },
  );
  return [suspendPreempt(next), actions];
}

function suspendPreempt(router: VirtualRouter): VirtualRouter {
  const { state } = router;
  return state.kind === "BACKUP" ? { ...router, state: { ...state, preemptSuspended: true } } : router;
}

/** A handover to nobody would only end the service. */
function stayMaster(router: VirtualRouter, now: Millis): Step {
  const { advertInterval } = router.settings;
  const state: MasterState = {
    kind: "MASTER",
    advertiseAt: after(now, advertInterval),
    announceAt: undefined,
    refreshAt: undefined,
    answerAt: now,
  };
  return [
    { ...router, state },
    [{ kind: "send-advert", priority: router.priority }, { kind: "handover-failed" }],
  ];
}
