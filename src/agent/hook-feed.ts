import type { Happening, HookState } from "../notify/hooks/happening.ts";
import type { GroupTransition, InstanceEvent } from "./events.ts";
import type { Instance } from "./instance.ts";
import type { SyncGroup } from "./sync-groups.ts";

/** Turns what instances report into what keepalived would tell scripts. */
export class HookFeed {
  readonly #happened: (happening: Happening) => void;
  #ending = false;

  constructor(happened: (happening: Happening) => void) {
    this.#happened = happened;
  }

  /** From now on a stop is the agent's end, and no reload that removes an instance. */
  agentEnds(): void {
    this.#ending = true;
  }

  report({ config, router }: Instance, event: InstanceEvent): void {
    const about = { of: "INSTANCE", name: config.name, priority: router.priority } as const;
    if (event.kind === "lower-priority-heard") this.#happened({ ...about, kind: event.kind });
    if (event.kind !== "transition") return;
    const state = this.#stateOf(event);
    if (state) this.#happened({ ...about, kind: "state", state });
  }

  reportGroup({ name }: SyncGroup, { to }: GroupTransition): void {
    const about = { of: "GROUP", name, priority: 0, kind: "state" } as const;
    if (to !== "INIT") this.#happened({ ...about, state: to });
    else if (this.#ending) this.#happened({ ...about, state: "STOP" });
  }

  /** INIT is no state for a script, except at the end. */
  #stateOf({ to, reason }: Extract<InstanceEvent, { kind: "transition" }>): HookState | undefined {
    if (to !== "INIT") return to;
    if (reason.kind === "fault-over") return undefined;
    return this.#ending ? "STOP" : "DELETED";
  }
}
