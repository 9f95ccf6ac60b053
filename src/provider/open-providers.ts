import { messageOf, OperatorError } from "../base/errors.ts";
import type { Provider } from "./contract.ts";
import { withDeadline } from "./deadline.ts";
import { ProviderError, type ProviderErrorFacts } from "./errors.ts";
import { checkAnswer } from "./nonsense.ts";
import { loadProvider } from "./registry.ts";
import type { Answer, FromService, OpenRequest, ProviderKey, ServiceCall } from "./thread-messages.ts";

/** A plug-in that ignores its abort signal is given up after so long; its answer, if one comes, is dropped. */
const ABORT_GRACE_MS = 250;

/** How long a call may take before it is aborted. A provider has deadlines of its own, for each request. */
const DEADLINES_MS: Readonly<Record<ServiceCall["operation"], number>> = {
  identify: 10_000,
  claim: 60_000,
  owner: 5_000,
  rehearse: 20_000,
};

/** The providers of all instances, and their calls under way. */
export class OpenProviders {
  readonly #say: (message: FromService) => void;
  readonly #providers = new Map<ProviderKey, Provider>();
  readonly #running = new Map<number, AbortController>();

  constructor(say: (message: FromService) => void) {
    this.#say = say;
  }

  async open(id: number, { key, name, options, ports }: OpenRequest): Promise<void> {
    await this.#answer(id, async () => {
      const definition = await loadProvider(name);
      const parsed = definition.options.safeParse(options);
      if (!parsed.success) throw badOptions(name, parsed.error);
      await this.close(key);
      const log = (level: "debug" | "info" | "warn", message: string, facts = {}) =>
        this.#say({ kind: "log", level, message, facts: { instance: key, provider: name, ...facts } });
      this.#providers.set(key, definition.create(parsed.data, { ...ports, log }));
      return { operation: "open", kind: definition.kindOf(parsed.data) };
    });
  }

  async call(call: ServiceCall): Promise<void> {
    const controller = new AbortController();
    this.#running.set(call.id, controller);
    const provider = this.#providers.get(call.key);
    await this.#answer(call.id, () =>
      withDeadline(controller.signal, DEADLINES_MS[call.operation], (signal) =>
        givingUpOnAbort(signal, call.operation, () => carryOut(provider, call, signal)),
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
    await provider?.close().catch(() => undefined);
  }

  async #answer(id: number, work: () => Promise<Answer>): Promise<void> {
    try {
      this.#say({ kind: "answer", id, value: await work() });
    } catch (error) {
      this.#say({ kind: "failure", id, failure: factsOf(error) });
    }
  }
}

async function carryOut(
  provider: Provider | undefined,
  { operation, vips, key }: ServiceCall,
  signal: AbortSignal,
): Promise<Answer> {
  if (!provider) throw new Error(`no provider is open for ${key}`);
  switch (operation) {
    case "identify":
      return checkAnswer({ operation, identity: await provider.identify(signal) });
    case "claim":
      await provider.claim(vips, signal);
      return { operation };
    case "owner":
      return checkAnswer({ operation, owners: await provider.owner(vips, signal) }, vips);
    case "rehearse":
      return checkAnswer({ operation, readiness: await provider.rehearse(vips, signal) });
  }
}

function givingUpOnAbort(
  signal: AbortSignal,
  operation: string,
  work: () => Promise<Answer>,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const giveUp = () =>
      reject(
        new ProviderError({
          kind: "unreachable",
          operation,
          message: "no answer within the deadline",
          hint: "see whether the cloud's API can be reached from this host",
        }),
      );
    signal.addEventListener("abort", () => setTimeout(giveUp, ABORT_GRACE_MS), { once: true });
    // A plug-in may throw before it returns a promise.
    Promise.resolve().then(work).then(resolve, reject);
  });
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
  if (error instanceof ProviderError) return error.facts;
  if (error instanceof OperatorError) {
    return { kind: "misconfigured", operation: error.code, message: error.message, hint: error.hint };
  }
  return {
    kind: "unreachable",
    operation: "provider",
    message: `the provider failed: ${messageOf(error)}`,
    hint: "this is a defect of the provider; report it to its authors",
  };
}
