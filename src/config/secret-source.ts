import { messageOf } from "../base/errors.ts";
import type { Mistake } from "./mistake.ts";
import type { Reading } from "./option.ts";
import { readRegularFile } from "./regular-file.ts";

/** No file with a secret is longer; a wrong path, such as a disk, must not fill the memory. */
const SECRET_FILE_BYTES_MAX = 4096;
/** The group may read: an agent that is not root has its secrets from root through its group. */
const OPEN_TO_OTHERS = 0o037;

/** `auth_pass`, `auth_pass_file` and `auth_pass_env` and the like: the places that one secret may be in. */
export interface SecretSource {
  /** The option that holds the secret itself. */
  readonly option: string;
  /** Completes "write the … into that file". */
  readonly what: string;
  readonly text?: string | undefined;
  readonly file?: string | undefined;
  readonly env?: string | undefined;
}

export interface Secret<T> {
  /** The option that was used. */
  readonly option: string;
  /** Undefined when there is none, or a wrong one. */
  readonly value: T | undefined;
  readonly findings: readonly Finding[];
}

export type Finding = Pick<Mistake, "severity" | "message" | "fix">;

/** Fetches a secret that the configuration may only point to, and checks it with `read`, which does not repeat it. */
export async function fetchSecret<T>(
  { option, what, text, file, env }: SecretSource,
  environment: NodeJS.ProcessEnv,
  read: (bytes: Buffer) => Reading<T>,
): Promise<Secret<T>> {
  if (file !== undefined) return fromFile({ option: `${option}_file`, what, path: file }, read);
  if (env === undefined) {
    return text === undefined
      ? { option, value: undefined, findings: [] }
      : accept(option, read(Buffer.from(text)), undefined);
  }
  const value = environment[env];
  if (value !== undefined)
    return accept(`${option}_env`, read(Buffer.from(value)), `the environment variable ${env}`);
  const finding = error(
    `the environment variable ${env} is not set`,
    `set ${env} where the agent is started`,
  );
  return { option: `${option}_env`, value: undefined, findings: [finding] };
}

async function fromFile<T>(
  { option, what, path }: { readonly option: string; readonly what: string; readonly path: string },
  read: (bytes: Buffer) => Reading<T>,
): Promise<Secret<T>> {
  try {
    const { bytes, permissions } = await readRegularFile(path, SECRET_FILE_BYTES_MAX);
    const secret = accept(option, read(withoutLineEnd(bytes)), path);
    if ((permissions & OPEN_TO_OTHERS) === 0) return secret;
    return { ...secret, findings: [tooOpen(path, permissions), ...secret.findings] };
  } catch (cause) {
    const fix = `write the ${what} into that file, readable by the user that the agent runs as`;
    return { option, value: undefined, findings: [error(`cannot read ${path}: ${messageOf(cause)}`, fix)] };
  }
}

function accept<T>(option: string, reading: Reading<T>, where: string | undefined): Secret<T> {
  if (reading.ok) return { option, value: reading.value, findings: [] };
  const message = where === undefined ? reading.message : `${reading.message} (in ${where})`;
  return { option, value: undefined, findings: [error(message, reading.fix)] };
}

function tooOpen(path: string, permissions: number): Finding {
  const octal = permissions.toString(8).padStart(4, "0");
  return {
    severity: "warning",
    message: `${path} is open to other users (mode ${octal})`,
    fix: `chmod 640 ${path}`,
  };
}

/** Editors and `echo` end the file with a line end that belongs to no secret. */
function withoutLineEnd(bytes: Buffer): Buffer {
  const end = bytes.findLastIndex((byte) => byte !== 0x0a && byte !== 0x0d);
  return bytes.subarray(0, end + 1);
}

function error(message: string, fix: string): Finding {
  return { severity: "error", message, fix };
}
