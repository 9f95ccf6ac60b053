/**
 * A scenario for people: lines that say what happens, played in a world without loss in which adverts travel 1 ms.
 *
 *   node a 10.0.0.1 priority=150 preempt_delay=3      keepalived's words; times in seconds
 *   at 5 cut a b | heal a b | start a | stop a | crash a | reboot a | fault a NAME | clear a NAME | priority a N
 *   at 9 reload a priority=50                         what is not said stays as it was
 *   end 20
 */
import { type Millis, millis, seconds } from "../../src/base/units.ts";
import type { Action } from "../../src/vrrp/actions.ts";
import type { RouterEvent } from "../../src/vrrp/events.ts";
import type { RouterSettings } from "../../src/vrrp/settings.ts";
import type { Fault } from "../../src/vrrp/state.ts";
import { nextDeadline } from "../../src/vrrp/virtual-router.ts";
import { ip, settingsWith } from "./fixtures.ts";
import { type NodePlan, type Stepped, World } from "./world.ts";

const TRAVEL = 1;

/** The trace of a scenario, one line for each step in which more happens than the routine. */
export function play(scenario: string): string[] {
  const trace: string[] = [];
  const lines = scenario.split("\n").map((line) => line.replace(/#.*/, "").trim().split(/\s+/));
  const plans = lines
    .filter(([verb]) => verb === "node")
    .map(([, name, address, ...options]) => nodePlan(name, address, options));
  const settings = new Map(plans.map((plan) => [plan.name, plan.settings]));
  const world = new World(plans, {
    travel: () => TRAVEL,
    observe: (stepped) => trace.push(...told(stepped)),
  });
  for (const [verb, time, what = "", ...rest] of lines) {
    if (verb === "end") world.runTo(seconds(Number(time)));
    if (verb !== "at") continue;
    world.runTo(seconds(Number(time)));
    trace.push(`${stamp(world.now)}  ${[what, ...rest].join(" ")}`);
    happen(world, settings, [what, ...rest]);
  }
  return trace;
}

function happen(world: World, settings: Map<string, RouterSettings>, words: readonly string[]): void {
  const [what = "", a = "", ...rest] = words;
  const [b = ""] = rest;
  if (what === "cut") world.cut(a, b);
  else if (what === "heal") world.heal(a, b);
  else if (what === "crash") world.crash(a);
  else if (what === "reboot") world.reboot(a);
  else {
    const event = eventOf(what, settings.get(a) ?? settingsWith(), rest);
    if (event.kind === "reconfigured") settings.set(a, event.settings);
    world.happens(a, event);
  }
}

function eventOf(what: string, settings: RouterSettings, rest: readonly string[]): RouterEvent {
  const [value = ""] = rest;
  switch (what) {
    case "start":
      return { kind: "started" };
    case "stop":
      return { kind: "stopped" };
    case "fault":
      return { kind: "fault-raised", fault: value as Fault };
    case "clear":
      return { kind: "fault-cleared", fault: value as Fault };
    case "priority":
      return { kind: "priority-changed", priority: Number(value) };
    case "reload":
      return { kind: "reconfigured", settings: optioned(settings, rest) };
    default:
      throw new Error(`a scenario knows no "${what}"`);
  }
}

function nodePlan(name = "", address = "", options: readonly string[]): NodePlan {
  return { name, address: ip(address), settings: optioned(settingsWith(), options) };
}

function optioned(base: RouterSettings, options: readonly string[]): RouterSettings {
  let settings = base;
  for (const option of options) {
    const [key = "", value = ""] = option.split("=");
    settings = { ...settings, ...withOption(settings, key, Number(value)) };
  }
  return settings;
}

function withOption({ announcements }: RouterSettings, key: string, value: number): Partial<RouterSettings> {
  switch (key) {
    case "version":
      return { version: value === 2 ? 2 : 3 };
    case "priority":
      return { priority: value };
    case "advert_int":
      return { advertInterval: seconds(value) };
    case "nopreempt":
      return { preempt: false };
    case "preempt_delay":
      return { preemptDelay: seconds(value) };
    case "startup_delay":
      return { startupDelay: seconds(value) };
    case "garp_master_refresh":
      return { announcements: { ...announcements, masterRefresh: seconds(value) } };
    default:
      throw new Error(`a scenario knows no option "${key}"`);
  }
}

/** Adverts that come when they are due, and adverts that confirm what a router knows, are not worth a line. */
function told({ at, node, before, event, next, actions }: Stepped): string[] {
  const routine = actions.every(({ kind }) => kind === "send-advert") && event.kind === "tick";
  const said = routine ? [] : actions.map(words);
  const plans = deadlineWords(before.state.kind, next.state.kind, nextDeadline(next));
  const heard = event.kind === "advert-received" ? `hears ${event.priority} from ${event.from}` : event.kind;
  const notable = said.length > 0 || causeOf(before) !== causeOf(next);
  if (!notable) return [];
  const outcome = said.length > 0 ? said.join(", ") : `waits until ${stamp(nextDeadline(next) ?? 0).trim()}`;
  return [`${stamp(at)}    ${node} ${heard}: ${outcome}${plans}`];
}

function causeOf({ state }: Stepped["next"]): string | undefined {
  return state.kind === "BACKUP" ? state.cause : undefined;
}

function deadlineWords(from: string, to: string, deadline: Millis | undefined): string {
  return to === "BACKUP" && from !== "BACKUP" ? ` until ${stamp(deadline ?? 0).trim()}` : "";
}

function words(action: Action): string {
  switch (action.kind) {
    case "send-advert":
      return `advertises ${action.priority}`;
    case "bind":
    case "unbind":
      return `${action.kind}s`;
    case "announce":
      return `announces (${action.burst})`;
    case "announce-source":
      return "announces its own address";
    case "transition":
      return `${action.from} → ${action.to} (${reasonWords(action.reason)})`;
    case "handing-over":
      return "hands over";
    case "handover-failed":
      return "goes on, as nobody took over";
    case "lower-priority-heard":
      return `reports ${action.priority} from ${action.from}`;
    case "interval-learned":
      return `learns ${action.interval} ms${action.capped ? ", its cap" : ""}`;
  }
}

function reasonWords(reason: Extract<Action, { kind: "transition" }>["reason"]): string {
  switch (reason.kind) {
    case "took-over":
      return reason.cause;
    case "yielded":
      return `yielded to ${reason.priority} from ${reason.to}`;
    case "handed-over":
      return `handed over to ${reason.to}`;
    case "gave-up":
      return `gave up to ${reason.holder}`;
    case "followed-group":
      return `followed ${reason.member}`;
    case "fault":
      return reason.faults.join(", ");
    case "started":
    case "owner":
    case "stopped":
    case "nobody-took-over":
    case "fault-over":
      return reason.kind;
  }
}

/** Seconds with microseconds, aligned. */
function stamp(at: number): string {
  return (millis(at) / 1000).toFixed(6).padStart(11);
}
