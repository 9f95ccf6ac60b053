/** The routers, addresses and adverts that the tests of the election share. */
import { type IpAddress, parseIp } from "../../src/base/ip.ts";
import { type Millis, millis } from "../../src/base/units.ts";
import type { Action, TransitionReason } from "../../src/vrrp/actions.ts";
import type { AdvertReceived, RouterEvent } from "../../src/vrrp/events.ts";
import type { RouterSettings } from "../../src/vrrp/settings.ts";
import type {
  BackupState,
  Fault,
  HandoverEnd,
  MasterState,
  RouterState,
  RouterStateName,
  VirtualRouter,
} from "../../src/vrrp/state.ts";
import { createRouter } from "../../src/vrrp/virtual-router.ts";

/** The address that a literal of a test means. */
export function ip(text: string): IpAddress {
  const address = parseIp(text);
  if (!address) throw new Error(`${text} is no address`);
  return address;
}

export const LOWER = ip("10.0.0.1");
export const LOCAL = ip("10.0.0.2");
export const HIGHER = ip("10.0.0.3");

/** VRRPv3 at one second, priority 100: Skew_Time 609.375 ms, Active_Down_Interval 3609.375 ms. */
export const DEFAULTS: RouterSettings = {
  version: 3,
  virtualRouterId: 51,
  priority: 100,
  advertInterval: millis(1000),
  preempt: true,
  preemptDelay: millis(0),
  downTimerAdverts: 3,
  skew: "rfc",
  maxLearnedInterval: millis(10_000),
  lowerPrioNoAdvert: false,
  higherPrioSendAdvert: false,
  startupDelay: millis(0),
  announcements: { masterDelay: millis(5000), masterRefresh: millis(0), lowerPrioDelay: millis(5000) },
};

/** `DEFAULTS` with what a test changes; plain numbers are milliseconds. */
export function settingsWith(
  changes: Partial<Omit<RouterSettings, Durations | "announcements">> & {
    readonly [name in Durations]?: number;
  } & { readonly announcements?: { readonly [name in keyof RouterSettings["announcements"]]?: number } } = {},
): RouterSettings {
  const { announcements, ...rest } = changes;
  return {
    ...DEFAULTS,
    ...rest,
    announcements: { ...DEFAULTS.announcements, ...announcements },
  } as RouterSettings;
}

type Durations = "advertInterval" | "preemptDelay" | "maxLearnedInterval" | "startupDelay";

/** A router in the given state, as if started at 0 where its state is past the start. */
export function routerIn(
  state: RouterState,
  more: {
    readonly settings?: RouterSettings;
    readonly priority?: number;
    readonly faults?: readonly Fault[];
    readonly heldUntil?: number | undefined;
  } = {},
): VirtualRouter {
  const settings = more.settings ?? DEFAULTS;
  const started = state.kind === "INIT" ? undefined : 0;
  const heldUntil = "heldUntil" in more ? more.heldUntil : started;
  return {
    ...createRouter(settings, LOCAL),
    priority: more.priority ?? settings.priority,
    faults: more.faults ?? (state.kind === "FAULT" ? ["interface-down"] : []),
    heldUntil: heldUntil as Millis | undefined,
    state,
  };
}

/** BACKUP since 0 at one second and priority 100, nobody heard; plain numbers are milliseconds. */
export function backup(
  changes: { readonly [name in keyof BackupState]?: Plain<BackupState[name]> } = {},
): BackupState {
  return {
    kind: "BACKUP",
    masterAdvertInterval: 1000,
    masterDownAt: 3609.375,
    heldFor: undefined,
    master: undefined,
    preemptAt: undefined,
    cause: "nobody-heard",
    ...changes,
  } as BackupState;
}

/** MASTER since 0 at one second, nothing announced a second time; plain numbers are milliseconds. */
export function master(
  changes: { readonly [name in keyof MasterState]?: Plain<MasterState[name]> } = {},
): MasterState {
  return {
    kind: "MASTER",
    advertiseAt: 1000,
    announceAt: undefined,
    refreshAt: undefined,
    answerAt: 0,
    ...changes,
  } as MasterState;
}

/** A planned handover that was asked for, waiting up to 800 ms for a successor and 50 ms beside it. */
export function handoverAsked(to: HandoverEnd): RouterEvent {
  return { kind: "handover-asked", to, patience: millis(800), linger: millis(50) };
}

/** The cloud shows the addresses at HIGHER, which is not heard. */
export const yieldAsked = { kind: "yield-asked", holder: "i-0a1b", peer: HIGHER } as const;

/** The process slept for so many milliseconds longer than it meant to. */
export function wokeLate(late: number): RouterEvent {
  return { kind: "woke-late", late: millis(late) };
}

type Plain<T> = T extends Millis
  ? number
  : T extends { readonly at: Millis }
    ? Omit<T, "at"> & { readonly at: number }
    : T;

/** An advert at one second that {@link admit} let in. */
export function advert(priority: number, from: IpAddress = LOWER, advertInterval = 1000): AdvertReceived {
  return { kind: "advert-received", from, priority, advertInterval: millis(advertInterval) };
}

/** What a router does on becoming MASTER, in this order. */
export function takingOver(
  priority: number,
  from: RouterStateName,
  reason: TransitionReason,
): readonly Action[] {
  return [
    { kind: "send-advert", priority },
    { kind: "bind" },
    { kind: "announce", burst: "master" },
    { kind: "transition", from, to: "MASTER", reason },
  ];
}
