/**
 * Doctor's checks of the clouds that a configuration names. Each provider brings a table of its own checks, which become checks
 * of doctor's; behind those of one instance stands one preflight, which all of them share.
 */
import { messageOf } from "../../base/errors.ts";
import type { Config, InstanceConfig } from "../../config/config.ts";
import type { Policy, ProviderDefinition } from "../../provider/contract.ts";
import type { PreflightCheck } from "../../provider/preflight.ts";
import { BUILT_IN_PROVIDERS, loadProvider } from "../../provider/registry.ts";
import type { Answer, Check, Discovery, DoctorContext } from "../check.ts";
import type { DoctorHost } from "../host.ts";
import { CLOUD_CHECK_DEADLINE_MS, InstancePreflight } from "./instance-preflight.ts";
import { IP_FORWARD_CHECK } from "./ip-forward.ts";
import { mergeAnswers } from "./merge-answers.ts";
import { type CloudInstance, readOptions } from "./subject.ts";

/** What is asked of every provider. */
const UNUSABLE = {
  code: "cloud/provider-unusable",
  title: "the providers load and take their options",
  severity: "failure",
  why: "The agent refuses to start with a provider that does not load, or that refuses its options. `cloudvip check` shows each mistake with its line.",
} as const;

const NOT_FOUND = {
  code: "cloud/not-identified",
  title: "this server finds itself in its cloud",
  severity: "failure",
  why: "Before anything else a provider looks up which server this is and which of its network interfaces carries the virtual addresses, from the cloud's metadata service. Without that no claim is ever made. Usual reasons: metadata are disabled, a container's network is one hop too far away, the server has no role or agency, or `interface` names a bridge or a tunnel.",
} as const;

const NOT_READY = {
  code: "cloud/not-ready",
  title: "the rehearsal of a takeover succeeds",
  severity: "failure",
  why: "A provider without checks of its own rehearses a takeover, as it does while this node is BACKUP: credentials, reachability, permission and limits, and nothing is moved.",
} as const;

export interface InstancePolicy {
  readonly instance: string;
  readonly provider: string;
  readonly policy: Policy | undefined;
}

interface Usable extends CloudInstance {
  readonly checks: readonly PreflightCheck[] | undefined;
}

export class Clouds {
  readonly checks: readonly Check[];
  readonly #usable: readonly Usable[];
  readonly #codes: readonly string[] | undefined;
  readonly #runs = new Map<DoctorContext, ReadonlyMap<CloudInstance, InstancePreflight>>();

  private constructor(
    usable: readonly Usable[],
    unusable: readonly Discovery[],
    codes: readonly string[] | undefined,
  ) {
    this.#usable = usable;
    this.#codes = codes;
    const some = usable.length > 0 || unusable.length > 0;
    const asked = [...this.#general(), ...this.#own()].map((check) => ({ ...check, ...PATIENT }));
    this.checks = some ? [this.#usability(unusable), ...asked, IP_FORWARD_CHECK] : [];
  }

  /**
   * Loads the providers that the configuration names; nothing is asked of a cloud yet. `codes`: the checks that will be run, all
   * unless given.
   */
  static async of(config: Config, codes?: readonly string[]): Promise<Clouds> {
    const usable: Usable[] = [];
    const unusable: Discovery[] = [];
    for (const instance of config.instances) {
      if (!instance.provider) continue;
      const found = await use(instance, instance.provider);
      if ("definition" in found) usable.push(found);
      else unusable.push(found);
    }
    return new Clouds(usable, unusable, codes);
  }

  /** What each instance's provider needs to be allowed; undefined where it cannot tell. */
  async policies(host: DoctorHost): Promise<readonly InstancePolicy[]> {
    return Promise.all(
      this.#usable.map(async (cloud) => {
        const run = new InstancePreflight(cloud, host);
        const policy = await run.policy().finally(() => run.close());
        return { instance: cloud.instance.name, provider: cloud.definition.name, policy };
      }),
    );
  }

