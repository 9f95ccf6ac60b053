/** What the demo says while it runs. Lines keep to 80 columns. */
import type { Millis } from "../../base/units.ts";
import { formatDuration } from "../../config/duration.ts";
import { reasonInWords } from "../../notify/wording/english.ts";
import { backupWait, farewellWait } from "../../vrrp/timers.ts";
import { STATE_STYLES } from "../status-parts.ts";
import { routerSettings, VERIFY_INTERVAL } from "./agent-config.ts";
import { type Fact, NODES, VIRTUAL_ADDRESS } from "./facts.ts";
import type { Paint } from "./paint.ts";
import { type Gap, gapLength } from "./ping-record.ts";
import type { Playground } from "./surroundings.ts";

interface Style {
  /** The time that the lines count from. */
  readonly since: Millis;
  readonly paint: Paint;
}

/** One line about something that happened; undefined for what others tell already. */
export function lineAbout(
  fact: Exclude<Fact, { kind: "reading" | "answered" }>,
  style: Style,
): string | undefined {
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
    case "ready":
      return line(fact, fact.node, "        rehearsed a claim: it could take over now", style);
    case "owner":
      return line(
        fact,
        "cloud ",
        `        sends ${VIRTUAL_ADDRESS} to ${style.paint("bold", fact.owner)} now`,
        style,
      );
    case "repair":
      return line(fact, fact.node, "        sees it elsewhere in the cloud, and claims it again", style);
    case "serving":
      return lineAboutClaim(fact, style);
  }
}

function lineAboutClaim(fact: Extract<Fact, { kind: "serving" }>, style: Style): string | undefined {
  const { claim, verify } = fact.phases;
  if (claim === undefined || verify === undefined) return undefined;
  const [claimed, verified] = [claim, verify].map((time) => `${time.toFixed(0)} ms`);
  return line(fact, fact.node, `        claimed it in ${claimed}, and saw it verified in ${verified}`, style);
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
  {
    advertInterval,
    pingInterval,
    hasCloud,
  }: { readonly advertInterval: Millis; readonly pingInterval: Millis; readonly hasCloud: boolean },
): string[] {
  const cast = [
    `Two agents share the address ${VIRTUAL_ADDRESS}, and tell each other every ${formatDuration(advertInterval)} that`,
    `they live. A client pings the address every ${formatDuration(pingInterval)}. It takes some ${hasCloud ? 20 : 15} s.`,
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
  return [
    `cloudvip on real packets, in network namespaces ${place}.`,
    "",
    ...cast,
    ...(hasCloud ? CLOUD : NO_CLOUD),
  ];
}

const CLOUD = [
  "The cloud is an emulated AWS: pings go where its API says that the address is,",
  "and gratuitous ARP moves nothing, as in a VPC. The agents speak the real SDK.",
];
const NO_CLOUD = ["Without a cloud: demo-cloud.js, which `npm run build` makes, is not there."];

/** What the figures come from, and where to go on. */
export function closingWords(advertInterval: Millis, { hasCloud }: { readonly hasCloud: boolean }): string[] {
  const settings = routerSettings("node-b", advertInterval);
  const router = { settings, priority: settings.priority };
  const heard = { master: NODES["node-a"], masterAdvertInterval: advertInterval };
  const silence = formatDuration(backupWait(router, heard));
  const farewell = farewellWait(router, advertInterval);
  return [
    `node-b waits for ${settings.downTimerAdverts} adverts since the last one, ${silence}; after a goodbye ${farewell > 0 ? formatDuration(farewell) : "for none"}.`,
    ...(hasCloud ? LOOKS : []),
    "Another pace: cloudvip demo --advert-int 0.03, npm start -- --advert-int 0.03",
    "Two servers of your own: begin with conf/examples/pair-a.yaml and pair-b.yaml.",
  ];
}

const LOOKS = [
  `Here the MASTER asks the cloud every ${VERIFY_INTERVAL} s, by default 10 s (verify_interval).`,
  "A script that runs when the state changes would not have looked again.",
];

/** What is done to the group. */
export function headline(number: number, text: string, paint: Paint): string {
  return paint("bold", `${number}  ${text}`);
}

function line({ at }: { readonly at: Millis }, who: string, what: string, { since, paint }: Style): string {
  const time = `+${Math.max(0, at - since).toFixed(0)} ms`.padStart(10);
  return `${paint("dim", time)}  ${who}  ${what}`;
}
