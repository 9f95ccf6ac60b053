import type { Millis } from "../base/units.ts";
import type { HeardMaster, VirtualRouter } from "../vrrp/state.ts";

/** What people want to know of a transition beside its cause. */
export interface Circumstances {
  /** The MASTER that a BACKUP followed before; null when it knew none, or was MASTER itself. */
  readonly previousOwner: HeardMaster | null;
  /** How long the state before lasted; null at the start. */
  readonly heldForMs: number | null;
  /** How long no advert of that MASTER had come in. */
  readonly silentForMs: number | null;
}

export function circumstancesOf(
  { state }: VirtualRouter,
  times: {
    /** When that state began. */
    readonly since: Millis;
    readonly now: Millis;
    readonly heardAt: (peer: HeardMaster["address"]) => Millis | undefined;
  },
): Circumstances {
  const previousOwner = state.kind === "BACKUP" ? (state.master ?? null) : null;
  const heardAt = previousOwner ? times.heardAt(previousOwner.address) : undefined;
  return {
    previousOwner,
    heldForMs: state.kind === "INIT" ? null : times.now - times.since,
    silentForMs: heardAt === undefined ? null : times.now - heardAt,
  };
}
