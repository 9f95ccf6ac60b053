/** The takeovers, modes and events that the tests share. Plain numbers are milliseconds. */
import { type IpAddress, parseIp } from "../../src/base/ip.ts";
import { type Millis, millis } from "../../src/base/units.ts";
import { chance, spread } from "../../src/takeover/backoff.ts";
import type { CallFailure, OtherHolder, Reading, TakeoverEvent } from "../../src/takeover/events.ts";
import type { TakeoverSettings } from "../../src/takeover/settings.ts";
import type {
  CallId,
  Claiming,
  Holding,
  OnHold,
  Standby,
  Takeover,
  TakeoverMode,
} from "../../src/takeover/state.ts";

export const SETTINGS: TakeoverSettings = {
  kind: "move",
  verifyInterval: millis(10_000),
  consistencyWindow: millis(5_000),
  rehearseInterval: millis(300_000),
};

/** At these settings: a node that the cloud has shown as the holder for so long is the incumbent. */
export const TENURE_MS = 35_000;

const CHANCE = chance(0);

/** What becomes of an interval after its first spread. */
export function spreadOf(interval: number): number {
  return spread(millis(interval), CHANCE)[0];
}

/** Calls 1 to 7 have been made; the one under way, if there is one, is call 7. */
export const UNDER_WAY = 7 as CallId;
export const NEXT_CALL = 8 as CallId;

export function takeoverIn(mode: TakeoverMode, changes: Partial<TakeoverSettings> = {}): Takeover {
  return { settings: { ...SETTINGS, ...changes }, chance: CHANCE, lastCall: UNDER_WAY, mode };
}

type Plain<T> = {
  readonly [name in keyof T]?: T[name] extends Millis | undefined ? number | undefined : T[name];
};

const idle = { call: undefined, at: 100_000 };

export function standby(changes: Plain<Standby> = {}): Standby {
  return { kind: "standby", ...idle, ready: undefined, ...changes } as Standby;
}

/** The third attempt of a claim that began 2 s ago. */
export function claiming(changes: Plain<Claiming> = {}): Claiming {
  const known = { contests: [], tenure: undefined };
  return { kind: "claiming", ...idle, since: 98_000, attempts: 3, ...known, ...changes } as Claiming;
}

/** Claimed and verified half a minute ago, and looked at since. */
export function holding(changes: Plain<Holding> = {}): Holding {
  return {
    ...{ kind: "holding", ...idle, since: 70_000, lookedAt: 90_000, claimedAt: 70_100, verified: true },
    ...{ contrary: false, doubted: false, challenged: false },
    ...{ failures: 0, contests: [], tenure: undefined },
    ...changes,
  } as Holding;
}

/** Has had the address for long. */
export const incumbent = { from: millis(100_000 - TENURE_MS), until: millis(100_000) };

export function onHold(changes: Plain<OnHold> = {}): OnHold {
  return {
    ...{ kind: "on-hold", ...idle, since: 50_000, holder: "i-peer", peer: PEER, failures: 0 },
    ...{ free: false, elsewhereSince: undefined, ...changes },
  } as OnHold;
}

export function ip(text: string): IpAddress {
  const address = parseIp(text);
  if (!address) throw new Error(`${text} is no address`);
  return address;
}

export const PEER = ip("10.0.0.2");
export const OTHER_PEER = ip("10.0.0.3");

export const silentPeer: OtherHolder = holderOf("i-peer", { address: PEER, heard: false });
export const heardPeer: OtherHolder = holderOf("i-peer", { address: PEER, heard: true });
export const stranger: OtherHolder = holderOf("i-stranger", undefined);
export const stoppedPeer: OtherHolder = { ...silentPeer, stopped: true };

export function holderOf(holder: string, peer: OtherHolder["peer"]): OtherHolder {
  return { kind: "other", holder, peer, stopped: false };
}

export function shows(reading: Reading): TakeoverEvent {
  return { kind: "ownership-read", call: UNDER_WAY, reading };
}

export const claimed: TakeoverEvent = { kind: "claimed", call: UNDER_WAY };
export const tick: TakeoverEvent = { kind: "tick" };
export const doubt: TakeoverEvent = { kind: "doubt", cause: "lower-priority-heard" };

export function fails(
  changes: Omit<Partial<CallFailure>, "retryAfter"> & { readonly retryAfter?: number } = {},
) {
  const failure = { retry: "soon", message: "HTTP 500", ...changes } as CallFailure;
  return { kind: "call-failed", call: UNDER_WAY, failure } as const;
}

export function rehearsed(...obstacles: readonly string[]): TakeoverEvent {
  return { kind: "rehearsed", call: UNDER_WAY, obstacles };
}
