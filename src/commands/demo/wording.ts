/** What the demo says while it runs. Lines keep to 80 columns. */
import { reasonInWords } from "../../agent/wording.ts";
import type { Millis } from "../../base/units.ts";
import { formatDuration } from "../../config/duration.ts";
import { backupWait, farewellWait } from "../../vrrp/timers.ts";
import { STATE_STYLES } from "../status-view.ts";
import { routerSettings } from "./agent-config.ts";
import { type Fact, NODES, VIRTUAL_ADDRESS } from "./facts.ts";
import type { Paint } from "./paint.ts";
import { type Gap, gapLength } from "./ping-record.ts";
import type { Playground } from "./surroundings.ts";

interface Style {
  /** The time that the lines count from. */
  readonly since: Millis;
  readonly paint: Paint;
}

/** One line about something that happened. */
export function lineAbout(fact: Extract<Fact, { kind: "transition" | "reasserted" }>, style: Style): string {
  switch (fact.kind) {
    case "transition":
      return line(
        fact,
        fact.node,
        `${style.paint(STATE_STYLES[fact.to], fact.to.padEnd(6))}  ${reasonInWords(fact.reason)}`,
        style,
      );
    case "reasserted":
      return line(fact, fact.node, "        hears the other one, and announces itself again", style);
  }
}

export function lineAboutFirstAnswer(at: Millis, style: Style): string {
  return line({ at }, "client", `gets answers from ${VIRTUAL_ADDRESS}`, style);
}

export function lineAboutGap(gap: Gap, style: Style): string {
  const pings = `${gap.lost} ping${gap.lost === 1 ? "" : "s"} lost`;
  const length = style.paint("bold", `${gapLength(gap).toFixed(0)} ms`);
  return line({ at: gap.to }, "client", `is answered again, after ${length} and ${pings}`, style);
}

/** What people are about to see; where nothing is real, that comes first. */
export function openingWords(
  where: Playground,
  { advertInterval, pingInterval }: { readonly advertInterval: Millis; readonly pingInterval: Millis },
): string[] {
  const cast = [
    `Two agents share the address ${VIRTUAL_ADDRESS}, and tell each other every ${formatDuration(advertInterval)} that`,
    `they live. A client pings the address every ${formatDuration(pingInterval)}. It takes some 15 s.`,
  ];
  if (where.kind === "none") {
    return [
      "SIMULATED: no packets, and computed times; only the election is the real one.",
      ...where.why.map((reason, index) => `${index === 0 ? "Why: " : "     "}${reason}`),
      "",
      ...cast,
    ];
  }
  const place = where.asRoot ? "of this machine" : "inside a user namespace";
  return [`cloudvip on real packets, in network namespaces ${place}.`, "", ...cast];
}

/** What the figures come from, and where to go on. */
export function closingWords(advertInterval: Millis): string[] {
  const settings = routerSettings("node-b", advertInterval);
  const router = { settings, priority: settings.priority };
  const heard = { master: NODES["node-a"], masterAdvertInterval: advertInterval };
  const silence = formatDuration(backupWait(router, heard));
  const farewell = farewellWait(router, advertInterval);
  return [
    `node-b waits for ${settings.downTimerAdverts} adverts since the last one, ${silence}; after a goodbye ${farewell > 0 ? formatDuration(farewell) : "for none"}.`,
    "Another pace: cloudvip demo --advert-int 0.03, npm start -- --advert-int 0.03",
    "Two servers of your own: begin with conf/examples/pair-a.yaml and pair-b.yaml.",
  ];
}

/** What is done to the group. */
export function headline(number: number, text: string, paint: Paint): string {
  return paint("bold", `${number}  ${text}`);
}

function line({ at }: { readonly at: Millis }, who: string, what: string, { since, paint }: Style): string {
  const time = `+${Math.max(0, at - since).toFixed(0)} ms`.padStart(10);
  return `${paint("dim", time)}  ${who}  ${what}`;
}
