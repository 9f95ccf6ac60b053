import * as z from "zod";
import { hostAddress } from "./address.ts";
import { duration } from "./duration.ts";
import { filePath, interfaceName, shownName } from "./name.ts";
import { flag, integer, type Reading, readText } from "./option.ts";
import { command, userName } from "./schema-program.ts";

/** keepalived's range: more could not change an order of priorities. */
export const WEIGHT_MAX = 253;
/** A file may say so much at once. */
export const FILE_WEIGHT_MAX = 254;
const COUNT_MAX = 1_000;
const INTERVAL_MAX_SECONDS = 3600;

/** What a tracker looks at: exactly one of these, by which its kind is known. */
export const targetShape = {
  script: command({
    description:
      "A program: exit code 0 is a success. It runs without a shell, in a process group of its own.",
    why: "It is refused when others than root and its user could replace it.",
    example: "/etc/cloudvip/check.sh --fast",
  }).optional(),
  tcp: readText("a host and a port, such as 10.0.0.4:80", readHostAndPort, {
    description: "A TCP port that takes connections.",
    why: "Proves that a program listens, not that it works.",
    example: "127.0.0.1:3306",
  }).optional(),
  http: readText("a URL, such as http://127.0.0.1/health", readUrl, {
    description: "A page that answers a GET; a redirect is not followed.",
    why: "The best check of a web server is a page that needs all that the service needs.",
    example: "http://127.0.0.1/health",
  }).optional(),
  ping: hostAddress({
    description: "A host that answers pings (ICMP), such as the gateway.",
    why: "Tells a node that lost its network from one whose peer did.",
    example: "10.0.0.1",
  }).optional(),
  process: shownName("the name of a process", {
    description:
      "A running process, by the name that `ps -e` shows; the kernel compares its first 15 characters.",
    why: "Proves least of all: a process that hangs is there too.",
    example: "nginx",
  }).optional(),
  file: filePath({
    description: "A file that holds a number, which is multiplied by the weight; missing or empty is 0.",
    why: "For programs that know how well they are, and for people: echo 1 > FILE takes a node out.",
    example: "/run/cloudvip/priority",
  }).optional(),
  interface: interfaceName({
    description: "A network interface that is up.",
    why: "The instance's own interface is watched without being asked.",
    example: "eth1",
  }).optional(),
};

const scheduleShape = {
  interval: duration(
    { min: 0.01, max: INTERVAL_MAX_SECONDS },
    { description: "From one look to the next.", why: "With fall it decides how soon a failure counts." },
  ).prefault(1),
  timeout: duration(
    { min: 0.01, max: INTERVAL_MAX_SECONDS },
    {
      description: "A look without an answer by then has failed; a script is killed with all it started.",
      why: "Looks never overlap: what takes longer than the interval skips a turn.",
      defaultText: "interval",
      example: 1,
    },
  ).optional(),
  rise: integer(
    { min: 1, max: COUNT_MAX },
    { description: "Successes in a row that make it up.", why: "The very first result decides at once." },
  ).default(1),
  fall: integer(
    { min: 1, max: COUNT_MAX },
    {
      description: "Failures in a row that make it down.",
      why: "More than 1 forgives a single lost answer.",
    },
  ).default(1),
  init_fail: flag({
    description: "Down at the start, until it has succeeded rise times.",
    why: "For a service that needs proof before it may have the addresses.",
  }).default(false),
};

const weightShape = {
  weight: integer(
    { min: -FILE_WEIGHT_MAX, max: FILE_WEIGHT_MAX },
    {
      description: `0: FAULT while it is down. -30: 30 less priority while it is down. 30: 30 more while it is up. At most ${WEIGHT_MAX}, of a file ${FILE_WEIGHT_MAX}.`,
      why: "A node in FAULT never takes over; one with less priority does when nobody better is there.",
      defaultText: "0, of a file 1",
      example: -30,
    },
  ).optional(),
  reverse: flag({
    description: "What is up counts as down, and the other way round.",
    why: "For something that must not be there, such as a maintenance page.",
  }).default(false),
};

