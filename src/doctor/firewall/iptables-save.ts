import { OperatorError } from "../../base/errors.ts";
import { readRuleSteps } from "./iptables-rule.ts";
import { splitWords } from "./iptables-words.ts";
import type { BaseChain, Chain, Hook, Rule, Table } from "./ruleset.ts";

type Tool = Extract<Table["tool"], "iptables-nft" | "iptables-legacy">;

/** Where the kernel calls the built-in chains of each table (NF_IP_PRI_*, and the hooks of table nat). */
const BUILT_IN: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  raw: { PREROUTING: -300, OUTPUT: -300 },
  mangle: { PREROUTING: -150, INPUT: -150, FORWARD: -150, OUTPUT: -150, POSTROUTING: -150 },
  nat: { PREROUTING: -100, INPUT: 100, OUTPUT: -100, POSTROUTING: 100 },
  filter: { INPUT: 0, FORWARD: 0, OUTPUT: 0 },
  security: { INPUT: 50, FORWARD: 50, OUTPUT: 50 },
};

const HOOK_OF_CHAIN: Readonly<Record<string, Hook>> = {
  PREROUTING: "prerouting",
  INPUT: "input",
  FORWARD: "forward",
  OUTPUT: "output",
  POSTROUTING: "postrouting",
};

/**
 * Reads what `iptables-save` prints, which is the same for both backends.
 *
 * @throws {OperatorError} `doctor/iptables-unreadable`
 */
export function readIptablesSave(text: string, tool: Tool): readonly Table[] {
  const tables: Table[] = [];
  let current: { readonly name: string; readonly chains: Map<string, MutableChain> } | undefined;
  for (const line of text.split("\n").map((written) => written.trim())) {
    if (line === "" || line.startsWith("#")) continue;
    if (line.startsWith("*")) current = { name: line.slice(1), chains: new Map() };
    else if (!current) throw unreadable(tool, line);
    else if (line === "COMMIT") tables.push({ tool, family: "ip", ...current });
    else if (line.startsWith(":")) addChain(current.name, current.chains, line);
    else addRule(current.chains, line, tool);
  }
  return tables;
}

interface MutableChain extends Chain {
  readonly rules: Rule[];
}

function addChain(table: string, chains: Map<string, MutableChain>, line: string): void {
  const [name = "", policy = "-"] = line.slice(1).split(" ");
  const hook = HOOK_OF_CHAIN[name];
  const priority = BUILT_IN[table]?.[name];
  const base: BaseChain | undefined =
    hook === undefined || priority === undefined || policy === "-"
      ? undefined
      : {
          type: table === "nat" ? "nat" : "filter",
          hook,
          priority,
          policy: policy === "DROP" ? "drop" : "accept",
          devices: undefined,
        };
  chains.set(name, { name, base, rules: [] });
}

function addRule(chains: ReadonlyMap<string, MutableChain>, line: string, tool: Tool): void {
  const words = splitWords(line.replace(/^\[\d+:\d+\] /, ""));
  const [command, name, ...rest] = words;
  const chain = chains.get(name?.text ?? "");
  if (command?.text !== "-A" || !chain) throw unreadable(tool, line);
  chain.rules.push({
    text: line,
    handle: chain.rules.length + 1,
    steps: readRuleSteps(rest, new Set(chains.keys())),
  });
}

function unreadable(tool: Tool, line: string): OperatorError {
  return new OperatorError({
    code: "doctor/iptables-unreadable",
    message: `${tool}-save printed a line that is no rule: ${line.slice(0, 100)}`,
    hint: `compare with the output of ${tool}-save`,
  });
}
