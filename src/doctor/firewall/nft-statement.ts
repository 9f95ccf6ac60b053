/** Statements of rules in nft's JSON, libnftables-json(5), as steps. */
import { listIn, numberIn, objectIn, tagged, textIn } from "../json.ts";
import { fieldsIn, readBits, readChange, readKey, readPattern } from "./nft-expression.ts";
import { CT_STATUS_CLEAR } from "./packet.ts";
import { type Expression, MASQUERADE, type Pattern, type Step, type Test, type Verdict } from "./ruleset.ts";

/** The elements of a table's named sets and maps, as nft printed them. */
export type NamedSets = ReadonlyMap<string, NamedSet>;

export interface NamedSet {
  readonly elements: readonly unknown[];
  /** Rules add to it, or its elements have limits: what it holds when the advert comes is not known. */
  readonly changes: boolean;
}

/** A statement that reads what the packet may not have ends the rule, so it becomes two steps. */
export function readStatement(json: unknown, sets: NamedSets): readonly Step[] {
  const [kind, content] = tagged(json) ?? ["", undefined];
  return kind === "mangle" ? readMangle(objectIn(content), sets) : [readStep(json, sets)];
}

function readStep(json: unknown, sets: NamedSets): Step {
  const [kind, content] = tagged(json) ?? ["", undefined];
  switch (kind) {
    case "match":
      return readMatch(objectIn(content), sets);
    case "vmap":
      return readVerdictMap(objectIn(content), sets);
    case "notrack":
      return { kind: "notrack" };
    // They are for TCP, or UDP; a rule with VRRP ends there.
    case "synproxy":
    case "tproxy":
      return { kind: "mismatch" };
    case "masquerade":
      return MASQUERADE;
    default:
      return readSimple(kind, content) ?? unknownStatement(json);
  }
}

/** Whether they let a packet pass is a matter of time or of what the listing does not tell. */
const DOUBTFUL_MATCHES = new Set(["limit", "quota", "ct count", "set", "map", "xt"]);

/** What has no place in the JSON is text there, such as a chain without a name; it may hold a verdict. */
function unknownStatement(json: unknown): Step {
  const [kind = ""] = tagged(json) ?? [];
  if (DOUBTFUL_MATCHES.has(kind)) return doubtfulMatch(json);
  const text = textIn(json)?.split("\n", 1)[0] ?? kind;
  return {
    kind: "verdict",
    verdict: { kind: "unpredictable", text: text || "a statement that is no statement" },
  };
}

// A statement `set` is among what is not told: one that adds to a set which is full ends its rule.
const CONTINUE: Step = { kind: "verdict", verdict: { kind: "continue" } };
/** They watch or label the packet. */
const WITHOUT_EFFECT = new Set([
  "counter",
  "log",
  "dup",
  "comment",
  "last",
  "secmark",
  "flow",
  "ct helper",
  "ct timeout",
  "ct expectation",
]);
const TRANSLATIONS = new Set(["snat", "dnat", "redirect", "fwd", "queue"]);

function readSimple(kind: string, content: unknown): Step | undefined {
  if (WITHOUT_EFFECT.has(kind)) return CONTINUE;
  if (TRANSLATIONS.has(kind)) return { kind: "verdict", verdict: { kind: "unpredictable", text: kind } };
  const verdict = readVerdict(kind, content);
  return verdict && { kind: "verdict", verdict };
}

function readVerdict(kind: string, content: unknown): Verdict | undefined {
  switch (kind) {
    case "accept":
    case "drop":
    case "return":
    case "continue":
      return { kind };
    case "reject":
      return { kind: "drop" };
    case "jump":
    case "goto": {
      const chain = textIn(objectIn(content)["target"]);
      return chain === undefined ? undefined : { kind, chain };
    }
    case "xt":
      // What an extension of iptables does is not in the listing; some of them are verdicts.
      return objectIn(content)["type"] === "target"
        ? { kind: "unpredictable", text: "xt target" }
        : undefined;
    default:
      return undefined;
  }
}

