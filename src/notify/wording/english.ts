import type { TransitionReason } from "../../vrrp/actions.ts";
import type { Fault, SiblingFault, TakeoverCause, TrackerFault } from "../../vrrp/state.ts";
import type { NotifiedEvent, TransitionEvent } from "../notification.ts";
import { isOfSibling, isOfTracker, type Phrases, siblingOf, trackerOf, type Where } from "./phrases.ts";

export const english: Phrases = {
  severity: { info: "info", warning: "warning", critical: "CRITICAL" },
  labels: {
    why: "Why",
    node: "Node",
    instance: "Instance",
    group: "Sync group",
    addresses: "Addresses",
    before: "Before",
    silence: "Silence",
    phases: "Failover",
    held: "Lasted",
    check: "Check",
    time: "Time",
    advice: "Next",
  },
  phases: {
    detect: "detect",
    elect: "elect",
    bind: "bind",
    announce: "announce",
    claim: "claim",
    verify: "verify",
  },
  title,
  why,
  advice,
  check: (ok) => (ok ? "ok" : "failed"),
  duration: (ms) =>
    ms < 10_000 ? `${Number(ms.toFixed(ms < 10 ? 1 : 0))} ms` : `${Math.round(ms / 1000)} s`,
  several: (count, node) => `${count} notifications from ${node}`,
  dropped: (count) =>
    `${count} older ${plural(count, "notification was", "notifications were")} dropped: this channel was unreachable for too long or refused them`,
  more: (count) => `… and ${count} more`,
  repeated: (count) => `and ${count} more like this, left out`,
};

/** Why an instance changed its state, for logs, status and messages. */
export function reasonInWords(reason: TransitionReason): string {
  switch (reason.kind) {
    case "started":
      return "started, and listens for a MASTER";
    case "owner":
      return "priority 255 owns the addresses and needs no election";
    case "stopped":
      return "stopped";
    case "took-over":
      return CAUSES[reason.cause];
    case "yielded":
      return `${reason.to} outranks this node with priority ${reason.priority}`;
    case "handed-over":
      return `handed over to ${reason.to}`;
    case "nobody-took-over":
      return "stopped; nobody took over in time, so nobody serves the addresses now";
    case "gave-up":
      return `the cloud shows the address at ${reason.holder}, a peer that is not heard; on hold until it is heard or serves no more`;
    case "followed-group":
      return `${reason.member} of the same sync group gave way`;
    case "fault":
      return reason.faults.map(faultInWords).join("; ");
    case "fault-over":
      return "the fault is over";
  }
}

const CAUSES: Record<TakeoverCause, string> = {
  "nobody-heard": "no MASTER was heard since this node began to listen",
  "master-silent": "the MASTER fell silent",
  "master-left": "the MASTER said that it leaves",
  "master-lower": "the MASTER has a lower priority, and preempt is on",
};

function faultInWords(fault: Fault): string {
  if (isOfSibling(fault)) return `${siblingOf(fault)} of the same sync group is in FAULT`;
  return isOfTracker(fault) ? `the check ${trackerOf(fault)} fails` : FAULTS[fault];
}

const FAULTS: Record<Exclude<Fault, TrackerFault | SiblingFault>, string> = {
  "interface-missing": "the interface does not exist",
  "interface-down": "the interface is down",
  "source-address-missing": "the source address of the adverts is not on this host",
  maintenance: "in maintenance, until cloudvip maintenance off",
};

function title(event: NotifiedEvent, { node, subject }: Where): string {
  switch (event.kind) {
    case "transition":
    case "group-transition":
      return transitionTitle(event, { node, subject });
    case "serving":
      return `${node} serves ${subject}`;
    case "handover-failed":
      return `${node} could not hand over ${subject}`;
    case "lower-priority-heard":
      return `two MASTERs for ${subject}: ${node} and ${event.from}`;
    case "address-failed":
      return `${node} could not ${event.doing} ${event.address} of ${subject}`;
    case "address-put-back":
      return `somebody removed ${event.address} from ${node}`;
    case "announce-failed":
      return `${node} could not announce ${event.address} of ${subject}`;
    case "cloud-claimed":
      return `the cloud took the claim of ${node} for ${subject}`;
    case "cloud-verified":
      return `the cloud shows ${subject} at ${node} again`;
    case "cloud-call-failed":
      return `the cloud refuses ${node}: ${event.operation} of ${subject}`;
    case "cloud-repair":
      return `${node} claims ${subject} in the cloud again`;
    case "cloud-contested":
      return `${event.holder} keeps taking ${subject} from ${node} in the cloud`;
    case "cloud-doubted":
      return `${node} looks up ${subject} in the cloud`;
    case "cloud-unknown":
      return `${node} cannot tell who has ${subject} in the cloud`;
    case "cloud-ready":
      return `${node} can take over ${subject} again`;
    case "cloud-not-ready":
      return `${node} could NOT take over ${subject}`;
    case "service-thread-restarted":
      return `the service thread of ${node} was started again`;
    case "flapping":
      return `${subject} is flapping on ${node}`;
    case "hold-over":
      return `${node} may preempt ${subject} again`;
    case "settled":
      return `${subject} has settled on ${node}: ${event.state}`;
    case "test":
      return `test message from ${node}`;
  }
}

