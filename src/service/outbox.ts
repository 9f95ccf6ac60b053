import { setTimeout as wait } from "node:timers/promises";
import type { NotifyConfig } from "../config/notify-config.ts";
import type { Occurrence } from "../notify/notification.ts";
import type { ToService } from "./thread-messages.ts";

/** Told while the thread stalls or is started again; it answers within a millisecond otherwise. */
const UNTOLD_MAX = 1_000;
/** At the end of the process; what is not delivered by then waits on the disk for the next start. */
const DRAIN_MS = 500;

/**
 * What the election thread has to tell people, until the service thread has taken it over: a thread that dies loses nothing that
 * it did not have on the disk.
 */
export class Outbox {
  readonly #send: (message: ToService) => void;
  readonly #onLost: () => void;
  readonly #untold = new Map<number, Occurrence>();
  #config: NotifyConfig | undefined;
  #lastId = 0;
  #drained = () => {};

  /** `onLost` is called for each occurrence that is given up. */
  constructor(send: (message: ToService) => void, onLost: () => void) {
    this.#send = send;
    this.#onLost = onLost;
  }

  configure(config: NotifyConfig): void {
    this.#config = config;
    this.#send({ kind: "notify", config });
  }

  /** A thread that takes nothing for long loses the oldest. */
  tell(occurrence: Occurrence): void {
    const id = ++this.#lastId;
    const [oldest] = this.#untold.keys();
    if (oldest !== undefined && this.#untold.size >= UNTOLD_MAX) {
      this.#untold.delete(oldest);
      this.#onLost();
    }
    this.#untold.set(id, occurrence);
    this.#send({ kind: "tell", id, occurrence });
  }

  told(id: number): void {
    this.#untold.delete(id);
  }

  /** Another thread is there, which knows nothing yet. */
  startOver(): void {
    if (this.#config) this.#send({ kind: "notify", config: this.#config });
    for (const [id, occurrence] of this.#untold) this.#send({ kind: "tell", id, occurrence });
  }

  /** Resolves when what can be delivered at once is delivered, and after a moment in any case. */
  async drain(): Promise<void> {
    if (!this.#config) return;
    const drained = new Promise<void>((resolve) => {
      this.#drained = resolve;
    });
    this.#send({ kind: "drain" });
    await Promise.race([drained, wait(DRAIN_MS, undefined, { ref: false })]);
  }

  drained(): void {
    this.#drained();
  }
}
