/** The match extensions of iptables, iptables-extensions(8): those that can be told of an advert, and doubt about the rest. */
import { parseIp } from "../../base/ip.ts";
import type { Option } from "./iptables-words.ts";
import { ADDRESS_TYPE, CT_STATE, ipv4Number } from "./packet.ts";
import { field, fieldIs, type Pattern, type Step } from "./ruleset.ts";

/** `ADDRESS[/LENGTH]`, or `/MASK` where the mask is no prefix. */
export function readAddress(name: string, text: string, negated: boolean): Step {
  const [addressText = "", maskText = "32"] = text.split("/");
  const address = parseIp(addressText);
  const mask = maskText.includes(".") ? parseIp(maskText) : maskOfLength(maskText);
  if (!address || mask === undefined) return doubt(text);
  const bits = typeof mask === "number" ? mask : ipv4Number(mask);
  const value = (ipv4Number(address) & bits) >>> 0;
  return masked(name, bits, value, negated);
}

/** The steps of one `-m MODULE` with its options. */
export function readMatch(module: string, options: readonly Option[]): readonly Step[] {
  if (WITHOUT_EFFECT.has(module)) return [];
  if (FOREIGN.has(module)) return [{ kind: "mismatch" }];
  const readers = READERS[module];
  if (!readers || options.length === 0) return [doubt(`-m ${module}`)];
  return options.map((option) => readers[option.name]?.(option) ?? doubt(`-m ${module} ${option.name}`));
}

type OptionReader = (option: Option) => Step | undefined;

const WITHOUT_EFFECT = new Set(["comment"]);
/** They go with `-p` and another protocol than VRRP. */
const FOREIGN = new Set([
  "tcp",
  "udp",
  "udplite",
  "icmp",
  "sctp",
  "dccp",
  "multiport",
  "tcpmss",
  "ah",
  "esp",
]);

const READERS: Readonly<Record<string, Readonly<Record<string, OptionReader>>>> = {
  conntrack: { "--ctstate": readStates },
  state: { "--state": readStates },
  mark: { "--mark": (option) => readMark("meta mark", option) },
  connmark: { "--mark": (option) => readMark("ct mark", option) },
  addrtype: {
    "--src-type": (option) => readTypes("fib saddr type", option),
    "--dst-type": (option) => readTypes("fib daddr type", option),
  },
  iprange: {
    "--src-range": (option) => readRange("ip saddr", "-", option),
    "--dst-range": (option) => readRange("ip daddr", "-", option),
  },
  length: { "--length": (option) => readRange("ip length", ":", option) },
  ttl: {
    "--ttl-eq": (option) => readNumbers("ip ttl", option),
    "--ttl-lt": (option) => readCompare("ip ttl", "<", option),
    "--ttl-gt": (option) => readCompare("ip ttl", ">", option),
  },
  dscp: { "--dscp": (option) => readNumbers("ip dscp", option) },
  pkttype: { "--pkt-type": readPacketType },
};

/** RELATED and the like in bits, as nft has them. SNAT and DNAT are of an advert only where a rule has made it unknown. */
function readStates({ values: [text = ""], negated }: Option): Step | undefined {
  const known: Readonly<Record<string, number>> = { ...CT_STATE, snat: 0, dnat: 0 };
  const bits = text.split(",").map((name) => known[name.toLowerCase()]);
  if (bits.some((bit) => bit === undefined)) return undefined;
  const union = bits.reduce((all: number, bit = 0) => all | bit, 0);
  return { kind: "match", key: field("ct state"), test: { kind: "any-bit", bits: union, negated } };
}

function readMark(name: string, { values: [text = ""], negated }: Option): Step | undefined {
  const [value, mask = 0xffffffff] = text.split("/").map(Number);
  return value === undefined || Number.isNaN(value) ? undefined : masked(name, mask, value, negated);
}

function readTypes(name: string, { values: [text = ""], negated }: Option): Step {
  const patterns = text.split(",").map((type): Pattern => {
    const value = ADDRESS_TYPE[type.toLowerCase() as keyof typeof ADDRESS_TYPE];
    // An advert's addresses are of the kinds that have a number here, so any other kind is not theirs.
    return { kind: "value", value: value ?? -1 };
  });
  return fieldIs(name, patterns, negated);
}

function readRange(
  name: string,
  separator: string,
  { values: [text = ""], negated }: Option,
): Step | undefined {
  const [first = "", last = first] = text.split(separator);
  const [low, high] = [first, last].map(endOfRange);
  return low === undefined || high === undefined
    ? undefined
    : fieldIs(name, [{ kind: "range", low, high }], negated);
}

function endOfRange(text: string): number | undefined {
  const address = parseIp(text);
  if (address) return ipv4Number(address);
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

function readNumbers(name: string, { values: [text = ""], negated }: Option): Step | undefined {
  const value = Number(text);
  return Number.isNaN(value) ? undefined : fieldIs(name, [{ kind: "value", value }], negated);
}

function readCompare(name: string, operator: "<" | ">", { values: [text = ""], negated }: Option) {
  const than = Number(text);
  if (Number.isNaN(than) || negated) return undefined;
  return { kind: "match", key: field(name), test: { kind: "compare", operator, than } } as const;
}

function readPacketType({ values: [text = ""], negated }: Option): Step | undefined {
  const value = ["unicast", "broadcast", "multicast"].indexOf(text);
  return value < 0 ? undefined : fieldIs("meta pkttype", [{ kind: "value", value }], negated);
}

function masked(name: string, mask: number, value: number, negated: boolean): Step {
  return {
    kind: "match",
    key: { kind: "masked", of: field(name), mask },
    test: { kind: "one-of", patterns: [{ kind: "value", value }], negated },
  };
}

function maskOfLength(text: string): number | undefined {
  const length = Number(text);
  if (!/^\d+$/.test(text) || length > 32) return undefined;
  return length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0;
}

function doubt(text: string): Step {
  return { kind: "doubtful-match", text };
}