function transitionTitle(
  { from, to, reason }: Omit<TransitionEvent, "kind">,
  { node, subject }: Where,
): string {
  if (to === "MASTER") return `${node} took over ${subject}`;
  if (to === "FAULT") return `FAULT on ${node}: ${from === "MASTER" ? "gave up" : "cannot serve"} ${subject}`;
  if (reason.kind === "stopped") return `cloudvip stopped on ${node}: ${subject} was ${from}`;
  if (from === "MASTER") return `${node} gave up ${subject}`;
  return `${node} stands by for ${subject}`;
}

function why(event: NotifiedEvent): string {
  switch (event.kind) {
    case "transition":
      return `${event.from} -> ${event.to}: ${reasonInWords(event.reason)}`;
    case "group-transition":
      return `${event.from} -> ${event.to}: ${event.member}: ${reasonInWords(event.reason)}`;
    case "serving":
      return "the addresses are bound and announced, and where a cloud moves them, it shows them here";
    case "handover-failed":
      return "nobody took over in time; this node goes on as MASTER";
    case "lower-priority-heard":
      return `${event.from} also sends adverts, with lower rank (priority ${event.priority}); it was answered and the addresses were announced again`;
    case "address-failed":
      return `${event.interfaceName}: ${event.error}`;
    case "address-put-back":
      return `the address was removed from ${event.interfaceName} by something else than cloudvip, and was put back`;
    case "announce-failed":
      return event.error;
    case "cloud-claimed":
      return "the claim is through";
    case "cloud-verified":
      return "what the cloud shows agrees with the election";
    case "cloud-call-failed":
      return `attempt ${event.attempts}: ${event.message}`;
    case "cloud-repair":
      return `the cloud showed the addresses at ${event.holder ?? "nobody"}`;
    case "cloud-contested":
      return "claims were overwritten several times; this node holds still for now";
    case "cloud-doubted":
      return "something happened after which the cloud may show another holder";
    case "cloud-unknown":
      return `${event.why}; nothing changes for that`;
    case "cloud-ready":
      return "a rehearsal of the takeover found no obstacle";
    case "cloud-not-ready":
      return event.obstacles.join("; ");
    case "service-thread-restarted":
      return `${event.why}; elections went on`;
    case "flapping":
      return `${event.transitions} changes of state within ${event.withinMs / 1000} s; single changes are no longer told until it settles${event.heldForMs === null ? "" : `; this node does not preempt for ${event.heldForMs / 1000} s`}`;
    case "hold-over":
      return event.why === "asked"
        ? "somebody ran `cloudvip maintenance off`"
        : "the time of flap_hold is over";
    case "settled":
      return `no change of state for a while, after ${event.transitions} of them`;
    case "test":
      return "somebody ran `cloudvip notify --test`";
  }
}

function advice(event: NotifiedEvent, { node }: Where): string {
  switch (event.kind) {
    case "transition":
    case "group-transition":
      return transitionAdvice(event, node);
    case "handover-failed":
      return "see why no peer can take over: cloudvip status on each of them";
    case "lower-priority-heard":
      return "see whether the two nodes hear each other: cloudvip watch on both, and the firewall rules for protocol 112";
    case "address-failed":
    case "announce-failed":
      return `on ${node}: ip address, and journalctl -u cloudvip`;
    case "address-put-back":
      return `find out what else manages addresses on ${node}: NetworkManager, netplan, a script`;
    case "cloud-call-failed":
      return `the call is repeated; see the credentials and permissions of ${node}, and its way to the cloud's API`;
    case "cloud-repair":
      return "if this repeats, look for a second agent or a script that moves the same addresses";
    case "cloud-contested":
      return "look for a second agent with another configuration, or a script that moves the same addresses";
    case "cloud-unknown":
      return `see the way from ${node} to the cloud's API, and its permission to read`;
    case "cloud-not-ready":
      return `repair it before the MASTER fails; then: cloudvip status on ${node}`;
    case "service-thread-restarted":
      return `if this repeats, report it with the output of journalctl -u cloudvip on ${node}`;
    case "flapping":
      return event.heldForMs === null
        ? "look at the network between the nodes, at their load, and at the checks: cloudvip status on each of them"
        : `repair what comes and goes on ${node}, then: cloudvip maintenance off; where nobody else is MASTER it takes over all the same`;
    case "settled":
    case "hold-over":
    case "serving":
    case "cloud-claimed":
    case "cloud-verified":
    case "cloud-doubted":
    case "cloud-ready":
    case "test":
      return "nothing to do";
  }
}

function transitionAdvice(
  { from, to, reason, previousOwner }: Omit<TransitionEvent, "kind">,
  node: string,
): string {
  switch (reason.kind) {
    case "took-over":
      return reason.cause === "master-silent"
        ? `see what happened to ${previousOwner?.address ?? "the former MASTER"}; until it is back, nobody can take over from ${node}`
        : "nothing to do";
    case "gave-up":
      return `see whether ${reason.holder} serves, and why its adverts do not reach ${node}`;
    case "fault":
      return `repair it on ${node}; it takes part again by itself: cloudvip status`;
    case "stopped":
      return from === "MASTER"
        ? "a peer takes over; start the service again when the work is done"
        : "nothing to do, if that was meant";
    case "nobody-took-over":
      return `start a node of the group: nobody serves the addresses`;
    case "started":
    case "owner":
    case "yielded":
    case "handed-over":
    case "followed-group":
    case "fault-over":
      return to === "FAULT" ? `cloudvip status on ${node}` : "nothing to do";
  }
}

function plural(count: number, one: string, many: string): string {
  return count === 1 ? one : many;
}
