import type { Millis } from "../../base/units.ts";
import type { HttpChannelConfig } from "../../config/notify-config.ts";
import type { HttpAnswer, HttpRequest } from "../http-message.ts";
import type { Notification } from "../notification.ts";
import type { Outcome } from "../outcome.ts";
import type { Phrases } from "../wording/phrases.ts";
import type { Report } from "../wording/report.ts";

/** What goes out at once: several notifications where the channel was not free for each of them. */
export interface Message {
  readonly notifications: readonly Notification[];
  readonly reports: readonly Report[];
  readonly phrases: Phrases;
  /** Older ones that this channel will never get. */
  readonly dropped: number;
}

/** How often a receiver may be asked, both in a minute and at once. */
export interface Rate {
  readonly perMinute: number;
  readonly gap: Millis;
}

/** One kind of receiver that is reached with HTTP: pure, from messages to requests and from answers to outcomes. */
export interface HttpChannelType {
  readonly rate: Rate;
  /** The most notifications that one message holds. */
  readonly batchMax: number;
  request(message: Message, channel: HttpChannelConfig, nowMs: number): HttpRequest;
  judge(answer: HttpAnswer, nowMs: number): Outcome;
}