function readMatch({ op, left, right }: Readonly<Record<string, unknown>>, sets: NamedSets): Step {
  const key = readKey(left);
  const test = isTold(key, right, op) ? readTest(op, right, key, sets) : undefined;
  return test ? { kind: "match", key, test } : doubtfulMatch({ op, left, right });
}

/** Some bits of the status of a connection are nobody's business but the kernel's. */
function isTold(key: Expression, right: unknown, op: unknown): boolean {
  if (key.kind !== "field" || key.name !== "ct status") return true;
  const bits = readBits(right, key.name);
  return (op === "in" || op === "!") && bits !== undefined && (bits & ~CT_STATUS_CLEAR) === 0;
}

function readTest(op: unknown, right: unknown, key: Expression, sets: NamedSets): Test | undefined {
  switch (op) {
    case "==":
    case "!=":
      return { kind: "one-of", patterns: readRight(right, key, sets), negated: op === "!=" };
    case "in":
    case "!": {
      const bits = readBits(right, key.kind === "field" ? key.name : "");
      return bits === undefined ? undefined : { kind: "any-bit", bits, negated: op === "!" };
    }
    case "<":
    case ">":
    case "<=":
    case ">=": {
      const than = readBits(right, key.kind === "field" ? key.name : "");
      return than === undefined ? undefined : { kind: "compare", operator: op, than };
    }
    default:
      return undefined;
  }
}

function readRight(right: unknown, key: Expression, sets: NamedSets): readonly Pattern[] {
  return elementsOf(right, sets).map((element) => readPattern(element, key));
}

/** The elements of `{ a, b }` or of `@name`; a single value is a set of one. */
function elementsOf(json: unknown, sets: NamedSets): readonly unknown[] {
  if (typeof json === "string" && json.startsWith("@")) {
    const set = sets.get(json.slice(1));
    return set && !set.changes ? set.elements : [{ unreadable: json }];
  }
  const [kind, content] = tagged(json) ?? ["", undefined];
  return kind === "set" ? [content].flat() : [json];
}

function readVerdictMap({ key: keyJson, data }: Readonly<Record<string, unknown>>, sets: NamedSets): Step {
  const key = readKey(keyJson);
  const elements = elementsOf(data, sets).map((element): readonly [Pattern, Verdict] => {
    const [value, verdictJson] = listIn(element);
    const [kind, content] = tagged(verdictJson) ?? ["", undefined];
    const verdict = readVerdict(kind, content) ?? { kind: "unpredictable", text: "its map" };
    return [readPattern(value, key), verdict];
  });
  // A catch-all counts only when nothing else was found.
  const catchAll = ([pattern]: readonly [Pattern, Verdict]) => (pattern.kind === "anything" ? 1 : 0);
  return {
    kind: "verdict-map",
    key,
    elements: elements.toSorted((a, b) => catchAll(a) - catchAll(b)),
  };
}

function readMangle(
  { key: keyJson, value }: Readonly<Record<string, unknown>>,
  sets: NamedSets,
): readonly Step[] {
  const key = readKey(keyJson);
  if (key.kind !== "field") return [doubtfulMatch(keyJson)];
  const [kind, content] = tagged(value) ?? ["", undefined];
  if (kind === "map") return [readDataMap(key.name, objectIn(content), sets)];
  const needed = fieldsIn(value).filter(({ name }) => name !== key.name);
  return [
    ...needed.map((of): Step => ({ kind: "match", key: of, test: { kind: "present" } })),
    { kind: "set-field", field: key.name, change: readChange(value, key.name) },
  ];
}

function readDataMap(
  name: string,
  { key: keyJson, data }: Readonly<Record<string, unknown>>,
  sets: NamedSets,
): Step {
  const key = readKey(keyJson);
  const elements = elementsOf(data, sets).map((element) => {
    const [from, to] = listIn(element);
    return [readPattern(from, key), numberIn(to)] as const;
  });
  return { kind: "set-from-map", field: name, key, elements };
}

function doubtfulMatch(json: unknown): Step {
  return { kind: "doubtful-match", text: tagged(json)?.[0] ?? "a statement that is no statement" };
}
