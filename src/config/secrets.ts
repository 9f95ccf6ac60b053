import { readChannelSecret, readChannelUrl } from "./channel-secret.ts";
import type { Mistake } from "./mistake.ts";
import { readPassword } from "./schema-authentication.ts";
import type { ChannelDocument } from "./schema-notify.ts";
import { fetchSecret, type Secret } from "./secret-source.ts";
import type { InstanceSketch } from "./sketch.ts";

export interface Secrets {
  /** `auth_pass` by instance name, as Latin-1 text. */
  readonly passwords: ReadonlyMap<string, string>;
  /** By channel name. */
  readonly channels: ReadonlyMap<string, ChannelSecrets>;
  /** The configuration itself holds one. */
  readonly inText: boolean;
  /** The files that the configuration points to. */
  readonly files: readonly string[];
  readonly mistakes: readonly Mistake[];
}

/** What a channel must not tell. */
export interface ChannelSecrets {
  readonly url: string | undefined;
  readonly secret: string | undefined;
  readonly authorization: string | undefined;
  readonly password: string | undefined;
}

/** Fetches the secrets that the file only points to, from files and from the environment. */
export async function readSecrets(
  document: {
    readonly instances: ReadonlyMap<string, InstanceSketch>;
    readonly channels: ReadonlyMap<string, ChannelDocument>;
  },
  env: NodeJS.ProcessEnv,
): Promise<Secrets> {
  const passwords = new Map<string, string>();
  const channels = new Map<string, ChannelSecrets>();
  const mistakes: Mistake[] = [];
  for (const [name, { authentication }] of document.instances) {
    if (!authentication) continue;
    const secret = await readAuthPass(authentication, env);
    if (secret.value !== undefined) passwords.set(name, secret.value);
    mistakes.push(...mistakesOf(secret, ["vrrp_instance", name, "authentication"]));
  }
  for (const [name, channel] of document.channels) {
    const { values, secrets } = await readChannel(channel, env);
    channels.set(name, values);
    mistakes.push(...secrets.flatMap((secret) => mistakesOf(secret, ["notify", "channels", name])));
  }
  const places = [
    ...[...document.instances.values()].flatMap(({ authentication }) => authentication ?? []),
    ...document.channels.values(),
  ].map(placesOf);
  return {
    passwords,
    channels,
    inText: places.some(({ inText }) => inText),
    files: places.flatMap(({ files }) => files),
    mistakes,
  };
}

/** Where the options of one block have their secrets. */
function placesOf(options: Readonly<Record<string, unknown>>) {
  const named = (ending: string) =>
    SECRET_OPTIONS.flatMap((option) => {
      const value = options[`${option}${ending}`];
      return typeof value === "string" ? [value] : [];
    });
  return { inText: named("").length > 0, files: named("_file") };
}

const SECRET_OPTIONS = ["auth_pass", "url", "secret", "authorization", "password"] as const;

async function readAuthPass(
  given: NonNullable<InstanceSketch["authentication"]>,
  env: NodeJS.ProcessEnv,
): Promise<Secret<string>> {
  const { auth_pass: text, auth_pass_file: file, auth_pass_env: variable } = given;
  // What the file itself holds was checked, and brought into its form, by the schema.
  if (file === undefined && variable === undefined) return { option: "auth_pass", value: text, findings: [] };
  return fetchSecret({ option: "auth_pass", what: "password", file, env: variable }, env, readPassword);
}

async function readChannel(channel: ChannelDocument, env: NodeJS.ProcessEnv) {
  const fetch = (option: "secret" | "authorization" | "password") =>
    fetchSecret(
      {
        option,
        what: option,
        text: channel[option],
        file: channel[`${option}_file`],
        env: channel[`${option}_env`],
      },
      env,
      readChannelSecret,
    );
  const { url: text, url_file: file, url_env: variable } = channel;
  const url = await fetchSecret(
    { option: "url", what: "address", text, file, env: variable },
    env,
    readChannelUrl,
  );
  const [secret, authorization, password] = [
    await fetch("secret"),
    await fetch("authorization"),
    await fetch("password"),
  ];
  const values: ChannelSecrets = {
    url: url.value,
    secret: secret.value,
    authorization: authorization.value,
    password: password.value,
  };
  return { values, secrets: [warnIfOpen(url, channel), secret, authorization, password] };
}

/** Whoever reads the network could take the token and write in our name. */
function warnIfOpen(url: Secret<string>, { allow_loopback: isLocal }: ChannelDocument): Secret<string> {
  if (isLocal || !url.value?.toLowerCase().startsWith("http:")) return url;
  const message = "the address, and the token in it, goes over the network unencrypted";
  return {
    ...url,
    findings: [
      ...url.findings,
      { severity: "warning", message, fix: "write https:// if the receiver has it" },
    ],
  };
}

function mistakesOf({ option, findings }: Secret<string>, base: Mistake["path"]): readonly Mistake[] {
  return findings.map((finding) => ({ ...finding, path: [...base, option], at: "value" as const }));
}
