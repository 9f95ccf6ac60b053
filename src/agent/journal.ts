import type { Logger } from "pino";
import type { IpAddress } from "../base/ip.ts";
import { type Millis, millis } from "../base/units.ts";
import { withoutUrlSecrets } from "../notify/redact.ts";
import { REFUSALS, type Refusal } from "../vrrp/refusal.ts";
import { smallestSafeInterval } from "../vrrp/safe-interval.ts";
import type { GroupEvent, InstanceEvent } from "./events.ts";
import { eventInWords } from "./wording.ts";

type AgentEvent = InstanceEvent | GroupEvent;

/** A line that says the same again is left out for so long; RFC 9568 §7.1 asks for a limit on logged failures. */
const REPEAT_AFTER: Millis = millis(60_000);
/** So many different lines are remembered; a peer that invents sources must not eat the memory. */
const REMEMBERED_MAX = 1_000;

/** Writes events to the log, each kind at its level, and repetitions once a minute with their count. */
export class Journal {
  readonly #log: Logger;
  readonly #now: () => Millis;
  readonly #said = new Map<string, { since: Millis; left: number }>();

  constructor(log: Logger, now: () => Millis) {
    this.#log = log;
    this.#now = now;
  }

  readonly write = (instance: string, event: InstanceEvent): void => {
    this.#write({ instance }, `${instance}: ${eventInWords(event)}`, event);
  };

  readonly writeGroup = (group: string, event: GroupEvent): void => {
    this.#write({ group }, `sync group ${group}: ${eventInWords(event)}`, event);
  };

  readonly writeStray = ({ reason, source }: { reason: Refusal; source: IpAddress | undefined }): void => {
    const sentence = `refused an advert${source ? ` from ${source}` : ""}: ${REFUSALS[reason]}`;
    this.#writeUnlessSaid(sentence, (repeated) =>
      this.#log.debug({ event: "packet-refused", reason, source, ...repeated }, sentence),
    );
  };

  readonly writeLate = ({ late, advertInterval }: { late: Millis; advertInterval: Millis }): void => {
    // Without the figure, so that the next ones count as the same.
    const about = `the agent's timer fired too late for adverts of ${advertInterval} ms`;
    const advice = `the smallest safe advert_int for that is ${smallestSafeInterval(late)} ms`;
    this.#writeUnlessSaid(about, (repeated) =>
      this.#log.warn(
        { event: "woke-late", lateMs: late, advertIntervalMs: advertInterval, ...repeated },
        `${about}, by ${late.toFixed(0)} ms: the machine is busy, or was stopped; ${advice}`,
      ),
    );
  };

  #write(about: object, told: string, event: AgentEvent): void {
    const { kind, ...rest } = event;
    const level = isGoodNews(event) ? "info" : LEVELS[kind];
    // Clouds and programs quote addresses in their complaints.
    const sentence = withoutUrlSecrets(told);
    const facts = sentence === told ? rest : withoutSecretsIn(rest);
    if (MILESTONES.has(kind)) this.#log[level]({ event: kind, ...about, ...facts }, sentence);
    else
      this.#writeUnlessSaid(sentence, (repeated) =>
        this.#log[level]({ event: kind, ...about, ...facts, ...repeated }, sentence),
      );
  }

  #writeUnlessSaid(sentence: string, write: (repeated: { repeated?: number }) => void): void {
    const now = this.#now();
    const said = this.#said.get(sentence);
    if (said && now - said.since < REPEAT_AFTER) {
      said.left++;
      return;
    }
    if (this.#said.size >= REMEMBERED_MAX) this.#said.clear();
    this.#said.set(sentence, { since: now, left: 0 });
    write(said && said.left > 0 ? { repeated: said.left } : {});
  }
}

function isGoodNews(event: AgentEvent): boolean {
  return event.kind === "tracker-changed" && event.state.kind !== "down";
}

function withoutSecretsIn(facts: object): object {
  return JSON.parse(JSON.stringify(facts), (_, value: unknown) =>
    typeof value === "string" ? withoutUrlSecrets(value) : value,
  );
}

/** Steps of a failover: each is a line of its story, however soon it comes again. What packets and failures cause is limited. */
const MILESTONES: ReadonlySet<AgentEvent["kind"]> = new Set([
  "transition",
  "group-transition",
  "flapping",
  "settled",
  "hold-over",
  "handing-over",
  "handover-failed",
  "serving",
  "cloud-claimed",
  "cloud-verified",
  "cloud-repair",
  "cloud-ready",
  "cloud-not-ready",
]);

const LEVELS: Record<AgentEvent["kind"], "info" | "warn" | "error"> = {
  transition: "info",
  "handing-over": "info",
  "handover-failed": "warn",
  "lower-priority-heard": "warn",
  "interval-learned": "info",
  "packet-refused": "warn",
  "packet-remarked": "warn",
  "send-failed": "warn",
  "announce-failed": "warn",
  "address-failed": "error",
  "address-put-back": "warn",
  "tracker-changed": "warn",
  "tracker-warning": "warn",
  "priority-changed": "info",
  serving: "info",
  "cloud-claimed": "info",
  "cloud-verified": "info",
  "cloud-call-failed": "warn",
  "cloud-repair": "warn",
  "cloud-contested": "error",
  "cloud-doubted": "info",
  "cloud-unknown": "warn",
  "cloud-ready": "info",
  "cloud-not-ready": "error",
  "group-transition": "info",
  flapping: "warn",
  settled: "info",
  "hold-over": "info",
};
