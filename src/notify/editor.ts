/**
 * Decides what becomes a notification. A fault that repeats itself every second, or two nodes that take the address from each
 * other, must not bury the one message that matters: equal events are counted for a while instead of told again, and an
 * instance that flaps is told as that, once, and again when it has settled.
 */
import type { Millis } from "../base/units.ts";
import { FlapDetector, type FlapSettings, type FlapVerdict } from "./flapping.ts";
import type { Notification, NotifiedEvent, Occurrence, StateName } from "./notification.ts";
import { severityOf } from "./severity.ts";
import { TroubleBook } from "./trouble.ts";

/** An event that says the same again is counted for so long before it is told anew. */
const REPEAT_AFTER_MS = 600_000;
/** So many different events are remembered; what is forgotten is only told again. */
const REMEMBERED_MAX = 1_000;

export interface EditorPorts {
  readonly flapping: FlapSettings;
  /** A name that no other notification has. */
  readonly newId: () => string;
  /** ISO 8601. */
  readonly timestamp: () => string;
}

export class Editor {
  readonly #ports: EditorPorts;
  readonly #troubles = new TroubleBook();
  readonly #said = new Map<string, { readonly at: Millis; left: number }>();
  readonly #flaps = new Map<string, Flapping>();

  constructor(ports: EditorPorts) {
    this.#ports = ports;
  }

  /** What to tell of it, in this order; often nothing. */
  take(occurrence: Occurrence, now: Millis): readonly Notification[] {
    const { instance, event } = occurrence;
    const name = instance?.name ?? "";
    const { incident, news } = this.#troubles.note(name, event);
    const severity = severityOf(event);
    if (!news || severity === undefined) return [];
    if (event.kind === "transition") {
      const verdict = this.#watch(name, occurrence, event.to, now);
      if (verdict === "goes-on") return [];
      if (verdict === "began") return this.take(this.#flappingOf(occurrence), now);
      // A change of state makes everything worth telling again.
      this.#forget(name);
    }
    const repeated = this.#repetitions(`${name} ${subjectOf(event)}`, now);
    if (repeated === undefined) return [];
    return [{ version: 1, id: this.#ports.newId(), severity, ...occurrence, incident, repeated }];
  }

  /** When `tick` has something to tell. */
  deadline(): Millis | undefined {
    const deadlines = [...this.#flaps.values()].flatMap(({ detector }) => detector.deadline() ?? []);
    return deadlines.length === 0 ? undefined : (Math.min(...deadlines) as Millis);
  }

  /** Tells which instances have settled. */
  tick(now: Millis): readonly Notification[] {
    return [...this.#flaps.values()].flatMap(({ detector, last, state }) => {
      const transitions = detector.settled(now);
      if (transitions === undefined) return [];
      const event = { kind: "settled", transitions, state } as const;
      return this.take({ ...last, at: this.#ports.timestamp(), event }, now);
    });
  }

  #watch(name: string, last: Occurrence, state: StateName, now: Millis): FlapVerdict {
    const detector = this.#flaps.get(name)?.detector ?? new FlapDetector(this.#ports.flapping);
    this.#flaps.set(name, { detector, last, state });
    return detector.transition(now);
  }

  #flappingOf(occurrence: Occurrence): Occurrence {
    const { transitions, window } = this.#ports.flapping;
    return { ...occurrence, event: { kind: "flapping", transitions: transitions + 1, withinMs: window } };
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

interface Flapping {
  readonly detector: FlapDetector;
  readonly last: Occurrence;
  readonly state: StateName;
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
