import type { Logger } from "pino";
import type { Config, InstanceConfig } from "../config/config.ts";
import type { Network } from "../linux/network.ts";
import type { HookedInstance } from "../notify/hooks/state-actions.ts";
import type { CheckOutput } from "../notify/notification.ts";
import { withoutUrlSecrets } from "../notify/redact.ts";
import type { TrackerSnapshot } from "../status/snapshot.ts";
import { type Influence, influenceOf } from "../track/influence.ts";
import type { CheckedTracker } from "../track/trackers.ts";
import type { GroupTransition, InstanceEvent } from "./events.ts";
import { HealthBoard } from "./health-board.ts";
import { HookFeed } from "./hook-feed.ts";
import { managedAddresses } from "./host-view.ts";
import type { Instance } from "./instance.ts";
import { SideProcess } from "./side-process.ts";
import type { SyncGroup } from "./sync-groups.ts";

export interface HealthPorts {
  readonly network: Network;
  readonly log: Logger;
  /** The instances that track something by this name. */
  readonly tracking: (name: string) => readonly Instance[];
}

/** Scripts that a stop sets going get so long; what runs on then is left to itself. */
const LAST_HOOKS_MS = 2_000;

/** Trackers and hooks: what decides about instances beside the election, and what they set going. */
export class Health {
  readonly #board: HealthBoard;
  readonly #side: SideProcess;
  readonly #feed: HookFeed;

  constructor({ network, log, tracking }: HealthPorts) {
    this.#board = new HealthBoard({
      network,
      onChange: ({ name, state, detail }) => {
        for (const instance of tracking(name)) {
          instance.report({ kind: "tracker-changed", tracker: name, state, detail });
          instance.trackersChanged();
        }
      },
      onWarning: (name, warning) => {
        for (const instance of tracking(name)) {
          instance.report({ kind: "tracker-warning", tracker: name, warning });
        }
      },
    });
    this.#side = new SideProcess({
      onTracker: (report) => this.#board.receive(report),
      onHook: ({ instance, level, message }) =>
        log[level]({ event: "hook", instance }, `${instance}: ${withoutUrlSecrets(message)}`),
      onRestart: (why) =>
        log.error({ event: "side-process-lost" }, `${why}; the last results hold, and it is started again`),
      known: () => this.#board.known(),
    });
    this.#feed = new HookFeed((happening) => this.#side.happened(happening));
  }

  /** Before the instances learn of the same configuration. */
  configure({ trackers, instances, syncGroups, notifyFifo }: Config): void {
    this.#board.configure(trackers);
    const groups = syncGroups.map(
      ({ name, hooks }) => ({ of: "GROUP", name, hooks, addresses: [] }) as const,
    );
    const hooked = [...instances.map(hookedInstance), ...groups].filter(hasHooks);
    this.#side.configure({ trackers: trackers.filter(isChecked), hooked, notifyFifo });
  }

  readonly influence = ({ track }: InstanceConfig): Influence => influenceOf(track, this.#board.stateOf);

  /** What the trackers of an instance said last, failed ones first. */
  checksOf({ track }: InstanceConfig): readonly CheckOutput[] {
    const checks = track.map(({ name, weight, reverse }) => {
      const state = this.#board.stateOf(name);
      const { faults, shift } = influenceOf([{ name, weight, reverse }], this.#board.stateOf);
      const isWell = state.kind === "value" ? shift >= 0 : state.kind !== (reverse ? "up" : "down");
      return { name, ok: faults.length === 0 && isWell, output: this.#board.detailOf(name) };
    });
    return checks.toSorted((a, b) => Number(a.ok) - Number(b.ok));
  }

  /** The same of a sync group's instances, each tracker once. */
  checksOfGroup({ members }: SyncGroup): readonly CheckOutput[] {
    const checks = members.flatMap(({ config }) => this.checksOf(config));
    const seen = new Map(checks.map((check) => [check.name, check]));
    return [...seen.values()].toSorted((a, b) => Number(a.ok) - Number(b.ok));
  }

  report(instance: Instance, event: InstanceEvent): void {
    this.#feed.report(instance, event);
  }

  reportGroup(group: SyncGroup, event: GroupTransition): void {
    this.#feed.reportGroup(group, event);
  }

  snapshot(): readonly TrackerSnapshot[] {
    return this.#board.snapshot();
  }

  /** The agent ends, and the instances are about to say so. */
  agentEnds(): void {
    this.#feed.agentEnds();
  }

  /** Waits for the last hooks, but not for long. */
  async close(): Promise<void> {
    await this.#side.end(LAST_HOOKS_MS);
  }
}

function hookedInstance(config: InstanceConfig): HookedInstance {
  const { name, hooks } = config;
  return { of: "INSTANCE", name, hooks, addresses: managedAddresses(config).map(({ address }) => address) };
}

function hasHooks({ hooks: { programs, onMaster, onBackup } }: HookedInstance): boolean {
  const isUsed = ({ sysctl, units, accept }: typeof onMaster) =>
    Object.keys(sysctl).length > 0 || units.length > 0 || accept !== undefined;
  return Object.keys(programs).length > 0 || isUsed(onMaster) || isUsed(onBackup);
}

function isChecked(tracker: { readonly check: { readonly kind: string } }): tracker is CheckedTracker {
  return tracker.check.kind !== "interface";
}
