/** What the agent and its side process say to each other. It travels as JSON. */
import type { Happening } from "../notify/hooks/happening.ts";
import type { HookReport } from "../notify/hooks/instance-hooks.ts";
import type { HookedInstance } from "../notify/hooks/state-actions.ts";
import type { Health } from "../track/counter.ts";
import type { TrackerReport } from "../track/tracker.ts";
import type { CheckedTracker } from "../track/trackers.ts";

export interface SideSetup {
  readonly trackers: readonly CheckedTracker[];
  readonly hooked: readonly HookedInstance[];
  readonly notifyFifo: string | undefined;
}

export type ToSide =
  | {
      readonly kind: "setup";
      readonly setup: SideSetup;
      /** What is known of trackers from before. */
      readonly known: Readonly<Record<string, Health>>;
    }
  | {
      readonly kind: "happened";
      readonly happening: Happening;
      /** The scripts have run, in a process that died since: only what is declared is to be done again. */
      readonly again: boolean;
    }
  /** Asks for `idle`, once everything that happened before is done. */
  | { readonly kind: "finish" }
  | { readonly kind: "ping"; readonly count: number };

export type FromSide =
  | { readonly kind: "tracker"; readonly report: TrackerReport }
  | { readonly kind: "hook"; readonly report: HookReport }
  /** All hooks of an instance are done for now. */
  | { readonly kind: "done"; readonly happening: Happening }
  | { readonly kind: "idle" }
  | { readonly kind: "pong"; readonly count: number };
