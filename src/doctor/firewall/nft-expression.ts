/** Keys and values of rules in nft's JSON, libnftables-json(5). */
import { parseIp } from "../../base/ip.ts";
import { isObject, listIn, numberIn, objectIn, tagged, textIn } from "../json.ts";
import { ipv4Number } from "./packet.ts";
import { type Expression, type FieldChange, field, type Pattern } from "./ruleset.ts";
import { numberOf } from "./symbols.ts";

/** What a match or a map asks of the packet. */
export function readKey(json: unknown): Expression {
  const [kind, content] = tagged(json) ?? ["", undefined];
  const facts = objectIn(content);
  switch (kind) {
    case "payload":
      return payload(facts["protocol"], facts["field"]) ?? rawPayload(facts) ?? unreadable(json);
    case "meta":
    case "ct":
      return field(`${kind} ${facts["key"]}${facts["dir"] === undefined ? "" : ` ${facts["dir"]}`}`);
    case "fib":
      return field(`fib ${listIn([facts["flags"]].flat()).join(" . ")} ${facts["result"]}`);
    case "&":
      return masked(content) ?? unreadable(json);
    case "concat":
      return { kind: "concat", parts: listIn(content).map(readKey) };
    case "tcp option":
    case "sctp chunk":
    case "dccp option":
    case "exthdr":
      return field("exthdr of another protocol");
    default:
      return unreadable(json);
  }
}

/** A value, prefix or range to compare with `key`, or an element of a set, whatever hangs on the element beside its value. */
export function readPattern(json: unknown, key: Expression): Pattern {
  if (json === "*") return { kind: "anything" };
  if (typeof json === "boolean") return { kind: "value", value: json ? 1 : 0 };
  if (typeof json === "number") return { kind: "value", value: inHostOrder(json, key) };
  if (typeof json === "string") return readText(json, key);
  const [kind, content] = tagged(json) ?? ["", undefined];
  switch (kind) {
    case "prefix":
      return readPrefix(content, key);
    case "range": {
      const [low, high] = listIn(content).map((end) => readNumber(end, key));
      return low === undefined || high === undefined ? unreadable(json) : { kind: "range", low, high };
    }
    case "concat": {
      const keys = key.kind === "concat" ? key.parts : [];
      const parts = listIn(content).map((part, index) => readPattern(part, keys[index] ?? unreadable(part)));
      return { kind: "concat", parts };
    }
    case "elem":
      return readElement(content, key);
    case "|": {
      const bits = readBits(content);
      return bits === undefined ? unreadable(json) : { kind: "value", value: bits };
    }
    default:
      return unreadable(json);
  }
}

/** One number, or several that are bits of one. */
export function readBits(json: unknown, name = ""): number | undefined {
  const parts = [json]
    .flat()
    .map((part) => (typeof part === "string" ? numberOf(name, part) : numberIn(part)));
  return parts.reduce(
    (bits, part) => (bits === undefined || part === undefined ? undefined : bits | part),
    0,
  );
}

/** What `meta mark set …` and its like write, as far as it can be foreseen. */
export function readChange(json: unknown, name: string): FieldChange {
  if (typeof json === "number") return { keep: 0, xor: json };
  if (typeof json === "string") {
    const pattern = readText(json, field(name));
    return pattern.kind === "value" && typeof pattern.value === "number"
      ? { keep: 0, xor: pattern.value }
      : "unknown";
  }
  const read = readKey(json);
  if (read.kind === "field") {
    return { ...(read.name !== name && { from: read.name }), keep: 0xffffffff, xor: 0 };
  }
  const [operator, operands] = tagged(json) ?? ["", undefined];
  const [left, right] = listIn(operands);
  const change = left === undefined ? "unknown" : readChange(left, name);
  const operand = readBits(right);
  if (change === "unknown" || operand === undefined) return "unknown";
  switch (operator) {
    case "&":
      return { ...change, keep: change.keep & operand, xor: change.xor & operand };
    case "|":
      return { ...change, keep: change.keep & ~operand, xor: (change.xor & ~operand) | operand };
    case "^":
      return { ...change, xor: change.xor ^ operand };
    default:
      return "unknown";
  }
}

