import { type FieldValue, fieldOf, known, type Packet, UNKNOWN } from "./packet.ts";
import type { Expression, FieldChange, Pattern, Test } from "./ruleset.ts";
import { every, not, some, type Truth } from "./truth.ts";

/** The value of a key: of one field, or of several that are looked up together. */
type KeyValue = FieldValue | { readonly kind: "concat"; readonly parts: readonly FieldValue[] };

/** Whether a packet passes a match. Absent fields match nothing, not even `!=`: nft and iptables both give up there. */
export function testKey(packet: Packet, key: Expression, test: Test): Truth {
  const value = keyOf(packet, key);
  if (value.kind === "absent") return false;
  switch (test.kind) {
    case "present":
      return value.kind === "unknown" ? "unknown" : true;
    case "one-of": {
      const truth = some(test.patterns.map((pattern) => matches(value, pattern)));
      return test.negated ? not(truth) : truth;
    }
    case "compare":
      return numberTest(value, (number) => compare(number, test.operator, test.than));
    case "any-bit":
      return numberTest(value, (number) => ((number & test.bits) !== 0) !== test.negated);
  }
}

/** Which elements of a map a packet finds; absent when the rule ends because there is nothing to look up. */
export function lookUp(packet: Packet, key: Expression, patterns: readonly Pattern[]): readonly Truth[] {
  const value = keyOf(packet, key);
  return patterns.map((pattern) => value.kind !== "absent" && matches(value, pattern));
}

/** The field after a rule wrote to it. */
export function changeField(packet: Packet, name: string, change: FieldChange): FieldValue {
  const current = fieldOf(packet, name);
  // What is not tracked has no entry that could be written to.
  if (name.startsWith("ct ") && current.kind !== "known") return current;
  if (change === "unknown") return UNKNOWN;
  if (change.keep === 0) return known(change.xor >>> 0);
  const before = change.from === undefined ? current : fieldOf(packet, change.from);
  if (before.kind !== "known" || typeof before.value !== "number") return UNKNOWN;
  return known(((before.value & change.keep) ^ change.xor) >>> 0);
}

function keyOf(packet: Packet, key: Expression): KeyValue {
  switch (key.kind) {
    case "field":
      return fieldOf(packet, key.name);
    case "masked":
      return masked(keyOf(packet, key.of), key.mask);
    case "concat":
      return concatenation(key.parts.map((part) => keyOf(packet, part)));
    case "unreadable":
      return UNKNOWN;
  }
}

function masked(value: KeyValue, mask: number): KeyValue {
  if (value.kind !== "known") return value.kind === "concat" ? UNKNOWN : value;
  return typeof value.value === "number" ? known((value.value & mask) >>> 0) : UNKNOWN;
}

function concatenation(parts: readonly KeyValue[]): KeyValue {
  const absent = parts.find((part) => part.kind === "absent");
  if (absent) return absent;
  return { kind: "concat", parts: parts.map((part) => (part.kind === "concat" ? UNKNOWN : part)) };
}

function matches(value: KeyValue, pattern: Pattern): Truth {
  if (pattern.kind === "anything") return true;
  if (pattern.kind === "unreadable" || value.kind === "unknown") return "unknown";
  if (value.kind === "absent") return false;
  if (value.kind === "concat") {
    if (pattern.kind !== "concat" || pattern.parts.length !== value.parts.length) return "unknown";
    return every(pattern.parts.map((part, index) => matches(value.parts[index] ?? UNKNOWN, part)));
  }
  return valueMatches(value.value, pattern);
}

function valueMatches(
  value: number | string,
  pattern: Exclude<Pattern, { kind: "anything" | "unreadable" }>,
): Truth {
  switch (pattern.kind) {
    case "value":
      return typeof value === typeof pattern.value ? value === pattern.value : "unknown";
    case "range":
      return typeof value === "number" ? pattern.low <= value && value <= pattern.high : "unknown";
    case "begins-with":
      return typeof value === "string" ? value.startsWith(pattern.text) : "unknown";
    case "concat":
      return "unknown";
  }
}

function numberTest(value: KeyValue, test: (number: number) => boolean): Truth {
  if (value.kind !== "known" || typeof value.value !== "number") return "unknown";
  return test(value.value);
}

function compare(left: number, operator: "<" | ">" | "<=" | ">=", right: number): boolean {
  switch (operator) {
    case "<":
      return left < right;
    case ">":
      return left > right;
    case "<=":
      return left <= right;
    case ">=":
      return left >= right;
  }
}
