/** MASTER: RFC 9568 §6.4.3, RFC 3768 §6.4.3. */
import { compareIp } from "../base/ip.ts";
import { after, type Millis, millis } from "../base/units.ts";
import type { Action } from "./actions.ts";
import type { AdjustingEvent, AdvertReceived, GroupLeft, StateEvent, YieldAsked } from "./events.ts";
import { beginHandover } from "./leaving.ts";
import { type MasterState, type VirtualRouter, withState } from "./state.ts";
import { masterInterval, skewTime } from "./timers.ts";
import { adjusted, becomeBackup, onHold, type Step } from "./transitions.ts";

export function inMaster(router: VirtualRouter, state: MasterState, event: StateEvent, now: Millis): Step {
  switch (event.kind) {
    case "started":
      return [router, []];
    case "tick":
      return doWhatIsDue(router, state, now);
    case "advert-received":
      return advertReceived(router, state, event, now);
    case "priority-changed":
      // The next advert carries it; an extra one would tell nobody anything sooner than they can act on it.
      return [adjusted(router, event), []];
    case "hold-ended":
    case "group-agreed":
    case "successor-serves":
      return [router, []];
    case "handover-asked":
      return beginHandover(router, event, now);
    case "group-left":
      return followGroup(router, event, now);
    case "yield-asked":
      return goOnHold(router, event, now);
    case "woke-late":
      return [wokeLate(router, state, event.late, now), []];
    case "reconfigured":
      return reconfigured(router, state, event, now);
  }
}

function doWhatIsDue(router: VirtualRouter, state: MasterState, now: Millis): Step {
  const { advertInterval, announcements } = router.settings;
  const actions: Action[] = [];
  let { advertiseAt, announceAt, refreshAt } = state;
  if (now >= advertiseAt) {
    actions.push(advertOf(router));
    advertiseAt = nextBeat(advertiseAt, advertInterval, now);
  }
  if (announceAt && now >= announceAt.at) {
    actions.push({ kind: "announce", burst: `${announceAt.burst}-repeat` });
    announceAt = undefined;
  }
  if (refreshAt !== undefined && now >= refreshAt) {
    actions.push({ kind: "announce", burst: "refresh" });
    refreshAt = after(now, announcements.masterRefresh);
  }
  const next: MasterState = { kind: "MASTER", advertiseAt, announceAt, refreshAt, answerAt: state.answerAt };
  return [withState(router, next), actions];
}

/** A steady beat: lateness is not carried on, but a beat that was missed altogether is not made up for. */
function nextBeat(due: Millis, interval: Millis, now: Millis): Millis {
  const next = after(due, interval);
  return next > now ? next : after(now, interval);
}

function advertReceived(
  router: VirtualRouter,
  state: MasterState,
  advert: AdvertReceived,
  now: Millis,
): Step {
  if (advert.priority === 0) {
    const advertiseAt = after(now, router.settings.advertInterval);
    return [{ ...router, state: { ...state, advertiseAt } }, [advertOf(router)]];
  }
  if (outranks(advert, router)) return yieldTo(router, advert, now);
  return now < state.answerAt ? [router, []] : answer(router, state, advert, now);
}

/** RFC 9568 §6.4.3: the higher priority, and between equals the higher address. Preempt_Mode has no say here. */
function outranks(advert: AdvertReceived, router: VirtualRouter): boolean {
  if (advert.priority !== router.priority) return advert.priority > router.priority;
  return compareIp(advert.from, router.localAddress) > 0;
}

function yieldTo(router: VirtualRouter, advert: AdvertReceived, now: Millis): Step {
  const [next, actions] = becomeBackup(
    router,
    {
      masterAdvertInterval: masterInterval(router.settings, advert.advertInterval),
      master: { address: advert.from, priority: advert.priority },
      cause: "master-silent",
    },
    { reason: { kind: "yielded", to: advert.from, priority: advert.priority }, now },
  );
  return [
    router.settings.synced === "first" ? givePrecedence(next) : next,
    router.settings.higherPrioSendAdvert ? [advertOf(router), ...actions] : actions,
  ];
}

/**
 * In sync groups two nodes can yield to each other at once, each with another member, and would then wait equally long and
 * do it again, for ever. So the one that lost the first member waits longer than any difference of Skew_Time, also after
 * adverts that were on their way when the other one yielded.
 */
