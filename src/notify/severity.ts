import { type NotifiedEvent, SEVERITIES, type Severity, type TransitionEvent } from "./notification.ts";

/** Undefined for what the journal keeps and nobody needs to be told. */
export function severityOf(event: NotifiedEvent): Severity | undefined {
  switch (event.kind) {
    case "transition":
    case "group-transition":
      return transitionSeverity(event);
    case "cloud-call-failed":
      // Until the claim is through, the traffic goes elsewhere; reads and rehearsals are repeated without harm.
      return event.operation === "claim" ? "critical" : "warning";
    case "flapping":
    case "address-failed":
    case "cloud-contested":
    case "cloud-not-ready":
      return "critical";
    case "address-put-back":
    case "announce-failed":
    case "lower-priority-heard":
    case "handover-failed":
    case "cloud-repair":
    case "cloud-unknown":
    case "service-thread-restarted":
      return "warning";
    case "settled":
      return event.state === "FAULT" ? "critical" : "info";
    case "serving":
    case "hold-over":
    case "cloud-verified":
    case "cloud-ready":
    case "test":
      return "info";
    case "cloud-claimed":
    case "cloud-doubted":
      return undefined;
  }
}

/** Whether a channel that asks for `minimum` gets something of this severity. */
export function reaches(severity: Severity, minimum: Severity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(minimum);
}

function transitionSeverity({ from, reason }: Pick<TransitionEvent, "from" | "reason">): Severity {
  switch (reason.kind) {
    case "took-over":
      // Silence means that a server or the network between has failed, even where nobody notices the move.
      return reason.cause === "master-silent" ? "critical" : "warning";
    case "fault":
      return reason.faults.every((fault) => fault === "maintenance") ? "info" : "critical";
    case "nobody-took-over":
    case "gave-up":
      return "critical";
    case "stopped":
    case "yielded":
      return from === "MASTER" ? "warning" : "info";
    case "followed-group":
    case "started":
    case "owner":
    case "handed-over":
    case "fault-over":
      return "info";
  }
}
