import { messageOf } from "../../base/errors.ts";
import type { InstanceConfig } from "../../config/config.ts";
import type { Policy, Provider } from "../../provider/contract.ts";
import { givingUpOnAbort, withDeadline } from "../../provider/deadline.ts";
import { ProviderError } from "../../provider/errors.ts";
import type { PreflightAnswer, PreflightFinding } from "../../provider/preflight.ts";
import type { Answer, Discovery } from "../check.ts";
import type { DoctorHost } from "../host.ts";
import { type CloudInstance, nowhere, portsOf, subjectOf } from "./subject.ts";

/** Loading an SDK, asking metadata, opening a connection. */
const IDENTIFY_DEADLINE_MS = 6_000;
/** A provider's own limits of a call are shorter, so that a cloud that hangs is reported in its words. */
const PREFLIGHT_DEADLINE_MS = 8_000;
/** For a check, which may be the first and wait for both. */
export const CLOUD_CHECK_DEADLINE_MS = IDENTIFY_DEADLINE_MS + PREFLIGHT_DEADLINE_MS + 1_000;

type Located =
  | { readonly ok: true; readonly provider: Provider }
  | { readonly ok: false; readonly why: string; readonly hint: string };

/** One preflight of one instance. It runs when the first check asks, and all that ask share it. */
export class InstancePreflight {
  readonly #cloud: CloudInstance;
  readonly #host: DoctorHost;
  readonly #codes: readonly string[] | undefined;
  readonly #closing = new AbortController();
  readonly #answers = new Map<string, PreflightAnswer>();
  readonly #waiting = new Map<string, () => void>();
  #provider: Provider | undefined;
  #located: Promise<Located> | undefined;
  /** Undefined when it ran to its end, else why it did not. */
  #ended: Promise<string | undefined> | undefined;

  /** `codes`: the checks that will be asked for; all of the provider's unless given. */
  constructor(cloud: CloudInstance, host: DoctorHost, codes?: readonly string[]) {
    this.#cloud = cloud;
    this.#host = host;
    this.#codes = codes;
  }

  get instance(): InstanceConfig {
    return this.#cloud.instance;
  }

  /** Whether this server was found in its cloud. */
  located(): Promise<Located> {
    this.#located ??= this.#locate();
    return this.#located;
  }

  /** The answer to one check of the provider's. */
  async answer(code: string): Promise<Answer> {
    this.#ended ??= this.#run();
    const here = new Promise<void>((resolve) => this.#waiting.set(code, resolve));
    const why = this.#answers.has(code) ? undefined : await Promise.race([here, this.#ended]);
    const answer = this.#answers.get(code);
    if (answer) return this.#translate(answer);
    return why === undefined ? { kind: "idle" } : { kind: "unseen", why };
  }

  /** What a rehearsal finds, for a provider that has no preflight. */
  async rehearsal(): Promise<Answer> {
    const located = await this.located();
    if (!located.ok) return { kind: "unseen", why: located.why };
    const { vips } = subjectOf(this.instance);
    const { obstacles } = await inTime(PREFLIGHT_DEADLINE_MS, this.#closing.signal, (signal) =>
      located.provider.rehearse(vips, signal),
    );
    const discoveries = obstacles.map(
      ({ code, message, hint }): Discovery => ({
        message: `${this.instance.name}: ${message}`,
        evidence: [`${code}, in a rehearsal by the provider ${this.#cloud.definition.name}`],
        consequence: "this node could not take over",
        fix: { advice: hint, commands: [] },
      }),
    );
    const note = `${this.instance.name} could take over`;
    return discoveries.length > 0 ? { kind: "found", discoveries } : { kind: "fine", note };
  }

  /** The least that this node needs in its cloud; undefined where the provider cannot tell. */
  async policy(): Promise<Policy | undefined> {
    const { definition, options, instance } = this.#cloud;
    await this.located();
    this.#provider ??= definition.create(options, nowhere(instance));
    const provider = this.#provider;
    return inTime(PREFLIGHT_DEADLINE_MS, this.#closing.signal, async (signal) =>
      provider.policy?.(subjectOf(instance), signal),
    );
  }

  /** Ends what still runs, too: nobody waits for it any more. */
  async close(): Promise<void> {
    this.#closing.abort(new Error("doctor is done"));
    await this.#provider?.close().catch(() => undefined);
  }

  async #locate(): Promise<Located> {
    const { instance, definition, options } = this.#cloud;
    const ports = await portsOf(instance, this.#host);
    if (!ports) {
      const why = `${instance.interfaceName} is missing, or has no address`;
      return { ok: false, why, hint: "see the findings about the interface" };
    }
    try {
      const provider = definition.create(options, ports);
      this.#provider = provider;
      await inTime(IDENTIFY_DEADLINE_MS, this.#closing.signal, (signal) => provider.identify(signal));
      return { ok: true, provider };
    } catch (error) {
      const hint = error instanceof ProviderError ? error.facts.hint : `see the provider ${definition.name}`;
      return { ok: false, why: messageOf(error), hint };
    }
  }

  async #run(): Promise<string | undefined> {
    const located = await this.located();
    if (!located.ok) return `this server was not found in its cloud`;
    const { provider } = located;
    const subject = { ...subjectOf(this.instance), codes: this.#codes };
    try {
      await inTime(PREFLIGHT_DEADLINE_MS, this.#closing.signal, async (signal) => {
        const answers = provider.preflight?.(subject, signal) ?? [];
        for await (const answer of answers) {
          this.#answers.set(answer.code, answer);
          this.#waiting.get(answer.code)?.();
        }
      });
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  }

  #translate(answer: PreflightAnswer): Answer {
    const { name } = this.instance;
    switch (answer.kind) {
      case "fine":
        return { kind: "fine", note: answer.note };
      case "unseen":
        return { kind: "unseen", why: answer.why };
      case "found":
        return { kind: "found", discoveries: answer.findings.map((finding) => discoveryOf(name, finding)) };
    }
  }
}

function discoveryOf(instance: string, { fix, ...finding }: PreflightFinding): Discovery {
  return { ...finding, message: `${instance}: ${finding.message}`, fix };
}

/** A plug-in may ignore its signal. */
function inTime<T>(ms: number, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return withDeadline(signal, ms, (bounded) => givingUpOnAbort(bounded, () => work(bounded)));
}
