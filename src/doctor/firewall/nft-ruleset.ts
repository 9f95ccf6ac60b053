import { OperatorError } from "../../base/errors.ts";
import { isObject, type JsonObject, listIn, numberIn, objectIn, textIn, tryToParseJson } from "../json.ts";
import { type NamedSet, type NamedSets, readStatement } from "./nft-statement.ts";
import type { NftText } from "./nft-text.ts";
import { type BaseChain, type Chain, HOOKS, type Hook, type Rule, type Table } from "./ruleset.ts";

/**
 * Reads `nft -j -n list ruleset`. What the JSON leaves out comes from nft's text: the devices of ingress chains, and the rules
 * as people write them.
 *
 * @throws {OperatorError} `doctor/nft-unreadable`
 */
export function readNftRuleset(listings: readonly string[], text: NftText): readonly Table[] {
  const objects = listings.flatMap(parse);
  const sets = readSets(objects);
  const rules = byOwner(entriesOf(objects, "rule"), (rule) => [rule["family"], rule["table"], rule["chain"]]);
  const chains = byOwner(entriesOf(objects, "chain"), (chain) => [chain["family"], chain["table"]]);
  return entriesOf(objects, "table").flatMap((table): Table[] => {
    const family = tableFamily(table["family"]);
    const name = textIn(table["name"]);
    if (!family || name === undefined || [table["flags"]].flat().includes("dormant")) return [];
    const owner = `${family} ${name}`;
    const context = { owner, rules, sets: sets.get(owner) ?? new Map(), text };
    const ours = (chains.get(owner) ?? []).map((chain) => readChain(chain, context));
    return [
      {
        tool: "nft",
        family,
        name,
        chains: new Map(ours.map((chain) => [chain.name, chain])),
      },
    ];
  });
}

interface Context {
  /** Family and name of the table. */
  readonly owner: string;
  readonly rules: ReadonlyMap<string, readonly JsonObject[]>;
  readonly sets: NamedSets;
  readonly text: NftText;
}

function parse(jsonText: string): readonly JsonObject[] {
  const { nftables } = objectIn(tryToParseJson(jsonText));
  if (Array.isArray(nftables)) return nftables.filter(isObject);
  throw new OperatorError({
    code: "doctor/nft-unreadable",
    message: "nft answered something that is no JSON ruleset",
    hint: "compare with `nft -j -n list ruleset`, and update nftables if that prints no JSON",
  });
}

function entriesOf(objects: readonly JsonObject[], kind: string): readonly JsonObject[] {
  return objects.flatMap((object) => (isObject(object[kind]) ? [object[kind]] : []));
}

function readSets(objects: readonly JsonObject[]): ReadonlyMap<string, NamedSets> {
  const byTable = new Map<string, Map<string, NamedSet>>();
  const changing = setsThatRulesChange(objects);
  for (const set of [...entriesOf(objects, "set"), ...entriesOf(objects, "map")]) {
    const table = `${set["family"]} ${set["table"]}`;
    const name = textIn(set["name"]) ?? "";
    const limited = listIn(set["stmt"]).some(
      (statement) => !isObject(statement) || !("counter" in statement),
    );
    const sets = byTable.get(table) ?? new Map<string, NamedSet>();
    sets.set(name, {
      elements: listIn(set["elem"]),
      changes: limited || changing.has(`${table} @${name}`),
    });
    byTable.set(table, sets);
  }
  return byTable;
}

function setsThatRulesChange(objects: readonly JsonObject[]): ReadonlySet<string> {
  const names = entriesOf(objects, "rule").flatMap((rule) =>
    listIn(rule["expr"]).flatMap((part) => {
      const { set } = objectIn(objectIn(part)["set"]);
      return typeof set === "string" ? [`${rule["family"]} ${rule["table"]} ${set}`] : [];
    }),
  );
  return new Set(names);
}

function readChain(json: JsonObject, context: Context): Chain {
  const name = textIn(json["name"]) ?? "";
  const key = `${context.owner} ${name}`;
  return {
    name,
    base: readBase(json, context.text.devices.get(key)),
    rules: (context.rules.get(key) ?? []).map((rule) => readRule(rule, key, context)),
  };
}

function readBase(chain: JsonObject, devicesInText: readonly string[] | undefined): BaseChain | undefined {
  const hook = HOOKS.find((name) => name === chain["hook"]);
  if (!hook) return undefined;
  return {
    type: chainType(chain["type"]),
    hook,
    priority: numberIn(chain["prio"]) ?? 0,
    policy: chain["policy"] === "drop" ? "drop" : "accept",
    devices: needsDevice(hook) ? (devicesIn(chain["dev"]) ?? devicesInText) : undefined,
  };
}

function chainType(type: unknown): BaseChain["type"] {
  return type === "nat" || type === "route" ? type : "filter";
}

function needsDevice(hook: Hook): boolean {
  return hook === "ingress" || hook === "egress";
}

function devicesIn(json: unknown): readonly string[] | undefined {
  if (json === undefined) return undefined;
  return [json].flat().filter((device) => typeof device === "string");
}

function readRule(rule: JsonObject, chain: string, { sets, text }: Context): Rule {
  const handle = numberIn(rule["handle"]);
  const steps = listIn(rule["expr"]).flatMap((statement) => readStatement(statement, sets));
  const shown = text.rules.get(`${chain} ${handle}`);
  return { text: shown ?? JSON.stringify(rule["expr"] ?? null), handle, steps };
}

/** Grouped once, because a host of containers has thousands of chains. */
function byOwner(
  objects: readonly JsonObject[],
  owner: (object: JsonObject) => readonly unknown[],
): ReadonlyMap<string, readonly JsonObject[]> {
  const groups = new Map<string, JsonObject[]>();
  for (const object of objects) {
    const key = owner(object).join(" ");
    const group = groups.get(key);
    if (group) group.push(object);
    else groups.set(key, [object]);
  }
  return groups;
}

/** ARP and IPv6 tables never see an advert over IPv4. */
function tableFamily(family: unknown): Table["family"] | undefined {
  switch (family) {
    case "ip":
    case "inet":
    case "netdev":
    case "bridge":
      return family;
    default:
      return undefined;
  }
}