/** What a value is made of. */
export function fieldsIn(json: unknown): readonly Extract<Expression, { kind: "field" }>[] {
  const read = readKey(json);
  if (read.kind === "field") return [read];
  const [, content] = tagged(json) ?? [];
  return [content].flat().flatMap((part) => (isObject(part) ? fieldsIn(part) : []));
}

function payload(protocol: unknown, name: unknown): Expression | undefined {
  return typeof protocol === "string" && typeof name === "string" ? field(`${protocol} ${name}`) : undefined;
}

/** Fields of the IPv4 header that somebody wrote as `@nh,offset,length`, both in bits. */
const RAW_FIELDS: Readonly<Record<string, string>> = {
  "nh 64 8": "ip ttl",
  "nh 72 8": "ip protocol",
  "nh 96 32": "ip saddr",
  "nh 128 32": "ip daddr",
};

function rawPayload({ base, offset, len }: Readonly<Record<string, unknown>>): Expression | undefined {
  const name = RAW_FIELDS[`${base} ${offset} ${len}`];
  return name === undefined ? undefined : field(name);
}

function masked(operands: unknown): Expression | undefined {
  const [of, maskJson] = listIn(operands);
  const key = readKey(of);
  const mask = Array.isArray(maskJson) ? readBits(maskJson) : readNumber(maskJson, key);
  // A flag of TCP is no field of ours, whatever the mask says.
  return mask === undefined ? undefined : { kind: "masked", of: key, mask };
}

function readNumber(json: unknown, key: Expression): number | undefined {
  const pattern = typeof json === "string" || typeof json === "number" ? readPattern(json, key) : undefined;
  return pattern?.kind === "value" && typeof pattern.value === "number" ? pattern.value : undefined;
}

function readText(text: string, key: Expression): Pattern {
  const name = fieldName(key);
  if (isInterface(name)) {
    return text.endsWith("*")
      ? { kind: "begins-with", text: text.slice(0, -1) }
      : { kind: "value", value: text };
  }
  const address = parseIp(text);
  if (address && !text.includes(":")) return { kind: "value", value: ipv4Number(address) };
  const number = numberOf(name, text);
  return number === undefined ? unreadable(text) : { kind: "value", value: number };
}

function readPrefix(json: unknown, key: Expression): Pattern {
  const { addr, len } = objectIn(json);
  const start = readNumber(addr, key);
  const length = numberIn(len);
  if (start === undefined || length === undefined || length > 32) return unreadable(json);
  const size = 2 ** (32 - length);
  const low = Math.floor(start / size) * size;
  return { kind: "range", low, high: low + size - 1 };
}

/** An element may carry a counter, which is nothing, or a limit, which makes finding it a matter of time. */
function readElement(json: unknown, key: Expression): Pattern {
  if (!isObject(json)) return unreadable(json);
  const harmless = new Set(["val", "timeout", "expires", "comment", "counter", "last"]);
  return Object.keys(json).every((part) => harmless.has(part))
    ? readPattern(json["val"], key)
    : unreadable(json);
}

/** nft 1.0.6 prints an EtherType in network order: IPv4, 0x0800, as 8, which is none. */
function inHostOrder(number: number, key: Expression): number {
  const name = fieldName(key);
  return number === 0x0008 && (name === "meta protocol" || name === "ether type") ? 0x0800 : number;
}

function fieldName(key: Expression): string {
  if (key.kind === "field") return key.name;
  return key.kind === "masked" ? fieldName(key.of) : "";
}

function isInterface(name: string): boolean {
  return /^meta [io]if(name)?$/.test(name);
}

function unreadable(json: unknown): { readonly kind: "unreadable"; readonly text: string } {
  return { kind: "unreadable", text: textIn(json) ?? JSON.stringify(json) ?? "nothing" };
}
