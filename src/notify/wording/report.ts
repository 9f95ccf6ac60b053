import {
  isTransition,
  type Notification,
  type NotifiedEvent,
  PHASE_NAMES,
  type Phases,
  type Severity,
} from "../notification.ts";
import { reaches } from "../severity.ts";
import { cutCharacters } from "../text.ts";
import { chinese } from "./chinese.ts";
import { english } from "./english.ts";
import { addressesOf, type Label, type Language, type Phrases, whereOf } from "./phrases.ts";

/** A notification in one language, for people; how it is laid out is the channel's. */
export interface Report {
  readonly severity: Severity;
  /** Stands alone, as in a push message. */
  readonly title: string;
  /** What happened, where and why, who had it before, how long it took, what to do next. */
  readonly facts: readonly ReportFact[];
  /** Such as `2026-11-20 12:00:00 UTC`. */
  readonly time: string;
}

export interface ReportFact {
  readonly label: string;
  readonly value: string;
}

/** Enough for any sentence of ours with a cloud's error in it. */
const VALUE_CHARACTERS_MAX = 2_000;
/** What a check printed beyond this is in the journal. */
const CHECK_OUTPUT_MAX = 300;
/** The failed checks of an instance; more would push the advice out of sight. */
const SHOWN_CHECKS_MAX = 3;

export const PHRASES: Readonly<Record<Language, Phrases>> = { en: english, zh: chinese };

/** One for each notification, except that a failover's phases are told in the message of its takeover when both are there. */
export function reportsOf(notifications: readonly Notification[], language: Language): readonly Report[] {
  const phrases = PHRASES[language];
  const reports: Report[] = [];
  for (let index = 0; index < notifications.length; ) {
    const notification = notifications[index] as Notification;
    // One of an instance, and one of each instance of a sync group.
    const servings = leading(notifications.slice(index + 1), (next) => belongTogether(notification, next));
    const phases = [notification, ...servings].map(({ event }) => phasesOf(event)).filter(isDefined);
    reports.push(reportOf(notification, phases.length === 0 ? undefined : longest(phases), phrases));
    index += 1 + servings.length;
  }
  return reports;
}

function leading<T>(items: readonly T[], belongs: (item: T) => boolean): readonly T[] {
  const end = items.findIndex((item) => !belongs(item));
  return end < 0 ? items : items.slice(0, end);
}

function isDefined<T>(value: T | undefined): value is T {
  return value !== undefined;
}

/** A group is through when its last instance is. */
function longest(each: readonly Phases[]): Phases {
  const times = PHASE_NAMES.flatMap((name) => {
    const all = each.map((phases) => phases[name]).filter(isDefined);
    return all.length === 0 ? [] : [[name, Math.max(...all)] as const];
  });
  return Object.fromEntries(times);
}

function belongTogether(takeover: Notification, { event, instance }: Notification): boolean {
  if (!isTransition(takeover.event) || takeover.event.to !== "MASTER" || event.kind !== "serving")
    return false;
  return takeover.group
    ? takeover.group.name === instance?.syncGroup
    : takeover.instance?.name === instance?.name;
}

function reportOf(notification: Notification, phases: Phases | undefined, phrases: Phrases): Report {
  const { event, instance, group, node, severity, repeated } = notification;
  const about = group ?? instance ?? undefined;
  const where = whereOf(notification);
  const time = `${notification.at.slice(0, 19).replace("T", " ")} UTC`;
  const repetition = repeated > 0 ? ` (${phrases.repeated(repeated)})` : "";
  const lines: readonly (readonly [Label, string | undefined])[] = [
    ["why", `${phrases.why(event)}${repetition}`],
    ["node", node],
    [
      "instance",
      instance ? `${instance.name} (VRID ${instance.virtualRouterId}, ${instance.interfaceName})` : undefined,
    ],
    ["group", group === undefined ? undefined : `${group.name} (${group.instances.join(", ")})`],
    ["addresses", about && addressesOf(about)],
    ...transitionLines(event, phrases),
    ["phases", phases && phasesInWords(phases, phrases)],
    ["time", time],
    ["advice", phrases.advice(event, where)],
  ];
  const facts = lines.flatMap(([label, value]) =>
    value === undefined
      ? []
      : [{ label: phrases.labels[label], value: cutCharacters(value, VALUE_CHARACTERS_MAX) }],
  );
  return { severity, title: phrases.title(event, where), facts, time };
}

function transitionLines(
  event: NotifiedEvent,
  phrases: Phrases,
): readonly (readonly [Label, string | undefined])[] {
  if (!isTransition(event)) return [];
  const { previousOwner, heldForMs, silentForMs, checks, from } = event;
  const duration = (ms: number | null) => (ms === null ? undefined : phrases.duration(ms));
  const held = duration(heldForMs);
  return [
    ["before", previousOwner ? `${previousOwner.address} (${previousOwner.priority})` : undefined],
    ["silence", duration(silentForMs)],
    ["held", held && `${from}, ${held}`],
    ...checks
      .slice(0, SHOWN_CHECKS_MAX)
      .map(
        ({ name, ok, output }) =>
          ["check", `${name} ${phrases.check(ok)}: ${output.slice(0, CHECK_OUTPUT_MAX)}`] as const,
      ),
  ];
}

function phasesOf(event: NotifiedEvent): Phases | undefined {
  return event.kind === "serving" ? event.phases : undefined;
}

/** Claim and verify run beside bind and announce, so the parts do not add up to the whole. */
function phasesInWords(phases: Phases, phrases: Phrases): string {
  return PHASE_NAMES.flatMap((name) => {
    const time = phases[name];
    return time === undefined ? [] : [`${phrases.phases[name]} ${phrases.duration(time)}`];
  }).join(", ");
}

/** The severity of several reports together. */
export function worstOf(reports: readonly Report[]): Severity {
  return reports.reduce<Severity>(
    (worst, { severity }) => (reaches(severity, worst) ? severity : worst),
    "info",
  );
}
