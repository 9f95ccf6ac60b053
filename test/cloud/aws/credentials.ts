import type { Clock } from "../base/clock.ts";
import { AwsError } from "./aws-error.ts";

export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Undefined for a user's permanent key. */
  readonly sessionToken: string | undefined;
  /** Whose key it is: an instance id, or a user's name. */
  readonly owner: string;
  /** Milliseconds since 1970; infinite for a permanent key. */
  readonly expiresAt: number;
}

/** EC2 refuses requests whose date is further off than this. */
const DATE_TOLERANCE_MS = 15 * 60 * 1000;

/** Who may call, and until when. Signatures are required but not computed: the emulator is no test of cryptography. */
export class CredentialStore {
  readonly #clock: Clock;
  readonly #lifetimeMs: number;
  readonly #keys = new Map<string, AccessKey>();
  #issued = 0;

  constructor(clock: Clock, lifetimeMs: number) {
    this.#clock = clock;
    this.#lifetimeMs = lifetimeMs;
  }

  /** A permanent key, for a user. */
  addUser(owner: string, key: Pick<AccessKey, "accessKeyId" | "secretAccessKey">): void {
    const permanent = { sessionToken: undefined, expiresAt: Number.POSITIVE_INFINITY };
    this.#keys.set(key.accessKeyId, { ...key, owner, ...permanent });
  }

  /** The role credentials of an instance, as its metadata show them; new ones when the last expired. */
  forInstance(instanceId: string): AccessKey {
    const now = this.#clock.now();
    const valid = [...this.#keys.values()].find((key) => key.owner === instanceId && key.expiresAt > now);
    return valid ?? this.#issue(instanceId, now + this.#lifetimeMs);
  }

  /** Ends the validity of all keys that an instance was given; its metadata show new ones from now on. */
  expire(instanceId: string): void {
    for (const [id, key] of this.#keys) {
      if (key.owner === instanceId) this.#keys.set(id, { ...key, expiresAt: this.#clock.now() });
    }
  }

  ownerOf(accessKeyId: string | undefined): string | undefined {
    return this.#keys.get(accessKeyId ?? "")?.owner;
  }

  /** @throws {AwsError} when the request is unsigned, its key unknown or expired, or its date too far off */
  authenticate(signature: RequestSignature | undefined, now: number): AccessKey {
    if (!signature) {
      throw new AwsError("MissingAuthenticationToken", "Request is missing Authentication Token");
    }
    const key = this.#keys.get(signature.accessKeyId);
    if (!key || key.sessionToken !== signature.sessionToken || signature.service !== "ec2") {
      throw new AwsError("AuthFailure", "AWS was not able to validate the provided access credentials");
    }
    const dateOff = Math.abs(signature.date - now) > DATE_TOLERANCE_MS;
    if (dateOff || key.expiresAt <= now) throw new AwsError("RequestExpired", "Request has expired.");
    return key;
  }

  #issue(owner: string, expiresAt: number): AccessKey {
    const serial = (++this.#issued).toString().padStart(12, "0");
    const key: AccessKey = {
      accessKeyId: `ASIAEMUL${serial}`,
      secretAccessKey: `emulated-secret-${serial}`,
      sessionToken: `emulated-session-token-${serial}`,
      owner,
      expiresAt,
    };
    this.#keys.set(key.accessKeyId, key);
    return key;
  }
}

/** What the headers of a SigV4 request say. */
export interface RequestSignature {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
  readonly sessionToken: string | undefined;
  /** Milliseconds since 1970. */
  readonly date: number;
}

export function readSignature(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): RequestSignature | undefined {
  const scope =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request, .*Signature=\w+/.exec(
      String(headers["authorization"] ?? ""),
    );
  const date = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(headers["x-amz-date"] ?? ""));
  if (!scope || !date) return undefined;
  const [, accessKeyId = "", region = "", service = ""] = scope;
  const [, year, month, day, hour, minute, second] = date;
  const token = headers["x-amz-security-token"];
  return {
    accessKeyId,
    region,
    service,
    sessionToken: typeof token === "string" ? token : undefined,
    date: Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`),
  };
}
