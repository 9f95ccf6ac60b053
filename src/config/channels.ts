import type { ChannelConfig, NotifyConfig } from "./notify-config.ts";
import { type ChannelDocument, channelSchema, type NotifyDocument } from "./schema-notify.ts";
import type { ChannelSecrets } from "./secrets.ts";
import { isMap } from "./value.ts";

/** PagerDuty has one address for everybody; the EU's is another. */
const PAGERDUTY_URL = "https://events.pagerduty.com/v2/enqueue";
/** RFC 8314: submission with STARTTLS, and with TLS from the first byte. */
const [SUBMISSION_PORT, SUBMISSIONS_PORT] = [587, 465];

/** The channels of a document that are sound in themselves, whatever else is wrong with it. */
export function soundChannels(document: unknown): ReadonlyMap<string, ChannelDocument> {
  const notify = isMap(document) ? document["notify"] : undefined;
  const channels = isMap(notify) ? notify["channels"] : undefined;
  if (!isMap(channels)) return new Map();
  return new Map(
    Object.entries(channels).flatMap(([name, channel]) => {
      const parsed = channelSchema.safeParse(channel);
      return parsed.success ? [[name, parsed.data]] : [];
    }),
  );
}

/** Fills in what depends on the type of a channel. */
export function resolveNotify(
  document: NotifyDocument | null | undefined,
  secrets: ReadonlyMap<string, ChannelSecrets>,
): NotifyConfig | undefined {
  if (!document) return undefined;
  const channels = Object.entries(document.channels).map(([name, channel]) =>
    resolveChannel(name, channel, secrets.get(name)),
  );
  return { spoolDirectory: document.spool_directory, channels };
}

function resolveChannel(
  name: string,
  channel: ChannelDocument,
  secrets: ChannelSecrets | undefined,
): ChannelConfig {
  const common = {
    name,
    minSeverity: channel.min_severity,
    language: channel.language,
    instances: channel.instances,
    perMinute: channel.rate_per_minute,
    allowLoopback: channel.allow_loopback,
  };
  if (channel.type !== "smtp") {
    return {
      ...common,
      type: channel.type,
      url: secrets?.url ?? PAGERDUTY_URL,
      secret: secrets?.secret,
      authorization: secrets?.authorization,
      template: channel.template,
    };
  }
  const { tls, server } = channel;
  return {
    ...common,
    type: channel.type,
    host: server?.host ?? "",
    port: server?.port ?? (tls === "implicit" ? SUBMISSIONS_PORT : SUBMISSION_PORT),
    tls,
    user: channel.user,
    password: secrets?.password,
    from: channel.from ?? "",
    to: channel.to ?? [],
  };
}
