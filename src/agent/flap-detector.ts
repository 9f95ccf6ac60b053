import { after, type Millis } from "../base/units.ts";
import type { FlappingConfig } from "../config/config.ts";

/** More than this many transitions within the window are flapping. */
export type FlapSettings = Pick<FlappingConfig, "transitions" | "window">;

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
