import type { IpAddress } from "../base/ip.ts";
import { type Millis, millis } from "../base/units.ts";
import { reasonInWords } from "../notify/wording/english.ts";
import type { Action } from "../vrrp/actions.ts";
import type { VirtualRouter } from "../vrrp/state.ts";
import { type Circumstances, circumstancesOf } from "./circumstances.ts";
import { hearingSince } from "./cloud-reading.ts";

type Transition = Extract<Action, { readonly kind: "transition" }>;

/** Since when an instance is what it is, and why. */
export class StateHistory {
  #since: Millis = millis(0);
  #hearingSince: Millis = millis(0);
  #last = { reason: "not started yet", at: new Date() };

  /** The last transition, for people. */
  get last(): { readonly reason: string; readonly at: Date } {
    return this.#last;
  }

  /** From when on a peer's advert proves that it can be heard. */
  get hearingSince(): Millis {
    return this.#hearingSince;
  }

  /** It has not started, and this is why. */
  waits(why: string): void {
    this.#last = { ...this.#last, reason: why };
  }

  changed(
    transition: Transition,
    before: VirtualRouter,
    { now, heardAt }: { readonly now: Millis; readonly heardAt: (peer: IpAddress) => Millis | undefined },
  ): Transition & Circumstances {
    const circumstances = circumstancesOf(before, { since: this.#since, now, heardAt });
    this.#since = now;
    this.#hearingSince = hearingSince(transition.reason, now);
    this.#last = { reason: reasonInWords(transition.reason), at: new Date() };
    return { ...transition, ...circumstances };
  }
}
