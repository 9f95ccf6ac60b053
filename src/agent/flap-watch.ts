import { after, type Millis } from "../base/units.ts";
import type { FlappingConfig } from "../config/config.ts";
import type { FlapEvent } from "./events.ts";
import { FlapDetector } from "./flap-detector.ts";
import type { Timed } from "./timed.ts";

export interface FlapWatchPorts {
  readonly now: () => Millis;
  readonly schedule: (timed: Timed) => void;
  readonly report: (event: FlapEvent) => void;
  /** Leave a living MASTER of lower priority in peace, or no longer. */
  readonly holdBack: (held: boolean) => void;
}

/**
 * Watches how often one instance, or one sync group, changes its state, and holds back the node that causes it. That is the one
 * whose own trackers or links change: its peer only follows, and has to be free to take over from it. A node that is held
 * back does not preempt; where nobody else is MASTER it takes over as always.
 */
export class FlapWatch implements Timed {
  readonly actsOnSilence = false;
  readonly #ports: FlapWatchPorts;
  readonly #detector: FlapDetector;
  readonly #settings: FlappingConfig;
  #ailedAt: Millis | undefined;
  #heldUntil: Millis | undefined;

  constructor(settings: FlappingConfig, ports: FlapWatchPorts) {
    this.#settings = settings;
    this.#detector = new FlapDetector(settings);
    this.#ports = ports;
  }

  get isFlapping(): boolean {
    return this.#detector.deadline() !== undefined;
  }

  /** Until when it does not preempt; undefined while it may. */
  get heldUntil(): Millis | undefined {
    return this.#heldUntil;
  }

  /** Its trackers or its links say something else than before. */
  ailed(): void {
    this.#ailedAt = this.#ports.now();
  }

  /** To be called before the transition is told. */
  transition(): void {
    const now = this.#ports.now();
    const verdict = this.#detector.transition(now);
    if (verdict === "steady") return;
    if (verdict === "began") this.#began(now);
    else if (this.#heldUntil !== undefined) this.#heldUntil = after(now, this.#settings.hold);
    this.#ports.schedule(this);
  }

  /** Somebody asked for it. */
  release(): void {
    this.#free("asked");
  }

  deadline(): Millis | undefined {
    const times = [this.#detector.deadline(), this.#heldUntil].filter((at) => at !== undefined);
    return times.length === 0 ? undefined : (Math.min(...times) as Millis);
  }

  tick(): void {
    const now = this.#ports.now();
    const changes = this.#detector.settled(now);
    if (changes !== undefined) this.#ports.report({ kind: "settled", transitions: changes });
    if (this.#heldUntil !== undefined && this.#heldUntil <= now) this.#free("over");
    this.#ports.schedule(this);
  }

  #began(now: Millis): void {
    const { hold, transitions, window } = this.#settings;
    const isOurs = this.#ailedAt !== undefined && now - this.#ailedAt < window;
    const holds = hold > 0 && isOurs && this.#heldUntil === undefined;
    this.#ports.report({
      kind: "flapping",
      transitions: transitions + 1,
      withinMs: window,
      heldForMs: holds ? hold : null,
    });
    if (!holds) return;
    this.#heldUntil = after(now, hold);
    this.#ports.holdBack(true);
  }

  #free(why: "over" | "asked"): void {
    if (this.#heldUntil === undefined) return;
    this.#heldUntil = undefined;
    this.#ports.holdBack(false);
    this.#ports.report({ kind: "hold-over", why });
  }
}