function givePrecedence(router: VirtualRouter): VirtualRouter {
  const { state } = router;
  if (state.kind !== "BACKUP") return router;
  const masterDownAt = after(state.masterDownAt, millis(PRECEDENCE_ADVERTS * state.masterAdvertInterval));
  return { ...router, state: { ...state, masterDownAt, notBefore: masterDownAt } };
}

/** Skew_Time is below one advert; so much more stays when it is against us. */
const PRECEDENCE_ADVERTS = 2;

/** Without priority 0, as in keepalived: the one that `member` follows is MASTER of the whole group, or about to be. */
function followGroup(router: VirtualRouter, { member }: GroupLeft, now: Millis): Step {
  return becomeBackup(router, unheard(router), { reason: { kind: "followed-group", member }, now });
}

function unheard({ settings: { advertInterval } }: VirtualRouter) {
  return { masterAdvertInterval: advertInterval, master: undefined, cause: "nobody-heard" } as const;
}

/**
 * The cloud shows the address at a peer, and that peer is not heard: it serves behind a partition. No priority 0: it would call
 * another BACKUP to the election.
 */
function goOnHold(router: VirtualRouter, { holder, peer }: YieldAsked, now: Millis): Step {
  const [next, actions] = becomeBackup(router, unheard(router), {
    reason: { kind: "gave-up", holder },
    now,
  });
  return [onHold(next, peer), actions];
}

/**
 * The others had time to elect a successor, whose adverts may have been lost on the way here. It is heard within an interval
 * from now on; until then this node neither advertises nor announces.
 */
function wokeLate(router: VirtualRouter, state: MasterState, late: Millis, now: Millis): VirtualRouter {
  const { version, advertInterval, downTimerAdverts } = router.settings;
  if (late < downTimerAdverts * advertInterval) return router;
  const quiet = millis(now + advertInterval + skewTime(version, router.priority, advertInterval));
  const later = (at: Millis) => millis(Math.max(at, quiet));
  const { advertiseAt, announceAt, refreshAt } = state;
  const next: MasterState = {
    ...state,
    advertiseAt: later(advertiseAt),
    announceAt: announceAt && { ...announceAt, at: later(announceAt.at) },
    refreshAt: refreshAt === undefined ? undefined : later(refreshAt),
    answerAt: quiet,
  };
  return { ...router, state: next };
}

/**
 * Somebody of lower rank believes to be MASTER. RFC 9568 §6.4.3 answers at once, and gratuitous ARP takes back what it may
 * have drawn to itself. Once in half an interval is enough for an honest peer, and does not serve a flood as an amplifier.
 */
function answer(router: VirtualRouter, state: MasterState, advert: AdvertReceived, now: Millis): Step {
  const { advertInterval, announcements, lowerPrioNoAdvert } = router.settings;
  const { lowerPrioDelay } = announcements;
  const announceAt =
    lowerPrioDelay > 0
      ? ({ at: after(now, lowerPrioDelay), burst: "lower-priority" } as const)
      : state.announceAt;
  const answerAt = millis(now + advertInterval / 2);
  const actions: Action[] = [
    ...(lowerPrioNoAdvert ? [] : [advertOf(router)]),
    { kind: "announce", burst: "lower-priority" },
    { kind: "lower-priority-heard", from: advert.from, priority: advert.priority },
  ];
  return [{ ...router, state: { ...state, announceAt, answerAt } }, actions];
}

/** After a reload the peers hear of it at once, and the addresses may have changed: they are bound and announced. */
function reconfigured(
  router: VirtualRouter,
  state: MasterState,
  event: Extract<AdjustingEvent, { kind: "reconfigured" }>,
  now: Millis,
): Step {
  const next = adjusted(router, event);
  const { advertInterval, announcements } = next.settings;
  const advertiseAt = after(now, advertInterval);
  const refreshAt = announcements.masterRefresh > 0 ? after(now, announcements.masterRefresh) : undefined;
  return [
    { ...next, state: { ...state, advertiseAt, refreshAt } },
    [advertOf(next), { kind: "bind" }, { kind: "announce", burst: "refresh" }],
  ];
}

function advertOf(router: VirtualRouter): Action {
  return { kind: "send-advert", priority: router.priority };
}