  /** Ends the connections that the preflights opened. Repairs need them, so this comes last. */
  async close(): Promise<void> {
    const runs = [...this.#runs.values()].flatMap((byInstance) => [...byInstance.values()]);
    this.#runs.clear();
    await Promise.all(runs.map((run) => run.close()));
  }

  #usability(unusable: readonly Discovery[]): Check {
    const note = [...new Set(this.#usable.map(({ definition }) => definition.name))].join(", ");
    return {
      ...UNUSABLE,
      run: () => (unusable.length > 0 ? { kind: "found", discoveries: unusable } : { kind: "fine", note }),
    };
  }

  #general(): readonly Check[] {
    const all = this.#usable;
    if (all.length === 0) return [];
    const located: Check = { ...NOT_FOUND, run: (context) => this.#ask(all, context, locating) };
    const rehearsing = all.filter(({ checks }) => checks === undefined);
    const rehearsal = (run: InstancePreflight) => run.rehearsal();
    const ready: Check = { ...NOT_READY, run: (context) => this.#ask(rehearsing, context, rehearsal) };
    return rehearsing.length > 0 ? [located, ready] : [located];
  }

  /** Those of the providers, each once however many instances it has. */
  #own(): readonly Check[] {
    const byCode = new Map(this.#usable.flatMap(({ checks = [] }) => checks.map((one) => [one.code, one])));
    return [...byCode.values()].map((check) => {
      const { code } = check;
      const asked = this.#usable.filter(({ checks }) => checks?.some((one) => one.code === code));
      return { ...check, run: (context) => this.#ask(asked, context, (run) => run.answer(code)) };
    });
  }

  async #ask(
    clouds: readonly CloudInstance[],
    context: DoctorContext,
    question: (run: InstancePreflight) => Promise<Answer>,
  ): Promise<Answer> {
    const runs = this.#runsOf(context);
    const answers = clouds.map(async (cloud) => {
      const run = runs.get(cloud);
      return { instance: cloud.instance.name, answer: run ? await question(run) : IDLE };
    });
    return mergeAnswers(await Promise.all(answers));
  }

  #runsOf(context: DoctorContext): ReadonlyMap<CloudInstance, InstancePreflight> {
    const known = this.#runs.get(context);
    if (known) return known;
    // What was looked at before is over.
    this.close().catch(() => undefined);
    const runs = new Map(
      this.#usable.map((cloud) => [cloud, new InstancePreflight(cloud, context.host, this.#codes)]),
    );
    this.#runs.set(context, runs);
    return runs;
  }
}

/** Every check that a provider which comes with cloudvip may answer, for `doctor explain`. */
export async function builtInCloudChecks(): Promise<readonly Omit<Check, "run">[]> {
  const definitions = await Promise.all(BUILT_IN_PROVIDERS.map(loadProvider));
  const tables = await Promise.all(definitions.map((definition) => definition.checks?.() ?? []));
  return [UNUSABLE, NOT_FOUND, NOT_READY, ...tables.flat(), IP_FORWARD_CHECK];
}

const PATIENT = { deadlineMs: CLOUD_CHECK_DEADLINE_MS } as const;

const IDLE: Answer = { kind: "idle" };

async function locating(run: InstancePreflight): Promise<Answer> {
  const located = await run.located();
  if (located.ok) return { kind: "fine", note: run.instance.name };
  const discovery: Discovery = {
    message: `${run.instance.name}: ${located.why}`,
    evidence: [],
    consequence: "this node never moves its addresses in the cloud",
    fix: { advice: located.hint, commands: [] },
  };
  return { kind: "found", discoveries: [discovery] };
}

async function use(
  instance: InstanceConfig,
  provider: NonNullable<InstanceConfig["provider"]>,
): Promise<Usable | Discovery> {
  const refused = (message: string): Discovery => ({
    message: `${instance.name}: ${message}`,
    evidence: [],
    consequence: "the agent does not start with this file",
    fix: { advice: "see what `cloudvip check` says about the provider block", commands: [] },
  });
  let definition: ProviderDefinition;
  try {
    definition = await loadProvider(provider.name);
  } catch (error) {
    return refused(messageOf(error));
  }
  const read = readOptions(definition, provider);
  if ("mistakes" in read) return refused(`the provider ${provider.name}: ${read.mistakes.join("; ")}`);
  return { instance, definition, options: read.options, checks: await definition.checks?.() };
}
