import * as z from "zod";
import { filePath, shownName } from "./name.ts";
import { HTTP_CHANNEL_TYPES } from "./notify-config.ts";
import { choice, flag, integer, type OptionText, readText } from "./option.ts";
import { readVariableName } from "./schema-authentication.ts";

const ENVIRONMENT_VARIABLE = "the name of an environment variable";

/** The three ways to write a secret; they exclude each other, which the rules check. */
const sourceShape = {
  url: credential("an address that begins with https://", {
    description:
      "Where the messages go. Most receivers have their token in it, so it is a secret; pagerduty knows its own.",
    why: "A file or the environment keeps it out of this file.",
    example: "https://oapi.dingtalk.com/robot/send?access_token=…",
  }).optional(),
  url_file: file("the address").optional(),
  url_env: variable("the address").optional(),
  secret: credential("text in quotes", {
    description: "Signs the messages (dingtalk, feishu, webhook); the routing key of pagerduty.",
    why: "A receiver can tell that a message is ours.",
    example: "SEC…",
  }).optional(),
  secret_file: file("the secret").optional(),
  secret_env: variable("the secret").optional(),
  authorization: credential("text in quotes", {
    description: "webhook: the Authorization header.",
    why: "For receivers that ask for a token there.",
    example: "Bearer …",
  }).optional(),
  authorization_file: file("the Authorization header").optional(),
  authorization_env: variable("the Authorization header").optional(),
  password: credential("text in quotes", {
    description: "smtp: the password of `user`.",
    why: "A file or the environment keeps it out of this file.",
    example: "…",
  }).optional(),
  password_file: file("the password").optional(),
  password_env: variable("the password").optional(),
};

/** One receiver. Which options go with which type is a matter of the rules. */
export const channelSchema = z
  .strictObject({
    type: choice([...HTTP_CHANNEL_TYPES, "smtp"], {
      description: "What receives the messages.",
      why: "feishu is Lark too; webhook is any receiver of JSON.",
      example: "dingtalk",
    }),
    ...sourceShape,
    min_severity: choice(["info", "warning", "critical"], {
      description: "Less severe messages are not sent here.",
      why: "warning tells every change of the MASTER, critical what somebody should look at now. pagerduty gets troubles and their ends.",
    }).default("warning"),
    language: choice(["en", "zh"], {
      description: "The language of the messages.",
      why: "en is English, zh is Chinese.",
    }).default("en"),
    instances: z
      .array(
        shownName("the name of an instance or a sync group", {
          description: "The name of an instance or a sync group.",
          why: "A group's name stands for its instances.",
          example: "VI_1",
        }),
      )
      .min(1)
      .meta({
        description: "Tell of these instances and sync groups only, and of the agent as a whole.",
        why: "Teams that share a server may each have a channel.",
        defaultText: "all",
        expects: "a list of names, such as [VI_1, VG1]",
        example: ["VI_1"],
      })
      .optional(),
    rate_per_minute: integer(
      { min: 1, max: 6000 },
      {
        description: "The most messages a minute; what waits meanwhile becomes one message.",
        why: "DingTalk blocks a robot for ten minutes after 20 a minute, and the nodes of a group often share one.",
        defaultText: "what suits the type, such as 8 for dingtalk",
        example: 8,
      },
    ).optional(),
    allow_loopback: flag({
      description: "Let the receiver be on this host.",
      why: "Link-local and metadata addresses are refused in any case.",
    }).default(false),
    template: readText("text with {{title}}, {{text}} and the like in it", (value) => ({ ok: true, value }), {
      description:
        "webhook: the JSON to send instead of cloudvip's own, with {{title}}, {{text}}, {{severity}}, {{node}}, {{instance}}, {{addresses}}, {{event}}, {{state}}, {{incident}}, {{at}} and {{id}} in it.",
      why: "For receivers with a form of their own.",
      example: '{"summary": "{{title}}", "details": "{{text}}"}',
    }).optional(),
    server: readText("a mail server, such as mail.example.com:587", readServer, {
      description: "smtp: the mail server and its port.",
      why: "Without a port it is 465 for tls: implicit, and 587 otherwise.",
      example: "mail.example.com:587",
    }).optional(),
    tls: choice(["starttls", "implicit", "none"], {
      description: "smtp: starttls insists on encryption, implicit begins with it, none has none.",
      why: "none is for a mail server on this host.",
    }).default("starttls"),
    user: z
      .string()
      .meta({
        description: "smtp: the name to log in with.",
        why: "Mail servers that know this host by its address want none.",
        expects: "text",
        example: "cloudvip",
      })
      .optional(),
    from: mailAddress({
      description: "smtp: the sender.",
      why: "Many mail servers refuse a sender that they do not know.",
      example: "cloudvip@example.com",
    }).optional(),
    to: z
      .array(
        mailAddress({
          description: "A recipient.",
          why: "A list of the mail server's reaches many.",
          example: "ops@example.com",
        }),
      )
      .max(50)
      .meta({
        description: "smtp: the recipients.",
        why: "All of them get the same mail.",
        expects: "a list of mail addresses",
        example: ["ops@example.com"],
      })
      .optional(),
  })
  .meta({
    description: "One receiver of messages.",
    expects: "a map such as { type: dingtalk, url_file: /etc/cloudvip/dingtalk-url }",
  });

