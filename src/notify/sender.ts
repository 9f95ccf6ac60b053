import type { ChannelConfig, HttpChannelConfig, HttpChannelTypeName } from "../config/notify-config.ts";
import type { HttpChannelType, Message, Rate } from "./channels/channel-type.ts";
import { dingtalk } from "./channels/dingtalk.ts";
import { feishu } from "./channels/feishu.ts";
import { MAIL_BATCH_MAX, MAIL_RATE } from "./channels/mail.ts";
import { pagerduty } from "./channels/pagerduty.ts";
import { slack } from "./channels/slack.ts";
import { teams } from "./channels/teams.ts";
import { webhook } from "./channels/webhook.ts";
import { wecom } from "./channels/wecom.ts";
import { outcomeOfError } from "./failure.ts";
import { postHttp } from "./http-post.ts";
import type { Outcome } from "./outcome.ts";
import { redactor } from "./redact.ts";

/** Delivers messages to one receiver. */
export interface Sender {
  readonly rate: Rate;
  readonly batchMax: number;
  /** Never rejects; the words of the outcome hold no secret. */
  send(message: Message): Promise<Outcome>;
}

const TYPES: Readonly<Record<HttpChannelTypeName, HttpChannelType>> = {
  dingtalk,
  feishu,
  wecom,
  slack,
  teams,
  pagerduty,
  webhook,
};

/** `timeOfDay` is in milliseconds since 1970, for signatures and dates. */
export function senderFor(channel: ChannelConfig, timeOfDay: () => number): Sender {
  const redact =
    channel.type === "smtp"
      ? redactor({ secrets: [channel.password ?? ""] })
      : redactor({ url: channel.url, secrets: [channel.secret ?? "", channel.authorization ?? ""] });
  const { rate, batchMax } =
    channel.type === "smtp" ? { rate: MAIL_RATE, batchMax: MAIL_BATCH_MAX } : TYPES[channel.type];
  const deliver = channel.type === "smtp" ? mailSender(channel) : httpSender(channel, timeOfDay);
  return {
    rate: { ...rate, perMinute: channel.perMinute ?? rate.perMinute },
    batchMax,
    async send(message) {
      const outcome = await deliver(message).catch(outcomeOfError);
      return "why" in outcome ? { ...outcome, why: redact(outcome.why) } : outcome;
    },
  };
}

function httpSender(
  channel: HttpChannelConfig,
  timeOfDay: () => number,
): (message: Message) => Promise<Outcome> {
  const type = TYPES[channel.type];
  return async (message) => {
    const answer = await postHttp(type.request(message, channel, timeOfDay()), channel);
    return type.judge(answer, timeOfDay());
  };
}

/** Loaded at the first mail: most agents send none. */
function mailSender(
  channel: Extract<ChannelConfig, { type: "smtp" }>,
): (message: Message) => Promise<Outcome> {
  return async (message) => {
    const { sendMail } = await import("./smtp.ts");
    return sendMail(channel, message);
  };
}
