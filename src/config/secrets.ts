import { messageOf } from "../base/errors.ts";
import type { Mistake } from "./mistake.ts";
import { readRegularFile } from "./regular-file.ts";
import { readPassword } from "./schema-authentication.ts";
import type { InstanceSketch } from "./sketch.ts";

/** No password file is longer; a wrong path, such as a disk, must not fill the memory. */
const SECRET_FILE_BYTES_MAX = 4096;
const OPEN_TO_OTHERS = 0o077;

export interface Secrets {
  /** `auth_pass` by instance name, as Latin-1 text. */
  readonly passwords: ReadonlyMap<string, string>;
  readonly mistakes: readonly Mistake[];
}

/** Fetches the passwords that the file only points to, from files and from the environment. */
export async function readSecrets(
  instances: ReadonlyMap<string, InstanceSketch>,
  env: NodeJS.ProcessEnv,
): Promise<Secrets> {
  const passwords = new Map<string, string>();
  const mistakes: Mistake[] = [];
  for (const [name, { authentication }] of instances) {
    if (!authentication) continue;
    const secret = await readSecret(authentication, env);
    if (secret.password !== undefined) passwords.set(name, secret.password);
    const path = ["vrrp_instance", name, "authentication", secret.option];
    mistakes.push(...secret.findings.map((finding) => ({ ...finding, path, at: "value" as const })));
  }
  return { passwords, mistakes };
}

type Finding = Pick<Mistake, "severity" | "message" | "fix">;

interface Secret {
  readonly option: "auth_pass" | "auth_pass_file" | "auth_pass_env";
  readonly password?: string;
  readonly findings: readonly Finding[];
}

async function readSecret(
  given: NonNullable<InstanceSketch["authentication"]>,
  env: NodeJS.ProcessEnv,
): Promise<Secret> {
  if (given.auth_pass_file !== undefined) return fromFile(given.auth_pass_file);
  if (given.auth_pass_env !== undefined) return fromEnvironment(given.auth_pass_env, env);
  return {
    option: "auth_pass",
    findings: [],
    ...(given.auth_pass !== undefined && { password: given.auth_pass }),
  };
}

function fromEnvironment(name: string, env: NodeJS.ProcessEnv): Secret {
  const option = "auth_pass_env";
  const value = env[name];
  if (value === undefined) {
    const finding = error(
      `the environment variable ${name} is not set`,
      `set ${name} where the agent is started`,
    );
    return { option, findings: [finding] };
  }
  return accept(option, Buffer.from(value), `in the environment variable ${name}`, []);
}

async function fromFile(path: string): Promise<Secret> {
  const option = "auth_pass_file";
  try {
    const { bytes, permissions } = await readRegularFile(path, SECRET_FILE_BYTES_MAX);
    const findings = (permissions & OPEN_TO_OTHERS) === 0 ? [] : [tooOpen(path, permissions)];
    return accept(option, withoutLineEnd(bytes), `in ${path}`, findings);
  } catch (cause) {
    const fix = "write the password into that file, readable by the user that the agent runs as";
    return { option, findings: [error(`cannot read ${path}: ${messageOf(cause)}`, fix)] };
  }
}

function accept(
  option: Secret["option"],
  bytes: Buffer,
  where: string,
  findings: readonly Finding[],
): Secret {
  const reading = readPassword(bytes);
  if (reading.ok) return { option, password: reading.value, findings };
  return { option, findings: [...findings, error(`${reading.message} (${where})`, reading.fix)] };
}

function tooOpen(path: string, permissions: number): Finding {
  const octal = permissions.toString(8).padStart(4, "0");
  return {
    severity: "warning",
    message: `${path} is open to other users (mode ${octal})`,
    fix: `chmod 600 ${path}`,
  };
}

/** Editors and `echo` end the file with a line end that belongs to no password. */
function withoutLineEnd(bytes: Buffer): Buffer {
  const end = bytes.findLastIndex((byte) => byte !== 0x0a && byte !== 0x0d);
  return bytes.subarray(0, end + 1);
}

function error(message: string, fix: string): Finding {
  return { severity: "error", message, fix };
}
