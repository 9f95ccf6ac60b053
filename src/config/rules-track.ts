import { configError, configWarning, type Mistake } from "./mistake.ts";
import { FILE_WEIGHT_MAX, targetShape, trackListSchema, WEIGHT_MAX } from "./schema-track.ts";
import type { InstanceSketch } from "./sketch.ts";
import { closest } from "./suggest.ts";
import { isMap } from "./value.ts";

const TARGETS = Object.keys(targetShape);

/** Options that mean something to some kinds of tracker only. */
const KINDS_OF_OPTION: Readonly<Record<string, readonly string[]>> = {
  user: ["script"],
  group: ["script"],
  status: ["http"],
  body: ["http"],
  tls_verify: ["http"],
  tls_expiry: ["http"],
  count: ["ping"],
  loss: ["ping"],
  quorum: ["process"],
  interval: TARGETS.filter((target) => target !== "interface"),
  timeout: TARGETS.filter((target) => target !== "interface"),
  rise: TARGETS.filter((target) => target !== "interface" && target !== "file"),
  fall: TARGETS.filter((target) => target !== "interface" && target !== "file"),
  init_fail: TARGETS.filter((target) => target !== "interface" && target !== "file"),
};

type RawMap = Readonly<Record<string, unknown>>;

/** What is wrong with trackers, and with what instances say of them. */
export function trackMistakes(
  document: unknown,
  instances: ReadonlyMap<string, InstanceSketch>,
): readonly Mistake[] {
  const raw = isMap(document) && isMap(document["track"]) ? document["track"] : {};
  const lists = listsOf(document, instances);
  return [
    ...Object.entries(raw).flatMap(([name, tracker]) =>
      isMap(tracker) ? trackerMistakes(name, tracker) : [],
    ),
    ...lists.flatMap((list) => listMistakes(list, raw)),
    ...unused(raw, lists),
  ];
}

/** A list `track`, with the entries that are sound; undefined where none could be read. */
interface TrackList {
  readonly path: Mistake["path"];
  readonly entries: InstanceSketch["track"];
}

function listsOf(document: unknown, instances: ReadonlyMap<string, InstanceSketch>): readonly TrackList[] {
  const groups = isMap(document) && isMap(document["vrrp_sync_group"]) ? document["vrrp_sync_group"] : {};
  return [
    ...[...instances].map(([name, { track }]) => ({
      path: ["vrrp_instance", name, "track"],
      entries: track,
    })),
    ...Object.entries(groups).map(([name, group]) => ({
      path: ["vrrp_sync_group", name, "track"],
      entries: trackListSchema.safeParse(isMap(group) ? group["track"] : undefined).data,
    })),
  ];
}

function trackerMistakes(name: string, tracker: RawMap): readonly Mistake[] {
  const path = ["track", name];
  const targets = TARGETS.filter((target) => Object.hasOwn(tracker, target));
  const [kind] = targets;
  if (kind === undefined) {
    return [configError(path, "there is nothing to look at", `write one of ${TARGETS.join(", ")}`, "key")];
  }
  if (targets.length > 1) {
    const message = `${targets.join(" and ")} exclude each other`;
    return [configError(path, message, "keep one, and make a tracker of its own of each other", "key")];
  }
  const strangers = Object.keys(tracker).filter(
    (option) => Object.hasOwn(KINDS_OF_OPTION, option) && !KINDS_OF_OPTION[option]?.includes(kind),
  );
  return [
    ...strangers.map((option) =>
      configError([...path, option], `means nothing to a tracker with ${kind}`, "remove it", "key"),
    ),
    ...groupAlone(path, tracker),
    ...weightMistakes([...path, "weight"], tracker["weight"], kind),
  ];
}

/** keepalived takes a group behind a user only. */
function groupAlone(path: readonly string[], tracker: RawMap): readonly Mistake[] {
  if (!Object.hasOwn(tracker, "group") || Object.hasOwn(tracker, "user")) return [];
  return [configError([...path, "group"], "there is no user beside it", "write user too", "key")];
}

function weightMistakes(path: Mistake["path"], weight: unknown, kind: string): readonly Mistake[] {
  if (typeof weight !== "number" || kind === "file" || Math.abs(weight) <= WEIGHT_MAX) return [];
  if (Math.abs(weight) > FILE_WEIGHT_MAX) return [];
  const message = `${weight} is beyond ${WEIGHT_MAX}, the most for anything but a file`;
  return [configError(path, message, `write a whole number from -${WEIGHT_MAX} to ${WEIGHT_MAX}`)];
}

function listMistakes({ path: list, entries = [] }: TrackList, trackers: RawMap): readonly Mistake[] {
  const seen = new Set<string>();
  return entries.flatMap((entry, index) => {
    if (!entry) return [];
    const path = [...list, index];
    const { name } = entry;
    if (seen.has(name)) return [configError(path, `${name} is in the list twice`, "keep one of the two")];
    seen.add(name);
    const tracker = Object.hasOwn(trackers, name) ? trackers[name] : undefined;
    if (tracker === undefined) return [unknownTracker(path, name, trackers)];
    const kind = isMap(tracker) ? TARGETS.find((target) => Object.hasOwn(tracker, target)) : undefined;
    return kind === undefined ? [] : weightMistakes([...path, "weight"], entry.weight, kind);
  });
}

function unknownTracker(path: Mistake["path"], name: string, trackers: RawMap): Mistake {
  const names = Object.keys(trackers);
  const meant = closest(name, names);
  const fix = meant
    ? `did you mean ${meant}?`
    : `write track: at the top of the file with ${name} in it, such as track: { ${name}: { tcp: 127.0.0.1:80 } }`;
  return configError(path, `there is no tracker ${name}`, fix);
}

function unused(trackers: RawMap, lists: readonly TrackList[]): readonly Mistake[] {
  // A list that could not be read may hold any name.
  if (lists.some(({ entries }) => entries === undefined || entries.includes(undefined))) return [];
  const used = new Set(lists.flatMap(({ entries = [] }) => entries.map((entry) => entry?.name)));
  return Object.keys(trackers)
    .filter((name) => !used.has(name))
    .map((name) =>
      configWarning(
        ["track", name],
        "no instance tracks it, so it is not looked at",
        `write track: [${name}] in an instance, or remove it`,
        "key",
      ),
    );
}
