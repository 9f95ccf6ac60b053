import { ProviderError } from "../../src/provider/errors.ts";
import type { MetadataService, SecurityKey } from "./metadata.ts";

/** Where the keys that sign requests come from. */
export interface CredentialSource {
  /** @throws {ProviderError} when there are none */
  current(signal: AbortSignal): Promise<SecurityKey>;
  /** The cloud refused `key`; false when no other one can be had. */
  discard(key: SecurityKey): boolean;
}

/** The service publishes the next credentials ten minutes before the end of the last; before that it repeats the last. */
const RENEW_BEFORE_MS = 8 * 60_000;
/** With less than this left a call waits for new credentials, because they could end on the way. */
const TOO_CLOSE_MS = 30_000;
/** Between two attempts in the background. */
const RETRY_MS = 10_000;

/**
 * The credentials of the server's agency, renewed before they end and in the background, so that a failover never waits
 * for the metadata service while the old ones are good.
 */
export class AgencyCredentials implements CredentialSource {
  readonly #metadata: MetadataService;
  readonly #now: () => number;
  #key: SecurityKey | undefined;
  #renewal: Promise<SecurityKey> | undefined;
  #attemptedAt = Number.NEGATIVE_INFINITY;

  constructor(metadata: MetadataService, now: () => number = Date.now) {
    this.#metadata = metadata;
    this.#now = now;
  }

  async current(signal: AbortSignal): Promise<SecurityKey> {
    const left = (this.#key?.expiresAt ?? 0) - this.#now();
    if (!this.#key || left < TOO_CLOSE_MS) return untilAborted(this.#renew(), signal);
    if (left < RENEW_BEFORE_MS && this.#now() - this.#attemptedAt > RETRY_MS) {
      // A failure shows when it matters: in `current` once the old credentials are too close to their end.
      this.#renew().catch(() => undefined);
    }
    return this.#key;
  }

  discard(key: SecurityKey): boolean {
    if (this.#key?.access === key.access) this.#key = undefined;
    return true;
  }

  /** One renewal at a time, shared by all who wait; it belongs to none of them and has its own deadline. */
  #renew(): Promise<SecurityKey> {
    this.#attemptedAt = this.#now();
    this.#renewal ??= this.#metadata
      .securityKey(new AbortController().signal)
      .then((key) => {
        this.#key = key;
        return key;
      })
      .finally(() => {
        this.#renewal = undefined;
      });
    return this.#renewal;
  }
}

/** Keys from the environment, where a service manager put them from a file. */
export class EnvironmentCredentials implements CredentialSource {
  readonly #key: SecurityKey | undefined;

  constructor(environment: Readonly<Record<string, string | undefined>>) {
    const access = environment["HUAWEICLOUD_SDK_AK"];
    const secret = environment["HUAWEICLOUD_SDK_SK"];
    const securityToken = environment["HUAWEICLOUD_SDK_SECURITY_TOKEN"];
    if (access && secret) {
      this.#key = { access, secret, securityToken, expiresAt: Number.POSITIVE_INFINITY };
    }
  }

  async current(): Promise<SecurityKey> {
    if (this.#key) return this.#key;
    throw new ProviderError({
      kind: "denied",
      operation: "credentials",
      message: "HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK are not both set",
      hint: "Set them in the service's EnvironmentFile, or use `credentials: agency`.",
    });
  }

  discard(): boolean {
    return false;
  }
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
