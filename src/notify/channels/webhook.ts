import { seconds } from "../../base/units.ts";
import { type HttpRequest, judgeStatus } from "../http-message.ts";
import { bodyOf, type Dialect, headingOf } from "../markdown.ts";
import { isTransition } from "../notification.ts";
import { signWebhook } from "../signature.ts";
import { oneLine } from "../text.ts";
import { worstOf } from "../wording/report.ts";
import type { HttpChannelType, Message } from "./channel-type.ts";

const TEXT_BYTES_MAX = 64 * 1024;

const PLAIN: Dialect = { bold: (text) => text, line: (text) => text, inert: oneLine };

/**
 * Any receiver of JSON. With a secret every request is signed. The body is `{"version": 1, "notifications": [...]}`, or a
 * template of the operator's for receivers that want a form of their own.
 */
export const webhook: HttpChannelType = {
  rate: { perMinute: 600, gap: seconds(0) },
  batchMax: 100,
  request(message, { url, secret, authorization, template }, nowMs): HttpRequest {
    const body = template === undefined ? ownJson(message) : fillTemplate(template, message);
    return {
      url,
      headers: {
        "content-type": "application/json; charset=utf-8",
        ...(authorization !== undefined && { authorization }),
        ...(secret !== undefined && {
          "x-cloudvip-signature": signWebhook(secret, Math.floor(nowMs / 1000), body),
        }),
      },
      body,
    };
  },
  judge: judgeStatus,
};

function ownJson(message: Message): string {
  const { notifications, dropped } = message;
  return JSON.stringify({
    version: 1,
    notifications,
    dropped,
    title: headingOf(message),
    text: textOf(message),
  });
}

/** `{{name}}` becomes the value as it stands within a JSON string; what has no value is left as it is. */
function fillTemplate(template: string, message: Message): string {
  const values = templateValues(message);
  return template.replace(/\{\{\s*(\w+)\s*\}\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? JSON.stringify(values[name]).slice(1, -1) : whole,
  );
}

/** The names that a template may use; of several notifications the latest one's. */
function templateValues(message: Message): Readonly<Record<string, string>> {
  const latest = message.notifications.at(-1);
  const event = latest?.event;
  return {
    title: headingOf(message),
    text: textOf(message),
    severity: worstOf(message.reports),
    id: latest?.id ?? "",
    at: latest?.at ?? "",
    node: latest?.node ?? "",
    instance: (latest?.group ?? latest?.instance)?.name ?? "",
    addresses: (latest?.group ?? latest?.instance)?.addresses.join(", ") ?? "",
    event: event?.kind ?? "",
    state: event && isTransition(event) ? event.to : "",
    incident: latest?.incident ?? "",
  };
}

function textOf(message: Message): string {
  return bodyOf(message, PLAIN, TEXT_BYTES_MAX);
}
