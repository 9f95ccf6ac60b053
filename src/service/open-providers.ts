import { messageOf, OperatorError } from "../base/errors.ts";
import type { ProviderDefinition } from "../provider/contract.ts";
import { DeadlineError, givingUpOnAbort, withDeadline } from "../provider/deadline.ts";
import type { ProviderErrorFacts } from "../provider/errors.ts";
import { loadProvider } from "../provider/registry.ts";
import { LocatedProvider } from "./located-provider.ts";
import { checkAnswer, factsOfProviderError } from "./nonsense.ts";
import type { Answer, FromService, OpenRequest, ProviderKey, ServiceCall } from "./thread-messages.ts";

/** How long a call may take before it is aborted. A provider has deadlines of its own, for each request. */
const DEADLINES_MS: Readonly<Record<ServiceCall["operation"], number>> = {
  claim: 60_000,
  owner: 5_000,
  rehearse: 20_000,
};

/** Reading an SDK from a slow disk takes a few seconds; a module that waits for something may wait for ever. */
const LOAD_DEADLINE_MS = 30_000;

/** The providers of all instances, and their calls under way. */
export class OpenProviders {
  readonly #say: (message: FromService) => void;
  /** By the instance; there as soon as it is being opened, so that a call right behind waits for it. */
  readonly #providers = new Map<ProviderKey, Promise<LocatedProvider>>();
  readonly #running = new Map<number, AbortController>();

  constructor(say: (message: FromService) => void) {
    this.#say = say;
  }

  /** Opens a provider in place of the one with the same key, which stays when the new one cannot be opened. */
  async open(id: number, request: OpenRequest): Promise<void> {
    const before = this.#providers.get(request.key);
    const made = this.#make(request);
    const located = made.then(
      ({ provider }) => provider,
      (error: unknown) => before ?? Promise.reject(error),
    );
    // Told below, and to whoever calls it.
    located.catch(() => undefined);
    this.#providers.set(request.key, located);
    await this.#answer(id, async () => {
      const { kind } = await made;
      await closeQuietly(before);
      return { operation: "open", kind };
    });
  }

  async call(call: ServiceCall): Promise<void> {
    const controller = new AbortController();
    this.#running.set(call.id, controller);
    const provider = this.#providers.get(call.key);
    await this.#answer(call.id, () =>
      withDeadline(controller.signal, DEADLINES_MS[call.operation], (signal) =>
        givingUpOnAbort(signal, () => carryOut(provider, call, signal)),
      ),
    );
    this.#running.delete(call.id);
  }

  abort(id: number): void {
    this.#running.get(id)?.abort();
  }

  async close(key: ProviderKey): Promise<void> {
    const provider = this.#providers.get(key);
    this.#providers.delete(key);
    await closeQuietly(provider);
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#providers.keys()].map((key) => this.close(key)));
  }

  async #make({ key, name, options, ports }: OpenRequest) {
    const definition = await load(name);
    const parsed = definition.options.safeParse(options);
    if (!parsed.success) throw badOptions(name, parsed.error);
    const log = (level: "debug" | "info" | "warn", message: string, facts = {}) =>
      this.#say({ kind: "log", level, message, facts: { instance: key, provider: name, ...facts } });
    const provider = new LocatedProvider(definition.create(parsed.data, { ...ports, log }));
    return { provider, kind: definition.kindOf(parsed.data) };
  }

  async #answer(id: number, work: () => Promise<Answer>): Promise<void> {
    try {
      this.#say({ kind: "answer", id, value: await work() });
    } catch (error) {
      this.#say({ kind: "failure", id, failure: factsOf(error) });
    }
  }
}

/** @throws {OperatorError} `provider/unknown`, `provider/not-one`, or `provider/does-not-load` */
async function load(name: string): Promise<ProviderDefinition> {
  const { signal } = new AbortController();
  return await withDeadline(signal, LOAD_DEADLINE_MS, (bounded) =>
    givingUpOnAbort(bounded, () => loadProvider(name)),
  ).catch((error: unknown) => {
    if (!(error instanceof DeadlineError)) throw error;
    throw new OperatorError({
      code: "provider/does-not-load",
      message: `the provider ${name} did not load within ${LOAD_DEADLINE_MS / 1000} s`,
      hint: "its module waits for something; a provider may wait in `identify`, and not while it is loaded",
    });
  });
}

async function closeQuietly(provider: Promise<LocatedProvider> | undefined): Promise<void> {
  await provider?.then((one) => one.close()).catch(() => undefined);
}

async function carryOut(
  opening: Promise<LocatedProvider> | undefined,
  { operation, vips, key }: ServiceCall,
  signal: AbortSignal,
): Promise<Answer> {
  if (!opening) throw new Error(`no provider is open for ${key}`);
  const provider = await (await opening).get();
  signal.throwIfAborted();
  switch (operation) {
    case "claim":
      await provider.claim(vips, signal);
      return { operation };
    case "owner":
      return checkAnswer({ operation, owners: await provider.owner(vips, signal) }, vips);
    case "rehearse":
      return checkAnswer({ operation, readiness: await provider.rehearse(vips, signal) });
  }
}

function badOptions(
  name: string,
  error: { readonly issues: readonly { path: PropertyKey[]; message: string }[] },
): Error {
  const mistakes = error.issues.map(({ path, message }) => `provider.${path.join(".")}: ${message}`);
  return new OperatorError({
    code: "provider/bad-options",
    message: `the options of the provider ${name} are wrong: ${mistakes.join("; ")}`,
    hint: `see providers/${name}/README.md for its options`,
  });
}

function factsOf(error: unknown): ProviderErrorFacts {
  const facts = factsOfProviderError(error);
  if (facts) return facts;
  if (error instanceof OperatorError) {
    return { kind: "misconfigured", operation: error.code, message: error.message, hint: error.hint };
  }
  if (error instanceof DeadlineError) {
    return {
      kind: "unreachable",
      operation: "provider",
      message: error.message,
      hint: "see whether the cloud's API can be reached from this host",
    };
  }
  return {
    kind: "unreachable",
    operation: "provider",
    message: `the provider failed: ${messageOf(error)}`,
    hint: "this is a defect of the provider; report it to its authors",
  };
}
