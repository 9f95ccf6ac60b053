/**
 * The credentials of the instance's role. The SDK has a client for them, but waits for a renewal in the last five minutes
 * and fails when metadata are down then, though the old ones still work; it also falls back to version 1 of the service.
 */
import * as z from "zod";
import { ProviderError } from "../../src/provider/errors.ts";
import { noCredentials } from "./errors.ts";
import type { Metadata } from "./metadata.ts";

/** As the SDK wants them. */
export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

/** New ones are there about five minutes before the old ones end; asking earlier costs a local question only. */
const RENEW_BEFORE_MS = 15 * 60 * 1000;

const ROLE_PATH = "iam/security-credentials/";

const roleDocument = z.object({
  Code: z.literal("Success"),
  AccessKeyId: z.string(),
  SecretAccessKey: z.string(),
  Token: z.string(),
  Expiration: z.iso.datetime().transform((text) => new Date(text)),
});

export class InstanceRole {
  readonly #metadata: Metadata;
  #current: RoleCredentials | undefined;

  constructor(metadata: Metadata) {
    this.#metadata = metadata;
  }

  /**
   * Valid credentials, from memory when they last long enough. When a renewal fails, those that are still valid are given.
   *
   * @throws {ProviderError} `denied` for an instance without a role, `unreachable` when metadata are down
   */
  async credentials(options?: { readonly forceRefresh?: boolean }): Promise<RoleCredentials> {
    const current = this.#current;
    const left = current && !options?.forceRefresh ? current.expiration.getTime() - Date.now() : 0;
    if (current && left > RENEW_BEFORE_MS) return current;
    try {
      this.#current = await this.#fetch();
      return this.#current;
    } catch (error) {
      if (current && left > 0) return current;
      throw error;
    }
  }

  async #fetch(): Promise<RoleCredentials> {
    // Shared by all calls in flight, so no one caller's abort may end it; metadata have a deadline of their own.
    const { signal } = new AbortController();
    const [role] = await this.#metadata.readLines(ROLE_PATH, signal);
    const document = role && (await this.#metadata.read(`${ROLE_PATH}${role}`, signal));
    if (!document) throw noCredentials("any");
    return readRole(role, document);
  }
}

/** EC2 answers with another `Code` and no keys when the role's trust policy does not name ec2.amazonaws.com. */
function readRole(role: string, document: string): RoleCredentials {
  const { success, data } = roleDocument.safeParse(parseJson(document));
  if (success) {
    return {
      accessKeyId: data.AccessKeyId,
      secretAccessKey: data.SecretAccessKey,
      sessionToken: data.Token,
      expiration: data.Expiration,
    };
  }
  throw new ProviderError({
    kind: "denied",
    operation: "metadata",
    message: `the instance's role ${role} gives no credentials`,
    hint: "Check that the role's trust policy lets ec2.amazonaws.com assume it.",
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Variables that say where credentials come from; the SDK reads them itself. */
const ENVIRONMENT = [
  "AWS_ACCESS_KEY_ID",
  "AWS_PROFILE",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
] as const;

/** Whether the environment names credentials, which then come before the instance's role. */
export function environmentNamesCredentials(environment: NodeJS.ProcessEnv = process.env): boolean {
  return ENVIRONMENT.some((name) => environment[name]);
}
