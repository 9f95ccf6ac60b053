import { configError, configWarning, type Mistake } from "./mistake.ts";
import type { DocumentPath } from "./problem.ts";
import type { ChannelDocument } from "./schema-notify.ts";

type Option = keyof ChannelDocument;

/** Options that have a meaning for some types only. */
const BELONGS_TO: Readonly<Partial<Record<Option, readonly ChannelDocument["type"][]>>> = {
  url: ["dingtalk", "feishu", "wecom", "slack", "teams", "pagerduty", "webhook"],
  secret: ["dingtalk", "feishu", "pagerduty", "webhook"],
  authorization: ["webhook"],
  template: ["webhook"],
  password: ["smtp"],
  server: ["smtp"],
  user: ["smtp"],
  from: ["smtp"],
  to: ["smtp"],
};

const SECRETS = ["url", "secret", "authorization", "password"] as const;

/** What is wrong with several options of one channel together. */
export function channelMistakes(channels: ReadonlyMap<string, ChannelDocument>): readonly Mistake[] {
  return [...channels].flatMap(([name, channel]) => {
    const base = ["notify", "channels", name];
    return [
      ...strangers(channel, base),
      ...doubleSecrets(channel, base),
      ...missing(channel, base),
      ...templateMistakes(channel, base),
    ];
  });
}

function strangers(channel: ChannelDocument, base: DocumentPath): readonly Mistake[] {
  return Object.entries(BELONGS_TO).flatMap(([name, types]) => {
    if (types.includes(channel.type)) return [];
    const written = formsOf(name).filter((form) => channel[form] !== undefined);
    const message = `has no meaning for ${channel.type}, only for ${types.join(", ")}`;
    return written.map((form) => configError([...base, form], message, "remove it", "key"));
  });
}

function doubleSecrets(channel: ChannelDocument, base: DocumentPath): readonly Mistake[] {
  return SECRETS.flatMap((name) => {
    const [first, second] = formsOf(name).filter((form) => channel[form] !== undefined);
    if (!first || !second) return [];
    return [configError([...base, second], `${first} says it already`, `write ${first} or ${second}`, "key")];
  });
}

function missing(channel: ChannelDocument, base: DocumentPath): readonly Mistake[] {
  const lacks = (name: string) => formsOf(name).every((form) => channel[form] === undefined);
  const needed: readonly string[] =
    channel.type === "smtp" ? ["server", "from", "to"] : channel.type === "pagerduty" ? ["secret"] : ["url"];
  const mistakes = needed.filter(lacks).map((name) => {
    const choices = isSecret(name) ? `${name}, ${name}_file or ${name}_env` : name;
    return configError(base, `a channel of type ${channel.type} needs ${name}`, `write ${choices}`, "key");
  });
  if (channel.type === "smtp" && channel.user !== undefined && lacks("password")) {
    mistakes.push(
      configError([...base, "user"], "a user without a password cannot log in", "write password_file", "key"),
    );
  }
  return mistakes;
}

/** The values that a template is filled with make no JSON of what was none. */
function templateMistakes({ template }: ChannelDocument, base: DocumentPath): readonly Mistake[] {
  if (template === undefined) return [];
  const path = [...base, "template"];
  try {
    JSON.parse(template.replaceAll(/\{\{\s*\w+\s*\}\}/g, ""));
  } catch {
    return [
      configError(path, "the template is no JSON", "write JSON, with the placeholders within its strings"),
    ];
  }
  return template.includes("{{")
    ? []
    : [
        configWarning(
          path,
          "the template has no placeholder, so every message is the same",
          "write {{title}} in it",
        ),
      ];
}

function isSecret(name: string): boolean {
  return SECRETS.some((secret) => secret === name);
}

function formsOf(name: string): readonly Option[] {
  const forms = isSecret(name) ? [name, `${name}_file`, `${name}_env`] : [name];
  return forms as readonly Option[];
}
