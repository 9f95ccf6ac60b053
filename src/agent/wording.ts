/** What the agent says to people. Each sentence is whole: it stands alone in a log at 3 a.m. */
import { toSeconds } from "../base/units.ts";
import { reasonInWords } from "../notify/wording/english.ts";
import type { Doubt } from "../takeover/events.ts";
import type { TrackerState } from "../track/influence.ts";
import type { Remark } from "../vrrp/admission.ts";
import { REFUSALS } from "../vrrp/refusal.ts";
import type { GroupEvent, InstanceEvent } from "./events.ts";
import { PHASES, type PhaseTimes } from "./phases.ts";

export function eventInWords(event: InstanceEvent | GroupEvent): string {
  switch (event.kind) {
    case "transition":
      return `${event.from} -> ${event.to}: ${reasonInWords(event.reason)}`;
    case "group-transition":
      return `${event.from} -> ${event.to}: ${event.member}: ${reasonInWords(event.reason)}`;
    case "flapping":
      return `flaps: ${event.transitions} changes of state within ${event.withinMs / 1000} s${event.heldForMs === null ? "" : `; as its own health is the cause, it does not preempt for ${event.heldForMs / 1000} s`}`;
    case "settled":
      return `has settled after ${event.transitions} changes of state`;
    case "hold-over":
      return `may preempt again: ${event.why === "asked" ? "somebody asked for it" : "flap_hold is over"}`;
    case "handing-over":
      return "handing over: priority 0 is said, and the addresses are served until the successor is heard";
    case "handover-failed":
      return "nobody took over in time; this node goes on as MASTER";
    case "lower-priority-heard":
      return `${event.from} also sends adverts, with lower rank (priority ${event.priority}); answered, and the addresses announced again`;
    case "interval-learned":
      return `the MASTER advertises every ${toSeconds(event.interval)} s${event.capped ? " or slower; max_learned_interval caps what is believed" : ""}`;
    case "packet-refused":
      return `refused an advert from ${event.source}: ${REFUSALS[event.reason]}`;
    case "packet-remarked":
      return `an advert from ${event.source} ${REMARKS[event.remark]}`;
    case "send-failed":
      return `could not send to ${event.destination}: ${event.error}`;
    case "announce-failed":
      return `could not announce ${event.address} with gratuitous ARP: ${event.error}`;
    case "address-failed":
      return `could not ${event.doing} ${event.address} on ${event.interfaceName}: ${event.error}`;
    case "serving":
      return `serves after ${phasesInWords(event.phases)}`;
    case "cloud-claimed":
      return `the cloud took the claim after ${event.took.toFixed(0)} ms${event.attempts > 1 ? ` and ${event.attempts} attempts` : ""}`;
    case "cloud-verified":
      return "the cloud shows the addresses here";
    case "cloud-call-failed":
      return `the cloud did not take the ${event.operation} (attempt ${event.attempts}): ${event.message}`;
    case "cloud-repair":
      return `the cloud shows the addresses at ${event.holder ?? "nobody"}; claiming them again`;
    case "cloud-contested":
      return `${event.holder} keeps taking the addresses; holding still for now. Two agents with different configurations, or a script?`;
    case "cloud-doubted":
      return `looking at the cloud now: ${DOUBTS[event.cause]}`;
    case "cloud-unknown":
      return `cannot tell who has the addresses in the cloud: ${event.why}. Nothing changes for that`;
    case "cloud-ready":
      return "rehearsed a takeover: this node could take over now";
    case "cloud-not-ready":
      return `this node could NOT take over now: ${event.obstacles.join("; ")}`;
    case "tracker-changed":
      return `${event.tracker} ${HEALTH[event.state.kind]}: ${event.detail}`;
    case "tracker-warning":
      return `${event.tracker}: ${event.warning}`;
    case "priority-changed":
      return `trackers change the priority from ${event.from} to ${event.to}`;
    case "address-put-back":
      return `somebody removed ${event.address} from ${event.interfaceName}; it is put back`;
  }
}

function phasesInWords(phases: PhaseTimes): string {
  const parts = PHASES.flatMap((phase) => {
    const time = phases[phase];
    return time === undefined ? [] : [`${phase} ${time.toFixed(1)} ms`];
  });
  return parts.join(", ");
}

const DOUBTS: Record<Doubt, string> = {
  "lower-priority-heard": "a peer of lower rank was heard as MASTER",
  "peer-heard-again": "a silent peer is heard again",
  "woke-late": "this node did not run for a while",
  reloaded: "the configuration was reloaded",
  asked: "somebody asked for it",
};

const HEALTH: Record<TrackerState["kind"], string> = {
  unknown: "is not known",
  up: "is up",
  down: "is down",
  value: "changed",
};

const REMARKS: Record<Remark, string> = {
  "interval-differs":
    "has another advert_int than this node; VRRPv3 allows it, and a BACKUP follows its MASTER",
  "addresses-differ": "lists other addresses than this node's virtual_ipaddress",
};
