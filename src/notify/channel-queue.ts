/**
 * What waits for one channel, in order, and when it may go. Pure: the time comes with each call. The queue never grows beyond
 * its limit, the oldest goes first. What waits while the receiver is slow, silent or asked too often goes out as one message.
 */
import { after, type Millis, millis, seconds } from "../base/units.ts";
import type { Rate } from "./channels/channel-type.ts";
import type { Outcome } from "./outcome.ts";

export interface QueueSettings {
  readonly rate: Rate;
  readonly batchMax: number;
  /** Between 0 and 1, so that the nodes of a group do not ask a receiver that recovers in step. */
  readonly random: () => number;
}

/** One notification on its way through one channel. */
export interface Queued {
  readonly id: number;
  /** The notification as JSON: a string takes a third of the memory of the object. */
  readonly json: string;
  /** Not sent before this, to be joined by what follows at once. */
  readonly notBefore: Millis;
  readonly queuedAt: Millis;
}

/** Ten thousand notifications are a day of trouble, and some 10 MB for all channels together. */
export const QUEUED_MAX = 10_000;

const MINUTE = seconds(60);
const FIRST_RETRY = seconds(1);
const LAST_RETRY = seconds(300);
/** A receiver that refuses us is asked again so often: somebody may have repaired the other side. */
const REFUSED_RETRY = seconds(300);
/** Nobody acts on what happened a day ago. */
const AGE_MAX = seconds(24 * 3_600);

export class ChannelQueue {
  readonly #settings: QueueSettings;
  #waiting: Queued[] = [];
  #inFlight: readonly Queued[] = [];
  /** When the last messages went out, of the last minute. */
  #sent: Millis[] = [];
  #pausedUntil = millis(0);
  #failures = 0;

  constructor(settings: QueueSettings) {
    this.#settings = settings;
  }

  get size(): number {
    return this.#waiting.length + this.#inFlight.length;
  }

  /** @returns what had to go for it */
  push(item: Queued): readonly Queued[] {
    this.#waiting.push(item);
    return this.size > QUEUED_MAX ? this.#waiting.splice(0, 1) : [];
  }

  /** When `take` may have something; undefined while nothing waits or a message is under way. */
  deadline(): Millis | undefined {
    const [head] = this.#waiting;
    if (!head || this.#inFlight.length > 0) return undefined;
    const { perMinute, gap } = this.#settings.rate;
    const last = this.#sent.at(-1);
    const oldest = this.#sent.at(-perMinute);
    const times = [head.notBefore, this.#pausedUntil];
    if (last !== undefined) times.push(after(last, gap));
    if (oldest !== undefined) times.push(after(oldest, MINUTE));
    return millis(Math.max(...times));
  }

  /** Until when the receiver's limit or its trouble holds back what waits; undefined while nothing does. */
  blockedUntil(now: Millis): Millis | undefined {
    const until = this.deadline();
    const [head] = this.#waiting;
    return until !== undefined && head && until > Math.max(now, head.notBefore) ? until : undefined;
  }

  /** The next message's notifications, to be settled before the next; empty while it is too early. */
  take(now: Millis): readonly Queued[] {
    const deadline = this.deadline();
    if (deadline === undefined || deadline > now) return [];
    this.#inFlight = this.#waiting.splice(0, this.#settings.batchMax);
    this.#sent = [...this.#sent.filter((at) => now - at < MINUTE), now];
    return this.#inFlight;
  }

  /** What is too old to be sent, taken out. */
  takeExpired(now: Millis): readonly Queued[] {
    const fresh = this.#waiting.findIndex(({ queuedAt }) => now - queuedAt < AGE_MAX);
    return this.#waiting.splice(0, fresh < 0 ? this.#waiting.length : fresh);
  }

  /**
   * What came of the message that was taken last.
   *
   * @returns the notifications that are done with; the others are first again
   */
  settle(outcome: Outcome, now: Millis): readonly Queued[] {
    const batch = this.#inFlight;
    this.#inFlight = [];
    switch (outcome.kind) {
      case "delivered":
      case "rejected":
        this.#failures = 0;
        return batch;
      case "failed":
        this.#putBack(batch, after(now, outcome.retryAfter ?? this.#backoff()));
        return [];
      case "refused":
        this.#putBack(batch, after(now, REFUSED_RETRY));
        return [];
    }
  }

  #putBack(batch: readonly Queued[], until: Millis): void {
    this.#waiting.unshift(...batch);
    this.#pausedUntil = until;
    this.#failures++;
  }

  /** Doubles, and half of it is chance. */
  #backoff(): Millis {
    const full = Math.min(FIRST_RETRY * 2 ** this.#failures, LAST_RETRY);
    return millis((full / 2) * (1 + this.#settings.random()));
  }
}
