/** Not MASTER: rehearses, so that people hear today why a failover would fail tomorrow. */
import type { Millis } from "../base/units.ts";
import type { TakeoverAction } from "./actions.ts";
import { isDue, startCall } from "./call.ts";
import type { ModeEvent } from "./events.ts";
import { onStandby, type TakeoverStep } from "./modes.ts";
import type { Standby, Takeover } from "./state.ts";

export function whileOnStandby(
  takeover: Takeover,
  mode: Standby,
  event: ModeEvent,
  now: Millis,
): TakeoverStep {
  switch (event.kind) {
    case "tick":
      return isDue(mode, now) ? rehearse(takeover, mode, now) : [takeover, []];
    case "rehearsed":
      return rehearsed(takeover, mode, event.obstacles, now);
    case "call-failed":
      return rehearsed(takeover, mode, [event.failure.message], now);
    case "calls-lost":
      // The rehearsal also loads the SDK anew and opens its connections, which a failover must not have to wait for.
      return rehearse(takeover, mode, now);
    case "doubt":
      return event.cause === "reloaded" && mode.call === undefined
        ? rehearse(takeover, mode, now)
        : [takeover, []];
    case "claimed":
    case "ownership-read":
    case "woke-late":
      return [takeover, []];
  }
}

function rehearse(takeover: Takeover, mode: Standby, now: Millis): TakeoverStep {
  return startCall(takeover, mode, "rehearse", now);
}

/** Said when it changes, not every five minutes. */
function rehearsed(
  takeover: Takeover,
  mode: Standby,
  obstacles: readonly string[],
  now: Millis,
): TakeoverStep {
  const ready = obstacles.length === 0;
  const next = onStandby(takeover, ready, now);
  if (ready === mode.ready) return [next, []];
  const note: TakeoverAction = ready ? { kind: "cloud-ready" } : { kind: "cloud-not-ready", obstacles };
  return [next, [note]];
}
