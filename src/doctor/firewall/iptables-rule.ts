import { readAddress, readMatch } from "./iptables-match.ts";
import { readTarget } from "./iptables-target.ts";
import { groupOptions, type Option, type Word } from "./iptables-words.ts";
import { field, fieldIs, type Pattern, type Step } from "./ruleset.ts";
import { numberOf } from "./symbols.ts";

const FRAGMENT_OFFSET_BITS = 0x1fff;

/** The steps of one rule: its own options, those of its matches, and its target. */
export function readRuleSteps(words: readonly Word[], chains: ReadonlySet<string>): readonly Step[] {
  const options = groupOptions(words);
  const targetAt = options.findIndex(({ name }) => name === "-j" || name === "-g");
  const target = options[targetAt];
  const before = targetAt < 0 ? options : options.slice(0, targetAt);
  const steps = splitMatches(before).flatMap(({ module, options: own }) =>
    module === undefined ? own.map(readOwnOption) : readMatch(module, own),
  );
  return target ? [...steps, ...readTarget(target, options.slice(targetAt + 1), chains)] : steps;
}

interface MatchOptions {
  /** Undefined for the options that need no `-m`. */
  readonly module: string | undefined;
  readonly options: Option[];
}

function splitMatches(options: readonly Option[]): readonly MatchOptions[] {
  const own: MatchOptions = { module: undefined, options: [] };
  const matches = [own];
  for (const option of options) {
    if (option.name === "-m") matches.push({ module: option.values[0] ?? "", options: [] });
    else if (/^-[a-z]$/.test(option.name)) own.options.push(option);
    else matches.at(-1)?.options.push(option);
  }
  return matches;
}

function readOwnOption({ name, values, negated }: Option): Step {
  const [value = ""] = values;
  switch (name) {
    case "-s":
      return readAddress("ip saddr", value, negated);
    case "-d":
      return readAddress("ip daddr", value, negated);
    case "-i":
      return fieldIs("meta iifname", [interfacePattern(value)], negated);
    case "-o":
      return fieldIs("meta oifname", [interfacePattern(value)], negated);
    case "-p":
      return readProtocol(value, negated);
    case "-f": {
      const key = { kind: "masked", of: field("ip frag-off"), mask: FRAGMENT_OFFSET_BITS } as const;
      return {
        kind: "match",
        key,
        test: { kind: "one-of", patterns: [{ kind: "value", value: 0 }], negated: !negated },
      };
    }
    default:
      return { kind: "doubtful-match", text: name };
  }
}

/** 0 and "all" stand for every protocol. */
function readProtocol(text: string, negated: boolean): Step {
  const number = numberOf("ip protocol", text);
  if (number === 0 || text === "all") return fieldIs("ip protocol", [{ kind: "anything" }], negated);
  const pattern: Pattern =
    number === undefined ? { kind: "unreadable", text } : { kind: "value", value: number };
  return fieldIs("ip protocol", [pattern], negated);
}

function interfacePattern(text: string): Pattern {
  return text.endsWith("+")
    ? { kind: "begins-with", text: text.slice(0, -1) }
    : { kind: "value", value: text };
}
