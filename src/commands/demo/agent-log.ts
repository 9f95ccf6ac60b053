import type { InstanceEvent } from "../../agent/events.ts";
import { type Millis, millis } from "../../base/units.ts";
import type { Fact, NodeName } from "./facts.ts";

/** One line of an agent's log, as far as the demo reads it. */
type LogLine = { readonly time: string } & (
  | LineAbout<"transition">
  | LineAbout<"serving">
  | LineAbout<"lower-priority-heard">
  | LineAbout<"cloud-ready">
  | LineAbout<"cloud-repair">
  | { readonly event: "" }
);

type LineAbout<Kind extends InstanceEvent["kind"]> = { readonly event: Kind } & Omit<
  Extract<InstanceEvent, { kind: Kind }>,
  "kind"
>;

/**
 * What a line of an agent's JSON log tells the demo; undefined when it tells nothing of interest. Both are of the same
 * version, so the line is believed to have its form.
 *
 * @param startedAt the demo's beginning, in milliseconds since 1970
 */
export function factOf(
  text: string,
  node: NodeName,
  startedAt: number,
): Extract<Fact, { readonly at: Millis }> | undefined {
  const line = JSON.parse(text) as LogLine;
  const at = millis(Date.parse(line.time) - startedAt);
  switch (line.event) {
    case "transition":
      return { kind: "transition", node, at, from: line.from, to: line.to, reason: line.reason };
    case "serving":
      return { kind: "serving", node, at, phases: line.phases };
    case "lower-priority-heard":
      return { kind: "reasserted", node, at };
    case "cloud-ready":
      return { kind: "ready", node, at };
    case "cloud-repair":
      return { kind: "repair", node, at };
    default:
      return undefined;
  }
}
