import { parseIp } from "../../src/base/ip.ts";
import type { ChannelConfig, HttpChannelConfig } from "../../src/config/notify-config.ts";
import type { Message } from "../../src/notify/channels/channel-type.ts";
import type {
  Notification,
  NotifiedEvent,
  Occurrence,
  TransitionEvent,
} from "../../src/notify/notification.ts";
import { severityOf } from "../../src/notify/severity.ts";
import type { Language } from "../../src/notify/wording/phrases.ts";
import { PHRASES, reportsOf } from "../../src/notify/wording/report.ts";

export const PEER = ip("10.0.0.4");

export const TOOK_OVER: TransitionEvent = {
  kind: "transition",
  from: "BACKUP",
  to: "MASTER",
  reason: { kind: "took-over", cause: "master-silent" },
  previousOwner: { address: "10.0.0.4", priority: 150 },
  heldForMs: 86_400_000,
  silentForMs: 3_609.4,
  checks: [],
};

export const STOOD_BY: TransitionEvent = {
  ...TOOK_OVER,
  from: "MASTER",
  to: "BACKUP",
  reason: { kind: "yielded", to: PEER, priority: 150 },
  silentForMs: null,
};

export const FAULT: TransitionEvent = {
  ...TOOK_OVER,
  to: "FAULT",
  reason: { kind: "fault", faults: ["interface-down"] },
  silentForMs: null,
};

export const STARTED: TransitionEvent = {
  ...TOOK_OVER,
  from: "INIT",
  to: "BACKUP",
  reason: { kind: "started" },
  previousOwner: null,
  silentForMs: null,
};

export const SERVING: NotifiedEvent = {
  kind: "serving",
  phases: { detect: 3_609.4, elect: 0.21, bind: 0.9, announce: 0.4, claim: 120, verify: 80 },
};

export function occurrence(event: NotifiedEvent, instanceName = "VI_1"): Occurrence {
  return {
    at: "2026-11-20T12:00:00.000Z",
    node: "node-b",
    instance: {
      name: instanceName,
      virtualRouterId: 51,
      interfaceName: "eth0",
      addresses: ["10.0.0.10/32"],
      priority: 100,
    },
    event,
  };
}

export function notification(event: NotifiedEvent, changes: Partial<Notification> = {}): Notification {
  return {
    version: 1,
    id: "0c5f6a3e-0001",
    severity: severityOf(event) ?? "info",
    incident: null,
    repeated: 0,
    ...occurrence(event),
    ...changes,
  };
}

export function message(events: readonly NotifiedEvent[], language: Language = "en", dropped = 0): Message {
  const notifications = events.map((event) => notification(event));
  return { notifications, reports: reportsOf(notifications, language), phrases: PHRASES[language], dropped };
}

export function httpChannel(changes: Partial<HttpChannelConfig> = {}): HttpChannelConfig {
  return {
    name: "ops",
    type: "webhook",
    url: "https://receiver.example/hook/6f1c2d3e4b5a69788796",
    secret: undefined,
    authorization: undefined,
    template: undefined,
    minSeverity: "info",
    language: "en",
    instances: undefined,
    perMinute: undefined,
    allowLoopback: true,
    ...changes,
  };
}

export function mailChannel(port: number, changes: Partial<Extract<ChannelConfig, { type: "smtp" }>> = {}) {
  return {
    name: "mail",
    type: "smtp",
    host: "127.0.0.1",
    port,
    tls: "none",
    user: undefined,
    password: undefined,
    from: "cloudvip@node-b.example",
    to: ["ops@example.com"],
    minSeverity: "info",
    language: "en",
    instances: undefined,
    perMinute: undefined,
    allowLoopback: true,
    ...changes,
  } as const satisfies ChannelConfig;
}

function ip(text: string) {
  const address = parseIp(text);
  if (!address) throw new Error(`${text} is no address`);
  return address;
}
