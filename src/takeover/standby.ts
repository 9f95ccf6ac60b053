/** Not MASTER: rehearses, so that people hear today why a failover would fail tomorrow. */
import type { Millis } from "../base/units.ts";
import type { TakeoverAction } from "./actions.ts";
import { startCall } from "./call.ts";
import type { AnswerEvent } from "./events.ts";
import { onStandby, type TakeoverStep } from "./modes.ts";
import type { Standby, Takeover } from "./state.ts";

export function whileOnStandby(
  takeover: Takeover,
  mode: Standby,
  event: AnswerEvent,
  now: Millis,
): TakeoverStep {
  switch (event.kind) {
    case "tick": {
      if (mode.call !== undefined || now < mode.at) return [takeover, []];
      const [next, call] = startCall(takeover, mode, "rehearse");
      return [next, [call]];
    }
    case "rehearsed":
      return rehearsed(takeover, mode, event.obstacles, now);
    case "call-failed":
      return rehearsed(takeover, mode, [event.failure.message], now);
    case "claimed":
    case "ownership-read":
    case "doubt":
      return [takeover, []];
  }
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
