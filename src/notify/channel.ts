import type { Millis } from "../base/units.ts";
import type { ChannelConfig } from "../config/notify-config.ts";
import type { ChannelSnapshot } from "../status/snapshot.ts";
import { ChannelQueue, type Queued } from "./channel-queue.ts";
import { ChannelTally } from "./channel-tally.ts";
import type { Message } from "./channels/channel-type.ts";
import { isTransition, type Notification } from "./notification.ts";
import type { Outcome } from "./outcome.ts";
import type { Sender } from "./sender.ts";
import { reaches } from "./severity.ts";
import { isStart } from "./trouble.ts";
import { PHRASES, reportsOf } from "./wording/report.ts";

const DROPS_SAID_EVERY_MS = 60_000;

const DROPS = { "queue-full": "the queue is full", "too-old": "they are a day old" } as const;

export interface ChannelPorts {
  /** A monotonic clock. */
  readonly now: () => Millis;
  /** Calls back after so many milliseconds, unless the returned function is called before. */
  readonly setTimer: (delayMs: number, callback: () => void) => () => void;
  readonly random: () => number;
  readonly log: (
    level: "debug" | "info" | "warn",
    message: string,
    facts?: Readonly<Record<string, unknown>>,
  ) => void;
  /** These are delivered here, or never will be. */
  readonly onDone: (ids: readonly number[]) => void;
}

/** One receiver: its queue, and whatever is on its way to it. */
export class Channel {
  readonly config: ChannelConfig;
  readonly #sender: Sender;
  readonly #ports: ChannelPorts;
  readonly #queue: ChannelQueue;
  /** Instances whose takeover was told here, and not yet its end. */
  readonly #takeovers = new Set<string>();
  #cancelTimer = () => {};
  #underWay: Promise<void> | undefined;
  /** Dropped, and not yet said to the people who would have read them. */
  #dropped = 0;
  /** Dropped, and not yet said in the log. */
  #unsaid = 0;
  #saidDropAt: Millis | undefined;
  /** Why the receiver does not take messages at present. */
  #trouble: string | undefined;
  #closed = false;
  readonly #tally = new ChannelTally();

  constructor(config: ChannelConfig, sender: Sender, ports: ChannelPorts) {
    const { rate, batchMax } = sender;
    this.config = config;
    this.#sender = sender;
    this.#ports = ports;
    this.#queue = new ChannelQueue({ rate, batchMax, random: ports.random });
  }

  /** Whether people are to be told of it here; to be asked in order, since some of it depends on what they were told before. */
  accepts({ severity, incident, event, instance, group }: Notification): boolean {
    const names = [instance?.name, instance?.syncGroup, group?.name].filter((one) => one !== undefined);
    const { instances } = this.config;
    if (instances && names.length > 0 && !names.some((one) => instances.includes(one))) return false;
    const name = instance?.name ?? "";
    // Whoever heard of a takeover wants to hear that it is through, however little that matters by itself.
    if (event.kind === "serving" && this.#takeovers.delete(name)) return true;
    // A pager is told of troubles and their ends alone; what has no end would stay open there for ever.
    if (this.config.type === "pagerduty") return incident !== null;
    const endsWhatWasTold = incident === "close" && !isStart(event);
    const isAccepted = reaches(severity, this.config.minSeverity) || endsWhatWasTold;
    if (isAccepted && isTransition(event) && event.to === "MASTER") {
      for (const serving of group?.instances ?? [name]) this.#takeovers.add(serving);
    }
    return isAccepted;
  }

  push(...items: readonly Queued[]): void {
    for (const item of items) this.#drop(this.#queue.push(item), "queue-full");
    this.#pump();
  }

  /** How it stands with this channel. */
  snapshot(): ChannelSnapshot {
    const { name, type } = this.config;
    const now = this.#ports.now();
    const until = this.#queue.blockedUntil(now);
    return {
      ...{ name, type, queued: this.#queue.size, ...this.#tally.counts() },
      blockedForMs: until === undefined ? null : until - now,
      trouble: this.#trouble ?? null,
    };
  }

  /** Resolves when nothing is under way and nothing may be sent at once. */
  async drained(): Promise<void> {
    while (this.#underWay) await this.#underWay;
  }

  /** Sends nothing more; what is under way may still arrive. */
  close(): void {
    this.#closed = true;
    this.#cancelTimer();
  }

  #pump(): void {
    if (this.#closed || this.#underWay) return;
    this.#cancelTimer();
    const now = this.#ports.now();
    this.#drop(this.#queue.takeExpired(now), "too-old");
    const batch = this.#queue.take(now);
    if (batch.length > 0) {
      this.#underWay = this.#send(batch).finally(() => {
        this.#underWay = undefined;
        this.#pump();
      });
      return;
    }
    const deadline = this.#queue.deadline();
    if (deadline === undefined) return;
    // A timer may fire a little early; it is set again then.
    this.#cancelTimer = this.#ports.setTimer(Math.ceil(deadline - now), () => this.#pump());
  }

  async #send(batch: readonly Queued[]): Promise<void> {
    const dropped = this.#dropped;
    const outcome = await this.#sender.send(this.#messageOf(batch, dropped));
    const done = this.#queue.settle(outcome, this.#ports.now());
    if (outcome.kind === "delivered") this.#dropped -= dropped;
    if (outcome.kind === "rejected") this.#dropped += done.length;
    this.#tally.attempted(outcome, batch.length);
    this.#note(outcome, batch.length);
    this.#ports.onDone(done.map(({ id }) => id));
  }

  #messageOf(batch: readonly Queued[], dropped: number): Message {
    const { language } = this.config;
    const notifications = batch.map(({ json }): Notification => JSON.parse(json));
    return {
      notifications,
      reports: reportsOf(notifications, language),
      phrases: PHRASES[language],
      dropped,
    };
  }

  #drop(items: readonly Queued[], why: keyof typeof DROPS): void {
    if (items.length === 0) return;
    this.#tally.dropped(items.length, why);
    this.#dropped += items.length;
    this.#unsaid += items.length;
    this.#ports.onDone(items.map(({ id }) => id));
    const now = this.#ports.now();
    // A full queue drops one for each that comes in.
    if (this.#saidDropAt !== undefined && now - this.#saidDropAt < DROPS_SAID_EVERY_MS) return;
    const facts = { dropped: this.#unsaid };
    this.#ports.log("warn", `dropped ${this.#unsaid} of the oldest notifications: ${DROPS[why]}`, facts);
    this.#saidDropAt = now;
    this.#unsaid = 0;
  }

  /** Trouble is said when it begins and when it is another one, not at each attempt. */
  #note(outcome: Outcome, count: number): void {
    const { log } = this.#ports;
    switch (outcome.kind) {
      case "delivered":
        if (this.#trouble !== undefined) log("info", "delivers again");
        this.#trouble = undefined;
        log("debug", `delivered ${count}`);
        return;
      case "rejected":
        log("warn", `the receiver does not take this message, so it is dropped: ${outcome.why}`, {
          dropped: count,
        });
        return;
      case "failed":
      case "refused": {
        const hint = outcome.kind === "refused" ? `; ${outcome.hint}` : "";
        const sentence = `not delivered, to be tried again: ${outcome.why}${hint}`;
        log(this.#trouble === sentence ? "debug" : "warn", sentence);
        this.#trouble = sentence;
      }
    }
  }
}
