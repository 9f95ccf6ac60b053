import { isDeepStrictEqual } from "node:util";
import type { Millis } from "../base/units.ts";
import type { FlappingConfig } from "../config/config.ts";
import { isHostFault, isTrackerFault } from "../vrrp/state.ts";
import type { FlapEvent, InstanceEvent } from "./events.ts";
import { FlapWatch } from "./flap-watch.ts";
import type { Instance } from "./instance.ts";
import type { SyncGroup } from "./sync-groups.ts";
import type { Timed } from "./timed.ts";

export interface FlapWatchesPorts {
  readonly now: () => Millis;
  readonly schedule: (timed: Timed) => void;
  /** Both look the subject up anew: a reload may have replaced or removed it. */
  readonly membersOf: (subject: Subject) => readonly Instance[];
  readonly report: (subject: Subject, event: FlapEvent) => void;
}

/** What moves as a whole: a sync group, or an instance that is in none. */
export interface Subject {
  readonly kind: "instance" | "group";
  readonly name: string;
}

/** Before anything changed, nothing is watched. */
export class FlapWatches {
  readonly #ports: FlapWatchesPorts;
  readonly #watches = new Map<string, FlapWatch>();
  #settings: FlappingConfig | undefined;

  constructor(ports: FlapWatchesPorts) {
    this.#ports = ports;
  }

  /** With other settings, what was counted and held is forgotten. */
  configure(settings: FlappingConfig): void {
    if (isDeepStrictEqual(settings, this.#settings)) return;
    this.#settings = settings;
    for (const watch of this.#watches.values()) watch.release();
    this.#watches.clear();
  }

  /** To be called before the event is told to others. */
  heard(instance: Instance, event: InstanceEvent): void {
    const subject = subjectOf(instance);
    if (isAilment(event)) this.#watchOf(subject)?.ailed();
    if (event.kind === "transition" && subject.kind === "instance") this.#watchOf(subject)?.transition();
  }

  groupMoved({ name }: SyncGroup): void {
    this.#watchOf({ kind: "group", name })?.transition();
  }

  /** Whatever held it back, it may preempt again. */
  release(instance: Instance): void {
    this.#watches.get(keyOf(subjectOf(instance)))?.release();
  }

  /** Whether the instance, or its group, flaps, and for how long it is held back. */
  of(instance: Instance): { readonly isFlapping: boolean; readonly heldBackFor: Millis | undefined } {
    const watch = this.#watches.get(keyOf(subjectOf(instance)));
    const until = watch?.heldUntil;
    const heldBackFor = until === undefined ? undefined : (Math.max(0, until - this.#ports.now()) as Millis);
    return { isFlapping: watch?.isFlapping ?? false, heldBackFor };
  }

  #watchOf(subject: Subject): FlapWatch | undefined {
    const settings = this.#settings;
    if (!settings) return undefined;
    const { now, schedule, membersOf, report } = this.#ports;
    const watch =
      this.#watches.get(keyOf(subject)) ??
      new FlapWatch(settings, {
        now,
        schedule,
        report: (event) => report(subject, event),
        holdBack: (held) => {
          for (const member of membersOf(subject)) member.dispatch({ kind: held ? "held-back" : "set-free" });
        },
      });
    this.#watches.set(keyOf(subject), watch);
    return watch;
  }
}

function subjectOf({ config: { name, syncGroup } }: Instance): Subject {
  return syncGroup === undefined ? { kind: "instance", name } : { kind: "group", name: syncGroup };
}

function keyOf({ kind, name }: Subject): string {
  return `${kind} ${name}`;
}

/** Maintenance is no ailment, and what ails another member of the group is told by that one. */
function isAilment(event: InstanceEvent): boolean {
  if (event.kind === "priority-changed") return true;
  if (event.kind !== "transition" || event.reason.kind !== "fault") return false;
  return event.reason.faults.some((fault) => isHostFault(fault) || isTrackerFault(fault));
}
