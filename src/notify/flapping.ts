import { after, type Millis, millis } from "../base/units.ts";

/** More than this many transitions within the window are no longer told one by one. */
export interface FlapSettings {
  readonly transitions: number;
  readonly window: Millis;
}

/** Transitions of one instance: three failovers there and back within a minute are no maintenance. */
export const DEFAULT_FLAPPING: FlapSettings = { transitions: 6, window: millis(60_000) };

export type FlapVerdict = "steady" | "began" | "goes-on";

/** Watches how often one instance changes its state. */
export class FlapDetector {
  readonly #settings: FlapSettings;
  /** The latest, at most one more than are tolerated. */
  #recent: Millis[] = [];
  #since: { readonly count: number; readonly endsAt: Millis } | undefined;

  constructor(settings: FlapSettings) {
    this.#settings = settings;
  }

  transition(now: Millis): FlapVerdict {
    const { transitions, window } = this.#settings;
    const endsAt = after(now, window);
    if (this.#since) {
      this.#since = { count: this.#since.count + 1, endsAt };
      return "goes-on";
    }
    this.#recent = [...this.#recent.filter((at) => now - at < window), now];
    if (this.#recent.length <= transitions) return "steady";
    this.#since = { count: this.#recent.length, endsAt };
    this.#recent = [];
    return "began";
  }

  /** When it has settled, unless it changes again. */
  deadline(): Millis | undefined {
    return this.#since?.endsAt;
  }

  /** Once after a whole window without a transition: how many there were. */
  settled(now: Millis): number | undefined {
    if (!this.#since || now < this.#since.endsAt) return undefined;
    const { count } = this.#since;
    this.#since = undefined;
    return count;
  }
}
