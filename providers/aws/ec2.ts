/**
 * The connection to the EC2 API: the SDK loaded on first use, credentials and a TLS connection kept warm, each call with a
 * deadline and abortable, each failure a ProviderError.
 */
import type { EC2 } from "@aws-sdk/client-ec2";
import { ProviderError } from "../../src/provider/errors.ts";
import { environmentNamesCredentials, InstanceRole } from "./credentials.ts";
import { mayBeStaleCredentials, providerError, timedOut } from "./errors.ts";
import type { Metadata } from "./metadata.ts";

export interface Ec2Settings {
  readonly region: string;
  /** Undefined: the region's. */
  readonly endpoint: string | undefined;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly metadata: Metadata;
}

/** Makes one call of the SDK; `http` must be handed on to it. */
export type Send<Output> = (api: EC2, http: { readonly abortSignal: AbortSignal }) => Promise<Output>;

/** The API closes a connection that idles longer; opening one anew costs a failover three round trips. */
const KEEP_WARM_MS = 20_000;

export class Ec2 {
  readonly #settings: Ec2Settings;
  #api: Promise<EC2> | undefined;
  #lastCallAt = 0;
  #keepWarm: NodeJS.Timeout | undefined;

  constructor(settings: Ec2Settings) {
    this.#settings = settings;
  }

  /**
   * Loads the SDK and resolves the credentials, so that the first failover pays for neither.
   *
   * @returns when the credentials end, if they do
   * @throws {ProviderError} `denied` when there are none
   */
  async warmUp(signal: AbortSignal): Promise<Date | undefined> {
    const api = await this.#client();
    signal.throwIfAborted();
    try {
      return (await api.config.credentials()).expiration;
    } catch (error) {
      throw providerError("credentials", error);
    }
  }

  /**
   * One call. A broken connection and stale credentials are tried once more at once; all other repetition is for the
   * takeover to decide, which knows whether the answer still matters.
   *
   * @throws {ProviderError}, or the signal's reason when it was aborted
   */
  async call<Output>(operation: string, send: Send<Output>, signal: AbortSignal): Promise<Output> {
    const api = await this.#client();
    try {
      return await this.#once(api, operation, send, signal);
    } catch (error) {
      if (mayBeStaleCredentials(error)) await this.#renewCredentials(api, operation);
      else if (!wasBroken(error)) throw error;
      signal.throwIfAborted();
      return this.#once(api, operation, send, signal);
    }
  }

  /** Calls `question` whenever the connection has idled for a while, until {@link close}. */
  keepWarm(question: () => Promise<unknown>): void {
    this.#keepWarm ??= setInterval(() => {
      if (Date.now() - this.#lastCallAt < KEEP_WARM_MS) return;
      // Its failure is no news: whoever needs the API next will meet it.
      question().catch(() => {});
    }, KEEP_WARM_MS).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#keepWarm);
    this.#keepWarm = undefined;
    const api = await this.#api?.catch(() => undefined);
    api?.destroy();
    this.#api = undefined;
  }

  #client(): Promise<EC2> {
    this.#api ??= this.#load();
    return this.#api;
  }

  async #load(): Promise<EC2> {
    const { region, endpoint, connectTimeoutMs, requestTimeoutMs, metadata } = this.#settings;
    // The SDK's version is pinned; that later ones need a later Node is no news for an operator.
    process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
    const { EC2 } = await import("@aws-sdk/client-ec2");
    const role = new InstanceRole(metadata);
    return new EC2({
      region,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(environmentNamesCredentials() ? {} : { credentials: (options) => role.credentials(options) }),
      maxAttempts: 1,
      requestHandler: {
        connectionTimeout: connectTimeoutMs,
        requestTimeout: requestTimeoutMs,
        // Without this the SDK only logs that a request takes long.
        throwOnRequestTimeout: true,
      },
    });
  }

  async #once<Output>(api: EC2, operation: string, send: Send<Output>, signal: AbortSignal): Promise<Output> {
    const { requestTimeoutMs } = this.#settings;
    const deadline = AbortSignal.timeout(requestTimeoutMs);
    this.#lastCallAt = Date.now();
    try {
      return await send(api, { abortSignal: AbortSignal.any([signal, deadline]) });
    } catch (error) {
      signal.throwIfAborted();
      throw deadline.aborted ? timedOut(operation, requestTimeoutMs) : providerError(operation, error);
    }
  }

  async #renewCredentials(api: EC2, operation: string): Promise<void> {
    try {
      await api.config.credentials({ forceRefresh: true });
    } catch (error) {
      throw providerError(operation, error);
    }
  }
}

/** The connection ended under the call, as a kept-open one does when the other side has closed it. */
function wasBroken(error: unknown): boolean {
  return error instanceof ProviderError && /\((ECONNRESET|EPIPE|socket hang up)\)/.test(error.facts.message);
}
