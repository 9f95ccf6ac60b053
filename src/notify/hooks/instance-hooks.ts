import { millis } from "../../base/units.ts";
import { type Happening, programsFor } from "./happening.ts";
import type { HookedInstance, StateActionsOfHost } from "./state-actions.ts";
import type { RunProgram } from "./switchboards.ts";

/** A script that hangs must not hold back those for the next state for longer. */
const PROGRAM_TIMEOUT = millis(30_000);

export interface HookReport {
  readonly instance: string;
  readonly level: "info" | "warn";
  readonly message: string;
}

export interface HookPorts {
  readonly run: RunProgram;
  readonly actions: StateActionsOfHost;
  readonly report: (report: HookReport) => void;
}

interface Job {
  readonly happening: Happening;
  readonly again: boolean;
}

/**
 * What is run for one instance, one after another in the order of its happenings. What has not begun when something newer of its
 * kind happens is passed over: it would only tell what is not true any more.
 */
export class InstanceHooks {
  readonly #ports: HookPorts;
  #instance: HookedInstance;
  /** At most one of each kind, in the order of arrival. */
  #waiting: readonly Job[] = [];
  #work: Promise<void> | undefined;

  constructor(instance: HookedInstance, ports: HookPorts) {
    this.#instance = instance;
    this.#ports = ports;
  }

  reconfigure(instance: HookedInstance): void {
    this.#instance = instance;
  }

  /**
   * Resolves when this, and all that waited before it, is done.
   *
   * @param again the programs have run before; only what is declared for the state is done
   */
  async push(happening: Happening, { again }: { readonly again: boolean }): Promise<void> {
    const { kind } = happening;
    const passedOver = this.#waiting.find((job) => job.happening.kind === kind)?.happening;
    if (passedOver?.kind === "state") {
      this.#say("warn", `the hooks for ${passedOver.state} were still waiting and are passed over`);
    }
    this.#waiting = [...this.#waiting.filter((job) => job.happening.kind !== kind), { happening, again }];
    this.#work ??= this.#workOff();
    await this.#work;
  }

  /** Resolves when nothing runs and nothing waits. */
  async idle(): Promise<void> {
    await this.#work;
  }

  async #workOff(): Promise<void> {
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      this.#waiting = this.#waiting.slice(1);
      await this.#runFor(next);
    }
    this.#work = undefined;
  }

  async #runFor({ happening, again }: Job): Promise<void> {
    const instance = this.#instance;
    if (happening.kind === "state") {
      for (const failure of await this.#ports.actions.enter(instance, happening.state)) {
        this.#say("warn", `${happening.state}: ${failure}`);
      }
    }
    if (again) return;
    for (const { hook, program } of programsFor(happening, instance.hooks)) {
      const { ok, detail } = await this.#ports.run(program, PROGRAM_TIMEOUT).outcome;
      this.#say(ok ? "info" : "warn", `${hook} ${ok ? "done" : "failed"}: ${program.command[0]}: ${detail}`);
    }
  }

  #say(level: HookReport["level"], message: string): void {
    this.#ports.report({ instance: this.#instance.name, level, message });
  }
}
