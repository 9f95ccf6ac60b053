import { messageOf } from "../../base/errors.ts";
import { Fifo } from "./fifo.ts";
import { fifoLine, type Happening, keyOf } from "./happening.ts";
import { type HookPorts, type HookReport, InstanceHooks } from "./instance-hooks.ts";
import { type HookedInstance, StateActionsOfHost } from "./state-actions.ts";
import type { RunProgram } from "./switchboards.ts";

/** The scripts, the pipe and the declared actions of all instances. */
export class Hooks {
  readonly #ports: HookPorts;
  readonly #instances = new Map<string, InstanceHooks>();
  #fifo: Fifo | undefined;
  /** Lines wait for the pipe to be there, and keep their order. */
  #opening: Promise<void> = Promise.resolve();

  constructor(run: RunProgram, report: (report: HookReport) => void) {
    this.#ports = { run, report, actions: new StateActionsOfHost(run) };
  }

  /** An instance that is not among them any more is still told of its end. */
  configure(instances: readonly HookedInstance[], fifoPath: string | undefined): void {
    for (const instance of instances) {
      const known = this.#instances.get(keyOf(instance));
      if (known) known.reconfigure(instance);
      else this.#instances.set(keyOf(instance), new InstanceHooks(instance, this.#ports));
    }
    if (fifoPath !== this.#fifo?.path) this.#opening = this.#opening.then(() => this.#useFifo(fifoPath));
  }

  /** Resolves when what was pushed is done. */
  async push(happening: Happening, how: { readonly again: boolean }): Promise<void> {
    if (!how.again) this.#opening = this.#opening.then(() => this.#fifo?.write(fifoLine(happening)));
    await this.#instances.get(keyOf(happening))?.push(happening, how);
  }

  /** Resolves when everything that was pushed is done. */
  async idle(): Promise<void> {
    await this.#opening;
    await Promise.all([...this.#instances.values()].map((instance) => instance.idle()));
  }

  async #useFifo(path: string | undefined): Promise<void> {
    this.#fifo?.close();
    this.#fifo = undefined;
    if (path === undefined) return;
    const complain = (message: string) =>
      this.#ports.report({ instance: "notify_fifo", level: "warn", message });
    try {
      this.#fifo = await Fifo.open(path, this.#ports.run, complain);
    } catch (error) {
      complain(messageOf(error));
    }
  }
}
