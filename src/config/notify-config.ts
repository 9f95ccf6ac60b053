/** The `notify` block: who is told what happens. */
export interface NotifyConfig {
  /** Where notifications wait that are not delivered yet; they survive a restart of the agent there. */
  readonly spoolDirectory: string;
  readonly channels: readonly ChannelConfig[];
}

export type ChannelConfig = HttpChannelConfig | MailChannelConfig;

interface CommonChannelConfig {
  readonly name: string;
  /** Less severe ones are not told here. */
  readonly minSeverity: "info" | "warning" | "critical";
  readonly language: "en" | "zh";
  /** Names of instances and sync groups; undefined for all. */
  readonly instances: readonly string[] | undefined;
  /** Messages a minute; undefined for what suits the type. */
  readonly perMinute: number | undefined;
  /** Lets the receiver be on this host. */
  readonly allowLoopback: boolean;
}

export const HTTP_CHANNEL_TYPES = [
  "dingtalk",
  "feishu",
  "wecom",
  "slack",
  "teams",
  "pagerduty",
  "webhook",
] as const;

export type HttpChannelTypeName = (typeof HTTP_CHANNEL_TYPES)[number];

export interface HttpChannelConfig extends CommonChannelConfig {
  readonly type: HttpChannelTypeName;
  /** A credential: most receivers have their token in it. */
  readonly url: string;
  /** Signs the messages (dingtalk, feishu, webhook); the routing key of pagerduty. */
  readonly secret: string | undefined;
  /** `webhook`: the value of the Authorization header. */
  readonly authorization: string | undefined;
  /** `webhook`: the body, with `{{title}}` and the like in it; undefined for cloudvip's own JSON. */
  readonly template: string | undefined;
}

export interface MailChannelConfig extends CommonChannelConfig {
  readonly type: "smtp";
  readonly host: string;
  readonly port: number;
  /** `starttls` insists on it; `implicit` is TLS from the first byte. */
  readonly tls: "starttls" | "implicit" | "none";
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly from: string;
  readonly to: readonly string[];
}
