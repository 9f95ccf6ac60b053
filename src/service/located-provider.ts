import type { Identity, Provider } from "../provider/contract.ts";
import { givingUpOnAbort, withDeadline } from "../provider/deadline.ts";
import { checkIdentity } from "./nonsense.ts";

const IDENTIFY_DEADLINE_MS = 10_000;

/**
 * A provider that knows where it is before anything else is asked of it. It begins to look when it is made, so that the
 * first failover finds the SDK loaded and the connection open; after a failure the next call looks again.
 */
export class LocatedProvider {
  readonly #provider: Provider;
  #identity: Promise<Identity> | undefined;

  constructor(provider: Provider) {
    this.#provider = provider;
    // Whoever asks first hears of a failure.
    this.#locate().catch(() => undefined);
  }

  /** @throws what `identify` does */
  async get(): Promise<Provider> {
    await this.#locate();
    return this.#provider;
  }

  async close(): Promise<void> {
    await this.#provider.close();
  }

  /** Shared by all calls that wait for it, so no one caller's abort ends it. */
  #locate(): Promise<Identity> {
    this.#identity ??= this.#identify().catch((error: unknown) => {
      this.#identity = undefined;
      throw error;
    });
    return this.#identity;
  }

  #identify(): Promise<Identity> {
    const { signal } = new AbortController();
    return withDeadline(signal, IDENTIFY_DEADLINE_MS, (bounded) =>
      givingUpOnAbort(bounded, async () => checkIdentity(await this.#provider.identify(bounded))),
    );
  }
}
