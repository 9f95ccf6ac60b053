import { seconds } from "../../base/units.ts";
import { judgeStatus, postJson } from "../http-message.ts";
import { headingOf } from "../markdown.ts";
import { type Notification, type Severity, subjectKeyOf } from "../notification.ts";
import { cutCharacters } from "../text.ts";
import type { HttpChannelType } from "./channel-type.ts";

const SUMMARY_CHARACTERS_MAX = 1_024;
const DEDUP_KEY_CHARACTERS_MAX = 255;

const SEVERITIES: Record<Severity, string> = { info: "info", warning: "warning", critical: "critical" };

/** PagerDuty's Events API v2. One incident for each instance or sync group of a node: trouble triggers it, the end of all trouble resolves it. */
export const pagerduty: HttpChannelType = {
  rate: { perMinute: 60, gap: seconds(0) },
  // An event tells of one incident.
  batchMax: 1,
  request(message, { url, secret }) {
    const [notification] = message.notifications;
    const shared = {
      routing_key: secret,
      dedup_key: notification && dedupKeyOf(notification),
      client: "cloudvip",
    };
    if (!notification || notification.incident === "close") {
      return postJson(url, { ...shared, event_action: "resolve" });
    }
    const facts = message.reports.flatMap(({ facts: each }) => each);
    return postJson(url, {
      ...shared,
      event_action: "trigger",
      payload: {
        summary: cutCharacters(headingOf(message), SUMMARY_CHARACTERS_MAX),
        source: notification.node,
        severity: SEVERITIES[notification.severity],
        timestamp: notification.at,
        component: (notification.group ?? notification.instance)?.name ?? "cloudvip",
        group: (notification.group ?? notification.instance)?.addresses[0] ?? "cloudvip",
        class: notification.event.kind,
        custom_details: Object.fromEntries(facts.map(({ label, value }) => [label, value])),
      },
    });
  },
  judge: judgeStatus,
};

function dedupKeyOf(notification: Notification): string {
  const subject = subjectKeyOf(notification) || "agent";
  return cutCharacters(`cloudvip/${notification.node}/${subject}`, DEDUP_KEY_CHARACTERS_MAX);
}
