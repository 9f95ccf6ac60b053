import type { Millis } from "../base/units.ts";
import type { Scheduled } from "./deadline-queue.ts";

/** What the agent's one timer wakes. */
export interface Timed extends Scheduled {
  deadline(): Millis | undefined;
  /** The deadline has passed, or may have. */
  tick(): void;
  /** True when the next tick may conclude from silence: every queued packet must have been read before. */
  readonly actsOnSilence: boolean;
}
