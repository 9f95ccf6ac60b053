import { isTransition, type NotifiedEvent } from "./notification.ts";
import { severityOf } from "./severity.ts";

/** What can be wrong with one instance; each is over by itself. */
type Topic = "state" | "cloud" | "readiness" | "flapping";

/**
 * What is wrong at present with each instance of this node. Pagers know one incident for each: it is opened by the first
 * trouble and closed when the last is over.
 */
export class TroubleBook {
  readonly #open = new Map<string, Set<Topic>>();

  /** What the event means for the incident; `news` is false when it only ends a trouble that was never told. */
  note(
    subject: string,
    event: NotifiedEvent,
    { ofGroup }: { readonly ofGroup: boolean },
  ): { incident: "open" | "close" | null; news: boolean } {
    const open = this.#open.get(subject) ?? new Set<Topic>();
    this.#open.set(subject, open);
    const effect = effectOf(event);
    const { ends } = effect;
    // The state of a member is its group's: what of it begins is told there, what of its own troubles ends is told here.
    const isTold = ofGroup && event.kind === "transition";
    const begins = isTold ? undefined : effect.begins;
    const ended = ends.filter((topic) => open.delete(topic)).length > 0;
    if (begins) open.add(begins);
    const over = (ended || isStart(event)) && open.size === 0;
    const news = ended || !(isTold || ONLY_ENDS.has(event.kind));
    return { incident: begins ? "open" : over ? "close" : null, news };
  }
}

/** A start ends what an earlier run of the agent may have left open at a pager. */
export function isStart(event: NotifiedEvent): boolean {
  return isTransition(event) && (event.reason.kind === "started" || event.reason.kind === "owner");
}

/** Worth telling only after the trouble that they end. */
const ONLY_ENDS: ReadonlySet<NotifiedEvent["kind"]> = new Set(["cloud-verified", "cloud-ready"]);

function effectOf(event: NotifiedEvent): { readonly begins?: Topic; readonly ends: readonly Topic[] } {
  switch (event.kind) {
    case "transition":
    case "group-transition": {
      const ends: readonly Topic[] = event.from === "MASTER" ? ["state", "cloud"] : ["state"];
      return severityOf(event) === "critical" ? { begins: "state", ends } : { ends };
    }
    case "address-failed":
      return { begins: "state", ends: [] };
    case "cloud-call-failed":
      return event.operation === "claim" ? { begins: "cloud", ends: [] } : { ends: [] };
    case "cloud-contested":
      return { begins: "cloud", ends: [] };
    case "cloud-verified":
      return { ends: ["cloud"] };
    case "cloud-not-ready":
      return { begins: "readiness", ends: [] };
    case "cloud-ready":
      return { ends: ["readiness"] };
    case "flapping":
      return { begins: "flapping", ends: [] };
    case "settled":
      return { ends: ["flapping"] };
    case "serving":
    case "hold-over":
    case "lower-priority-heard":
    case "handover-failed":
    case "address-put-back":
    case "announce-failed":
    case "cloud-claimed":
    case "cloud-repair":
    case "cloud-doubted":
    case "cloud-unknown":
    case "service-thread-restarted":
    case "test":
      return { ends: [] };
  }
}
