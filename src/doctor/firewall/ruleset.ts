/**
 * A host's packet filter in one form, whether nft, iptables-nft or iptables-legacy holds it. Numbers stand for addresses,
 * protocols, marks and states alike; names stand for interfaces. What was not understood is part of the form, as
 * `unreadable` or `doubtful`, so that the evaluation can say where its knowledge ends.
 */

export interface Ruleset {
  readonly tables: readonly Table[];
}

export interface Table {
  /** The program that shows and changes it. */
  readonly tool: "nft" | "iptables-nft" | "iptables-legacy";
  readonly family: "ip" | "inet" | "netdev" | "bridge";
  readonly name: string;
  readonly chains: ReadonlyMap<string, Chain>;
}

export interface Chain {
  readonly name: string;
  /** Undefined for a chain that is only jumped to. */
  readonly base: BaseChain | undefined;
  readonly rules: readonly Rule[];
}

export interface BaseChain {
  readonly type: "filter" | "nat" | "route";
  readonly hook: Hook;
  readonly priority: number;
  readonly policy: "accept" | "drop";
  /** Of ingress and egress: names, a trailing `*` matching any rest. Undefined when the tool did not tell. */
  readonly devices: readonly string[] | undefined;
}

/** In the order in which a packet passes them. */
export const HOOKS = [
  "ingress",
  "prerouting",
  "input",
  "forward",
  "output",
  "postrouting",
  "egress",
] as const;
export type Hook = (typeof HOOKS)[number];

export interface Rule {
  /** As the tool prints it, for people. */
  readonly text: string;
  /** nft's handle, or the number within an iptables chain, from 1: where a fix is inserted. */
  readonly handle: number | undefined;
  readonly steps: readonly Step[];
}

/** A rule is carried out step by step until a match fails or a verdict is reached. */
export type Step =
  | { readonly kind: "match"; readonly key: Expression; readonly test: Test }
  /** Whether it matches cannot be told: a rate, a clock, chance, or something this program does not know. */
  | { readonly kind: "doubtful-match"; readonly text: string }
  /** Asks for another protocol than VRRP, so that it cannot match. */
  | { readonly kind: "mismatch" }
  | { readonly kind: "set-field"; readonly field: string; readonly change: FieldChange }
  /** The rule ends where nothing is found. A value is undefined where it cannot be foreseen. */
  | {
      readonly kind: "set-from-map";
      readonly field: string;
      readonly key: Expression;
      readonly elements: readonly (readonly [Pattern, number | undefined])[];
    }
  | { readonly kind: "notrack" }
  | { readonly kind: "verdict"; readonly verdict: Verdict }
  | {
      readonly kind: "verdict-map";
      readonly key: Expression;
      readonly elements: readonly (readonly [Pattern, Verdict])[];
    };

/** `(old & keep) ^ xor`, where the old value is that of `from` or of the field itself; or something that cannot be foreseen. */
export type FieldChange = { readonly from?: string; readonly keep: number; readonly xor: number } | "unknown";

export type Verdict =
  | { readonly kind: "accept" | "drop" | "return" | "continue" }
  | { readonly kind: "jump" | "goto"; readonly chain: string }
  /** Somebody else decides, or the packet is changed: `queue`, address translation, an unknown target. */
  | { readonly kind: "unpredictable"; readonly text: string };

export type Expression =
  /** In nft's words, such as `ip saddr`, `meta iifname`, `ct state`. */
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "masked"; readonly of: Expression; readonly mask: number }
  | { readonly kind: "concat"; readonly parts: readonly Expression[] }
  | { readonly kind: "unreadable"; readonly text: string };

export type Pattern =
  | { readonly kind: "value"; readonly value: number | string }
  /** Both ends included. */
  | { readonly kind: "range"; readonly low: number; readonly high: number }
  | { readonly kind: "begins-with"; readonly text: string }
  | { readonly kind: "concat"; readonly parts: readonly Pattern[] }
  | { readonly kind: "anything" }
  | { readonly kind: "unreadable"; readonly text: string };

export type Test =
  | { readonly kind: "one-of"; readonly patterns: readonly Pattern[]; readonly negated: boolean }
  | {
      readonly kind: "compare";
      readonly operator: "<" | ">" | "<=" | ">=";
      readonly than: number;
    }
  /** It exists. */
  | { readonly kind: "present" }
  /** At least one of the bits is set. */
  | { readonly kind: "any-bit"; readonly bits: number; readonly negated: boolean };

export function field(name: string): Expression {
  return { kind: "field", name };
}

/** A step that matches when `name` has one of the values. */
export function fieldIs(name: string, patterns: readonly Pattern[], negated = false): Step {
  return { kind: "match", key: field(name), test: { kind: "one-of", patterns, negated } };
}

/** Source translation to the address of the interface: nothing changes where that is the source already. */
export const MASQUERADE: Step = {
  kind: "verdict-map",
  key: field("masquerade changes"),
  elements: [
    [{ kind: "value", value: 0 }, { kind: "accept" }],
    [{ kind: "anything" }, { kind: "unpredictable", text: "masquerade" }],
  ],
};
