/**
 * The connection to the EC2 API: the SDK loaded on first use, credentials and a TLS connection kept warm, each call with a
 * deadline and abortable, each failure a ProviderError.
 */
import { DeadlineError, withDeadline } from "../../src/provider/deadline.ts";
import { environmentNamesCredentials, InstanceRole } from "./credentials.ts";
import type { Ec2Api } from "./ec2-api.ts";
import { isBrokenConnection, mayBeStaleCredentials, providerError, timedOut } from "./errors.ts";
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
export type Send<Output> = (api: Ec2Api, http: { readonly abortSignal: AbortSignal }) => Promise<Output>;

/** The API closes a connection that idles longer; opening one anew costs a failover three round trips. */
const KEEP_WARM_MS = 20_000;

export class Ec2 {
  readonly #settings: Ec2Settings;
  #api: Promise<Ec2Api> | undefined;
  #lastCallAt = Number.NEGATIVE_INFINITY;
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
    return (await this.#credentials(api, { forceRefresh: false })).expiration;
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
    } catch (thrown) {
      signal.throwIfAborted();
      if (mayBeStaleCredentials(thrown)) await this.#credentials(api, { forceRefresh: true });
      else if (!isBrokenConnection(thrown)) throw providerError(operation, thrown);
    }
    try {
      return await this.#once(api, operation, send, signal);
    } catch (thrown) {
      signal.throwIfAborted();
      throw providerError(operation, thrown);
    }
  }

  /**
   * Opens the connection with a question, and asks it again whenever the connection has idled for a while, until
   * {@link close}. A failure is no news: whoever needs the API next will meet it.
   */
  async keepWarm(question: () => Promise<unknown>): Promise<void> {
    this.#keepWarm ??= setInterval(() => {
      if (performance.now() - this.#lastCallAt >= KEEP_WARM_MS) question().catch(() => {});
    }, KEEP_WARM_MS).unref();
    await question().catch(() => {});
  }

  async close(): Promise<void> {
    clearInterval(this.#keepWarm);
    this.#keepWarm = undefined;
    const api = await this.#api?.catch(() => undefined);
    api?.destroy();
    this.#api = undefined;
  }

  #client(): Promise<Ec2Api> {
    this.#api ??= this.#load();
    return this.#api;
  }

  async #load(): Promise<Ec2Api> {
    const { region, endpoint, connectTimeoutMs, metadata } = this.#settings;
    // The SDK's version is pinned; that later ones need a later Node is no news for an operator.
    process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
    const { openEc2Api } = await import("./ec2-api.ts");
    const role = new InstanceRole(metadata);
    return openEc2Api({
      region,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(environmentNamesCredentials() ? {} : { credentials: (options) => role.credentials(options) }),
      maxAttempts: 1,
      // Its own request timeout only logs a warning; each call carries a deadline of ours instead.
      requestHandler: { connectionTimeout: connectTimeoutMs },
    });
  }

  async #once<Output>(
    api: Ec2Api,
    operation: string,
    send: Send<Output>,
    signal: AbortSignal,
  ): Promise<Output> {
    const { requestTimeoutMs } = this.#settings;
    this.#lastCallAt = performance.now();
    try {
      return await withDeadline(signal, requestTimeoutMs, (abortSignal) => send(api, { abortSignal }));
    } catch (thrown) {
      throw thrown instanceof DeadlineError ? timedOut(operation, requestTimeoutMs) : thrown;
    }
  }

  /** @throws {ProviderError} `denied` when there are none */
  async #credentials(api: Ec2Api, options: { readonly forceRefresh: boolean }) {
    try {
      return await api.config.credentials(options);
    } catch (thrown) {
      throw providerError("credentials", thrown);
    }
  }
}
