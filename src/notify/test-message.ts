import { randomUUID } from "node:crypto";
import type { ChannelConfig } from "../config/notify-config.ts";
import type { Message } from "./channels/channel-type.ts";
import type { Notification } from "./notification.ts";
import type { Outcome } from "./outcome.ts";
import { senderFor } from "./sender.ts";
import { PHRASES, reportsOf } from "./wording/report.ts";

/** Sends a message through one channel, at once and without its queue; a pager gets an incident and its end. */
export async function sendTest(channel: ChannelConfig, node: string): Promise<Outcome> {
  const sender = senderFor(channel, Date.now);
  const outcome = await sender.send(testMessage(channel, node, "open"));
  if (channel.type !== "pagerduty" || outcome.kind !== "delivered") return outcome;
  return sender.send(testMessage(channel, node, "close"));
}

function testMessage({ language }: ChannelConfig, node: string, incident: "open" | "close"): Message {
  const notification: Notification = {
    version: 1,
    id: randomUUID(),
    at: new Date().toISOString(),
    node,
    instance: null,
    severity: "info",
    event: { kind: "test" },
    incident,
    repeated: 0,
  };
  const notifications = [notification];
  return {
    notifications,
    reports: reportsOf(notifications, language),
    phrases: PHRASES[language],
    dropped: 0,
  };
}
