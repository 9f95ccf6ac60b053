/** Any cloud, through a program of the operator's: it is asked in JSON on stdin and answers in JSON on stdout. */
import type { z } from "zod";
import { messageOf } from "../../src/base/errors.ts";
import type { IpAddress } from "../../src/base/ip.ts";
import { seconds } from "../../src/base/units.ts";
import {
  defineProvider,
  type Identity,
  type Owner,
  type Ownership,
  type Plan,
  type Provider,
  type ProviderPorts,
  type Readiness,
} from "../../src/provider/contract.ts";
import { ProviderError } from "../../src/provider/errors.ts";
import type { PreflightAnswer, PreflightSubject } from "../../src/provider/preflight.ts";
import { ask } from "./conversation.ts";
import { type ExecOptions, execOptions } from "./options.ts";
import { checkProgramFile } from "./program-file.ts";
import {
  claimAnswer,
  type ExecOperation,
  identifyAnswer,
  ownerAnswer,
  PROTOCOL_VERSION,
  preflightAnswer,
  rehearseAnswer,
} from "./protocol.ts";

export const provider = defineProvider({
  name: "exec",
  options: execOptions,
  checks: async () => (await import("./preflight.ts")).EXEC_CHECKS,
  kindOf: (options) => options.kind,
  create: (options, ports) => new ExecProvider(options, ports),
});

class ExecProvider implements Provider {
  readonly #command: readonly [string, ...string[]];
  readonly #timeoutMs: number;
  readonly #ports: ProviderPorts;
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  #knowsPreflight = false;

  constructor(options: ExecOptions, ports: ProviderPorts) {
    const [program = "", ...args] = options.command;
    this.#command = [program, ...args];
    this.#timeoutMs = seconds(options.timeout);
    this.#ports = ports;
  }

  async identify(signal: AbortSignal): Promise<Identity> {
    await checkProgramFile(this.#command[0]);
    const answer = await this.#ask("identify", [], identifyAnswer, signal);
    this.#knowsPreflight = answer.preflight;
    return {
      instanceId: answer.instance,
      networkInterfaceId: answer.network_interface,
      subnetId: answer.subnet,
      zone: answer.zone,
      region: answer.region,
    };
  }

  plan(vips: readonly IpAddress[]): Plan {
    return { calls: [{ operation: `${this.#command.join(" ")} (claim)`, parameters: { vips } }] };
  }

  async claim(vips: readonly IpAddress[], signal: AbortSignal): Promise<void> {
    await this.#ask("claim", vips, claimAnswer, signal);
  }

  async owner(vips: readonly IpAddress[], signal: AbortSignal): Promise<readonly Ownership[]> {
    try {
      const { owners } = await this.#ask("owner", vips, ownerAnswer, signal);
      return vips.map((vip) => ({ vip, owner: ownerOf(owners.find((entry) => entry.vip === vip)) }));
    } catch (error) {
      signal.throwIfAborted();
      return vips.map((vip) => ({ vip, owner: { kind: "unknown", why: messageOf(error) } }));
    }
  }

  async rehearse(vips: readonly IpAddress[], signal: AbortSignal): Promise<Readiness> {
    try {
      const answer = await this.#ask("rehearse", vips, rehearseAnswer, signal);
      const obstacles = answer.obstacles.map(({ code = "exec/not-ready", message, hint = "" }) => ({
        code,
        message,
        hint,
      }));
      if (!answer.ready && obstacles.length === 0) obstacles.push(UNEXPLAINED);
      return { ready: obstacles.length === 0, obstacles, credentialsExpire: answer.credentials_expire };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ProviderError)) throw error;
      const { kind, hint } = error.facts;
      const obstacle = { code: `exec/${kind}`, message: error.message, hint };
      return { ready: false, obstacles: [obstacle], credentialsExpire: undefined };
    }
  }

  async *preflight(subject: PreflightSubject, signal: AbortSignal): AsyncIterable<PreflightAnswer> {
    const { preflight } = await import("./preflight.ts");
    const { vips, peers } = subject;
    const ask = () => this.#ask("preflight", vips, preflightAnswer, signal, { peers });
    const questions = {
      vips,
      rehearse: () => this.rehearse(vips, signal),
      preflight: this.#knowsPreflight ? ask : undefined,
    };
    yield* preflight(questions, signal);
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error("the provider was closed"));
    await Promise.allSettled(this.#running);
  }

  async #ask<Schema extends z.ZodType>(
    operation: ExecOperation,
    vips: readonly IpAddress[],
    schema: Schema,
    signal: AbortSignal,
    more: { readonly peers?: readonly IpAddress[] } = {},
  ): Promise<z.output<Schema>> {
    const request = {
      version: PROTOCOL_VERSION,
      operation,
      vips,
      interface: this.#ports.interfaceName,
      hardware_address: this.#ports.hardwareAddress,
      source_address: this.#ports.sourceAddress,
      timeout_ms: this.#timeoutMs,
      ...more,
    } as const;
    const answer = ask(this.#command, request, schema, AbortSignal.any([signal, this.#closing.signal]));
    this.#running.add(answer);
    return answer.finally(() => this.#running.delete(answer));
  }
}

const UNEXPLAINED = {
  code: "exec/not-ready",
  message: "the program says that it could not take over, and not why",
  hint: "Let its rehearse answer name `obstacles`.",
};

type AnsweredOwner = z.output<typeof ownerAnswer>["owners"][number];

function ownerOf(entry: AnsweredOwner | undefined): Owner {
  if (!entry) return { kind: "unknown", why: "the program said nothing about this address" };
  switch (entry.owner) {
    case "mine":
    case "nobody":
      return { kind: entry.owner, source: "api" };
    case "other": {
      const { holder, addresses, stopped } = entry;
      return { kind: "other", source: "api", holder, addresses, stopped };
    }
    case "unknown":
      return { kind: "unknown", why: entry.why };
  }
}
