import type { TrackConfig } from "../config/track-config.ts";
import type { Health } from "./counter.ts";

/** What is known of a tracker: nothing yet, its health, or the number that its file holds. */
export type TrackerState =
  | { readonly kind: "unknown" }
  | { readonly kind: Health }
  | { readonly kind: "value"; readonly value: number };

/** What trackers do to an instance. */
export interface Influence {
  /** Added to the base priority; the core keeps the sum within 1..254, and an owner at 255. */
  readonly shift: number;
  /** Trackers that keep the instance in FAULT, by name. */
  readonly faults: readonly string[];
  /** Trackers of weight 0 that have not reported yet; keepalived does not start an instance before they have. */
  readonly pending: readonly string[];
}

/** One file may shift so far; what falls below it is a FAULT. */
const FILE_SHIFT_MAX = 253;
/** keepalived reads greater numbers in a file as this. */
const FILE_VALUE_MAX = 254;

/** Adds up what the trackers of one instance do to it, as keepalived does. */
export function influenceOf(
  tracked: readonly TrackConfig[],
  stateOf: (name: string) => TrackerState,
): Influence {
  const effects = tracked.map((tracker) => ({
    name: tracker.name,
    effect: effectOf(tracker, stateOf(tracker.name)),
  }));
  const named = (kind: Effect["kind"]) =>
    effects.filter(({ effect }) => effect.kind === kind).map(({ name }) => name);
  return {
    shift: effects.reduce((sum, { effect }) => (effect.kind === "shift" ? sum + effect.by : sum), 0),
    faults: named("fault"),
    pending: named("pending"),
  };
}

type Effect = { readonly kind: "shift"; readonly by: number } | { readonly kind: "fault" | "pending" };

const NONE: Effect = { kind: "shift", by: 0 };
const FAULT: Effect = { kind: "fault" };

function effectOf(tracker: TrackConfig, state: TrackerState): Effect {
  switch (state.kind) {
    case "unknown":
      return tracker.weight === 0 ? { kind: "pending" } : NONE;
    case "up":
    case "down":
      return effectOfHealth(state.kind === "up", tracker);
    case "value":
      return effectOfValue(state.value, tracker);
  }
}

/** A positive weight rewards what is up, a negative one punishes what is down; `reverse` turns the sign. */
function effectOfHealth(isUp: boolean, { weight, reverse }: TrackConfig): Effect {
  if (weight === 0) return isUp === reverse ? FAULT : NONE;
  return isUp === weight > 0 ? { kind: "shift", by: reverse ? -weight : weight } : NONE;
}

function effectOfValue(value: number, { weight, reverse }: TrackConfig): Effect {
  if (weight === 0) return (value !== 0) === reverse ? NONE : FAULT;
  const clamped = Math.min(FILE_VALUE_MAX, Math.max(-FILE_VALUE_MAX, value));
  const by = clamped * weight * (reverse ? -1 : 1);
  return by < -FILE_SHIFT_MAX ? FAULT : { kind: "shift", by: Math.min(FILE_SHIFT_MAX, by) };
}
