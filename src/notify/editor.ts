/**
 * Decides what becomes a notification. A fault that repeats itself every second, or two nodes that take the address from each
 * other, must not bury the one message that matters: equal events are counted for a while instead of told again, and of what
 * flaps nothing but its end is told between that and the news that it has settled. The states of the members of a sync group
 * are told as one.
 */
import type { Millis } from "../base/units.ts";
import {
  isTransition,
  type Notification,
  type NotifiedEvent,
  type Occurrence,
  subjectKeyOf,
} from "./notification.ts";
import { severityOf } from "./severity.ts";
import { TroubleBook } from "./trouble.ts";

/** An event that says the same again is counted for so long before it is told anew. */
const REPEAT_AFTER_MS = 600_000;
/** So many different events are remembered; what is forgotten is only told again. */
const REMEMBERED_MAX = 1_000;

export interface EditorPorts {
  /** A name that no other notification has. */
  readonly newId: () => string;
}

export class Editor {
  readonly #ports: EditorPorts;
  readonly #troubles = new TroubleBook();
  readonly #said = new Map<string, { readonly at: Millis; left: number }>();
  /** What flaps at present. */
  readonly #flapping = new Set<string>();

  constructor(ports: EditorPorts) {
    this.#ports = ports;
  }

  /** What to tell of it, in this order; often nothing. */
  take(occurrence: Occurrence, now: Millis): readonly Notification[] {
    const { instance, event } = occurrence;
    const name = subjectKeyOf(occurrence);
    const ofGroup = instance?.syncGroup !== undefined;
    const { incident, news } = this.#troubles.note(name, event, { ofGroup });
    if (event.kind === "flapping") this.#flapping.add(name);
    if (event.kind === "settled") this.#flapping.delete(name);
    const severity = severityOf(event);
    if (!news || severity === undefined) return [];
    if (isTransition(event)) {
      if (this.#flapping.has(name) && event.to !== "INIT") return [];
      // A change of state makes everything worth telling again.
      this.#forget(name);
    }
    const repeated = this.#repetitions(`${name} ${subjectOf(event)}`, now);
    if (repeated === undefined) return [];
    return [{ version: 1, id: this.#ports.newId(), severity, ...occurrence, incident, repeated }];
  }

  /** How many equal ones were left out since the last; undefined while this one is to be left out too. */
  #repetitions(subject: string, now: Millis): number | undefined {
    const said = this.#said.get(subject);
    if (said && now - said.at < REPEAT_AFTER_MS) {
      said.left++;
      return undefined;
    }
    if (this.#said.size >= REMEMBERED_MAX) this.#said.clear();
    this.#said.set(subject, { at: now, left: 0 });
    return said?.left ?? 0;
  }

  #forget(name: string): void {
    for (const subject of this.#said.keys()) {
      if (subject.startsWith(`${name} `)) this.#said.delete(subject);
    }
  }
}

/** Events with the same subject say the same to a person, whatever attempt or time they name. */
function subjectOf(event: NotifiedEvent): string {
  switch (event.kind) {
    case "address-failed":
      return `${event.kind} ${event.doing} ${event.address}`;
    case "address-put-back":
    case "announce-failed":
      return `${event.kind} ${event.address}`;
    case "lower-priority-heard":
      return `${event.kind} ${event.from}`;
    case "cloud-call-failed":
      return `${event.kind} ${event.operation}`;
    case "cloud-repair":
    case "cloud-contested":
      return `${event.kind} ${event.holder}`;
    case "transition":
    case "group-transition":
    case "hold-over":
    case "handover-failed":
    case "serving":
    case "cloud-claimed":
    case "cloud-verified":
    case "cloud-doubted":
    case "cloud-unknown":
    case "cloud-ready":
    case "cloud-not-ready":
    case "service-thread-restarted":
    case "flapping":
    case "settled":
    case "test":
      return event.kind;
  }
}
