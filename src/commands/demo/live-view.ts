/** The part of the screen that stays: one line for each agent, one for the client. At most 80 columns. */
import { type Millis, millis } from "../../base/units.ts";
import { STATE_STYLES } from "../status-parts.ts";
import { NODE_NAMES, type NodeName, VIRTUAL_ADDRESS } from "./facts.ts";
import { HEARD_WITHIN } from "./in-order.ts";
import type { Paint } from "./paint.ts";
import type { Scene } from "./scene.ts";

/** How much of the past the client's line shows: enough for a gap and the calm around it. */
const CELL_MS = 60;
const CELLS = 44;

export function liveView(
  scene: Scene,
  { now, paint }: { readonly now: Millis; readonly paint: Paint },
): string[] {
  return ["", ...NODE_NAMES.map((name) => nodeLine(name, scene, paint)), clientLine(scene, now, paint)];
}

function nodeLine(name: NodeName, scene: Scene, paint: Paint): string {
  const node = scene.node(name);
  if (node.condition === "off" || node.condition === "stopped") {
    return `  ${name}  ${paint("dim", node.condition === "off" ? "not started yet" : "stopped")}`;
  }
  const state = paint(STATE_STYLES[node.state], node.state.padEnd(6));
  const address = (node.bound ? VIRTUAL_ADDRESS : "").padEnd(VIRTUAL_ADDRESS.length);
  const adverts = `adverts: ${count(node.advertsSent)} sent ${count(node.advertsHeard)} heard`;
  const cut = node.condition === "cut off" ? `  ${paint("red", "cut off")}` : "";
  const cloud = scene.owner === undefined ? "" : (scene.owner === name ? "in cloud" : "").padEnd(10);
  return `  ${name}  ${state}  ${address}  ${cloud}${adverts}${cut}`;
}

function count(value: number): string {
  return String(value).padStart(4);
}

/** The last seconds of the client's life, the newest on the right. */
function clientLine({ pings }: Scene, now: Millis, paint: Paint): string {
  const end = now - HEARD_WITHIN - CELL_MS;
  const cells = Array.from({ length: CELLS }, (_, index) => {
    const from = end - (CELLS - index) * CELL_MS;
    return CELL[pings.between(millis(from), millis(from + CELL_MS))](paint);
  });
  const counts = `${pings.answered} answers`;
  const lost = pings.lost > 0 ? `, ${pings.lost} lost` : "";
  return `  client  ${cells.join("")}  ${counts}${lost}`;
}

const CELL = {
  nothing: () => " ",
  answers: (paint: Paint) => paint("green", "━"),
  silence: (paint: Paint) => paint("red", "·"),
} as const;