const ownShape = {
  user: userName({
    description: "script: the user that runs it, by name or number.",
    why: "A check rarely needs to be root; only an agent that runs as root can change the user.",
    defaultText: "the agent's own",
    example: "nobody",
  }).optional(),
  group: userName({
    description: "script: the group that runs it.",
    why: "Only with user.",
    defaultText: "the user's own",
    example: "nogroup",
  }).optional(),
  status: readText("a status or a range, such as 200 or 200-299", readStatus, {
    description: "http: the status that is well, or a range.",
    why: "A redirect or a login page is no proof of health.",
    defaultText: "200-299",
    example: "200-399",
  }).optional(),
  body: shownText("http: text that the answer must hold, within its first 64 KiB.", "none", "ok").optional(),
  tls_verify: flag({
    description: "http: refuse a certificate that no known authority vouches for.",
    why: "false for a certificate of your own; its end is still watched.",
    defaultText: "true",
    example: true,
  }).optional(),
  tls_expiry: integer(
    { min: 0, max: 3650 },
    {
      description: "http: days before its certificate expires that a warning is written.",
      why: "A certificate that expired is an outage with a date.",
      defaultText: "14",
      example: 14,
    },
  ).optional(),
  count: integer(
    { min: 1, max: 100 },
    {
      description: "ping: echo requests of one look.",
      why: "Several make a share of lost ones meaningful.",
      defaultText: "5",
      example: 10,
    },
  ).optional(),
  loss: integer(
    { min: 1, max: 100 },
    {
      description: "ping: the percentage of lost ones that is a failure.",
      why: "100: only when none is answered.",
      defaultText: "80",
      example: 80,
    },
  ).optional(),
  quorum: integer(
    { min: 1, max: 65_535 },
    {
      description: "process: so many of them must run.",
      why: "For servers with several workers.",
      defaultText: "1",
      example: 1,
    },
  ).optional(),
};

/** The options of one tracker by name, in the order of the reference file. */
export const trackerShape = { ...targetShape, ...scheduleShape, ...weightShape, ...ownShape };

export const trackerSchema = z.strictObject(trackerShape).meta({
  description: "One thing whose health decides.",
  expects: "a map such as { http: http://127.0.0.1/health, weight: -30 }",
});

const trackName = shownName("the name of an entry of track", {
  description: "The name of an entry of track at the top of the file.",
  why: "One tracker may serve several instances.",
  example: "chk_nginx",
});

/** `track` of an instance. */
export const trackListSchema = z
  .array(
    z
      .union([
        trackName.transform((name): TrackDocument => ({ name })),
        z.strictObject({
          name: trackName,
          weight: weightShape.weight,
          reverse: flag({
            description: "As in the tracker.",
            why: "For this instance alone.",
            defaultText: "the tracker's",
          }).optional(),
        }),
      ])
      .meta({ expects: "a name, or { name: chk_nginx, weight: -30 }" }),
  )
  .meta({
    description:
      "The trackers that concern this instance, by name. The long form { name: chk_nginx, weight: -30, reverse: true } gives one another weight here.",
    why: "Without trackers a server that is up but useless keeps the addresses.",
    expects: "a list of names of trackers, such as [chk_nginx]",
  })
  .prefault([]);

export interface TrackDocument {
  readonly name: string;
  readonly weight?: number | undefined;
  readonly reverse?: boolean | undefined;
}

function shownText(description: string, defaultText: string, example: string) {
  return z.string().min(1).max(1000).meta({
    description,
    why: "A server may answer 200 with an error page.",
    defaultText,
    example,
    expects: "text",
  });
}

function readHostAndPort(text: string): Reading<{ readonly host: string; readonly port: number }> {
  const [, host, port] = /^([\w.-]{1,253}):(\d{1,5})$/.exec(text) ?? [];
  if (host !== undefined && Number(port) >= 1 && Number(port) <= 65_535)
    return { ok: true, value: { host, port: Number(port) } };
  return {
    ok: false,
    message: `${JSON.stringify(text.slice(0, 60))} is no host and port`,
    fix: "write an address or a name, a colon and a port, such as 127.0.0.1:80",
  };
}

function readUrl(text: string): Reading<string> {
  const fix = "write a URL such as http://127.0.0.1/health";
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    return { ok: false, message: `${JSON.stringify(text.slice(0, 60))} is no http or https URL`, fix };
  }
  if (url.username !== "" || url.password !== "")
    return { ok: false, message: "a health check's URL must hold no password", fix: "remove it" };
  return { ok: true, value: url.href };
}

function readStatus(text: string): Reading<{ readonly min: number; readonly max: number }> {
  const [, from, to] = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(text) ?? [];
  const value = { min: Number(from), max: Number(to ?? from) };
  if (from !== undefined && value.min <= value.max) return { ok: true, value };
  return {
    ok: false,
    message: `${JSON.stringify(text.slice(0, 40))} is no status and no range of them`,
    fix: 'write it in quotes, such as "200" or "200-399"',
  };
}