/** `notify`: who is told what happens. */
export const notifySchema = z
  .strictObject({
    spool_directory: filePath({
      description: "Where messages wait that are not delivered yet.",
      why: "They survive a restart of the agent there. A second agent on the same host needs a directory of its own.",
    }).prefault("/var/lib/cloudvip/notify"),
    channels: z
      .record(
        shownName("a name of 1 to 64 visible characters", {
          description: "The name of the channel.",
          why: "Logs and `cloudvip notify --test` call it so.",
        }),
        channelSchema,
      )
      .meta({
        description: "The receivers by name.",
        why: "Each has a queue of its own: one that is down delays no other.",
        expects: "a map of channels by name, such as ops: followed by its options, indented",
        example: { ops: { type: "dingtalk", url_file: "/etc/cloudvip/dingtalk-url" } },
      })
      .default({}),
  })
  .meta({
    description: "Who is told what happens: chat groups, pagers, mail, webhooks.",
    why: "Without it only the log tells.",
    expects: "a map with channels",
  });

export type ChannelDocument = z.output<typeof channelSchema>;

export type NotifyDocument = z.output<typeof notifySchema>;

/** What a mail server's name and port are written as. */
function readServer(value: string) {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/@]+))(?::(\d{1,5}))?$/.exec(value);
  const host = match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined ? undefined : Number(match[3]);
  if (host === undefined || (port !== undefined && (port < 1 || port > 65_535))) {
    const message = `${JSON.stringify(value.slice(0, 60))} is no server`;
    return {
      ok: false,
      message,
      fix: "write a name or an address, and a port, such as mail.example.com:587",
    } as const;
  }
  return { ok: true, value: { host, port } } as const;
}

function mailAddress(text: OptionText) {
  return readText("a mail address, such as ops@example.com", readMailAddress, text);
}

function readMailAddress(value: string) {
  if (/^[^\s@<>,;\p{C}]+@[^\s@<>,;\p{C}]+$/u.test(value)) return { ok: true, value } as const;
  const message = `${JSON.stringify(value.slice(0, 60))} is no mail address`;
  return { ok: false, message, fix: "write one address without a name, such as ops@example.com" } as const;
}

/** Text that no message may repeat. */
function credential(expects: string, text: OptionText) {
  return z.string().meta({ ...text, expects });
}

function file(what: string) {
  return filePath({
    description: `A file that holds ${what}; line ends after it are dropped.`,
    why: "The file can be readable by root alone while this one is shared.",
    example: "/etc/cloudvip/…",
  });
}

function variable(what: string) {
  return readText(ENVIRONMENT_VARIABLE, readVariableName, {
    description: `The environment variable that holds ${what}.`,
    why: "For a systemd unit with EnvironmentFile, or a container.",
    example: "CLOUDVIP_…",
  });
}
