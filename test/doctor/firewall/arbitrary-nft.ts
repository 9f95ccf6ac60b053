/** Random rulesets in nft's language. */
import fc, { type Arbitrary } from "fast-check";
import { ADDRESSES, DIRECTIONS, MARKS, PREFIXES, RANGES } from "./arbitrary-addresses.ts";

type Family = "ip" | "inet" | "netdev";

/** Names of chains are filled in when a table is put together; `%` stands for one. */
type RuleText = string;

interface ChainPlan {
  readonly base: string | undefined;
  readonly rules: readonly { readonly text: RuleText; readonly target: number }[];
}

const tablePlan: Arbitrary<TablePlan> = fc
  .constantFrom<Family>("ip", "inet", "inet", "netdev")
  .chain((family) =>
    fc.record({
      family: fc.constant(family),
      dormant: fc.integer({ min: 0, max: 19 }).map((number) => number === 0),
      sets: fc.array(namedSet(), { maxLength: 2 }),
      bases: fc.array(basePlan(family), { minLength: 1, maxLength: 3 }),
      users: fc.array(userPlan(family), { maxLength: 3 }),
    }),
  );

/** Commands that make one to three tables. */
export const nftRules: Arbitrary<string> = fc
  .array(tablePlan, { minLength: 1, maxLength: 3 })
  .map((plans) => plans.map(render).join("\n"));

interface TablePlan {
  readonly family: Family;
  readonly dormant: boolean;
  readonly sets: readonly string[];
  readonly bases: readonly ChainPlan[];
  readonly users: readonly ChainPlan[];
}

function render({ family, dormant, sets, bases, users }: TablePlan, number: number): string {
  const chain = (plan: ChainPlan, index: number, name: string) => {
    // Only chains further down are jumped to, so there is no loop.
    const targets = users.slice(index + 1).map((_, offset) => `u${index + 1 + offset}`);
    const rules = plan.rules.map(({ text, target }) => {
      const to = targets[target % Math.max(1, targets.length)];
      return to === undefined ? text.replaceAll(/(jump|goto) %/g, "accept") : text.replaceAll("%", to);
    });
    return [`chain ${name} {`, ...(plan.base ? [plan.base] : []), ...rules, "}"];
  };
  const lines = [
    `table ${family} t${number} {`,
    ...(dormant ? ["flags dormant"] : []),
    // The chains of a table refer to sets that always exist.
    ...["s0", "s1"].flatMap((name, index) => {
      return [
        `set ${name} {`,
        "type ipv4_addr",
        "flags interval",
        ...(sets[index] ? [sets[index]] : []),
        "}",
      ];
    }),
    ...users
      .toReversed()
      .flatMap((plan, index) => chain(plan, users.length - 1 - index, `u${users.length - 1 - index}`)),
    ...bases.flatMap((plan, index) => chain(plan, -1, `b${index}`)),
    "}",
  ];
  return lines.join("\n");
}

function namedSet(): Arbitrary<string> {
  return fc
    .uniqueArray(ADDRESSES, { minLength: 1, maxLength: 3 })
    .map((elements) => `elements = { ${elements.join(", ")} }`);
}

function basePlan(family: Family): Arbitrary<ChainPlan> {
  return baseChain(family).chain(({ base, hook }) =>
    fc.record({ base: fc.constant(base), rules: rulesOf(family, hook) }),
  );
}

function userPlan(family: Family): Arbitrary<ChainPlan> {
  return fc.record({ base: fc.constant(undefined), rules: rulesOf(family, "any") });
}

function baseChain(family: Family): Arbitrary<{ readonly base: string; readonly hook: string }> {
  const device = fc.constantFrom('device "vb"', 'device "vb"', 'device "lo"');
  const onDevice = fc.record({
    hook: family === "netdev" ? fc.constantFrom("ingress", "egress") : fc.constant("ingress"),
    device,
    priority: fc.constantFrom(-10, 0, 10),
    type: fc.constant("filter"),
  });
  const onPath = fc.record({
    hook: fc.constantFrom("input", "input", "output", "prerouting", "postrouting", "forward"),
    device: fc.constant(""),
    priority: fc.constantFrom(-450, -300, -250, -190, -150, -100, -10, 0, 0, 5, 50, 110),
    type: fc.constantFrom("filter", "filter", "filter", "filter", "nat", "route"),
  });
  const plan =
    family === "netdev"
      ? onDevice
      : family === "inet"
        ? fc.oneof({ weight: 6, arbitrary: onPath }, { weight: 1, arbitrary: onDevice })
        : onPath;
  return fc
    .record({ plan, policy: fc.constantFrom("accept", "accept", "drop") })
    .map(({ plan: { hook, device: on, priority, type }, policy }) => ({
      hook,
      base: `type ${possibleType(type, hook, priority)} hook ${hook} ${on} priority ${priority}; policy ${policy};`,
    }));
}

/** `route` is for output alone; chains for address translation may not come before tracking, nor where nothing is routed. */
function possibleType(type: string, hook: string, priority: number): string {
  if (type === "route" && hook !== "output") return "filter";
  if (type === "nat" && (hook === "forward" || priority <= -200)) return "filter";
  return type;
}

function rulesOf(family: Family, hook: string): Arbitrary<ChainPlan["rules"]> {
  return fc.array(fc.record({ text: ruleText(family, hook), target: fc.nat(7) }), { maxLength: 5 });
}

function ruleText(family: Family, hook: string): Arbitrary<RuleText> {
  const matches = fc.array(matchOf(family, hook), { maxLength: 2 });
  const statements = fc.array(statementOf(family, hook), { maxLength: 1 });
  const end = fc.oneof(
    { weight: 5, arbitrary: verdictOf(hook) },
    { weight: 1, arbitrary: verdictMap(family) },
  );
  return fc
    .tuple(matches, statements, end)
    .map(([conditions, effects, verdict]) => [...conditions, ...effects, verdict].join(" "));
}

function verdictOf(hook: string): Arbitrary<string> {
  const common = [
    "accept",
    "accept",
    "drop",
    "drop",
    "return",
    "jump %",
    "jump %",
    "goto %",
    "continue",
    "counter",
  ];
  return fc.constantFrom(...common, ...(hook === "input" ? ["reject"] : []));
}

function statementOf(family: Family, hook: string): Arbitrary<string> {
  const marks = fc.oneof(
    MARKS.map((mark) => `meta mark set ${mark}`),
    MARKS.map((mark) => `meta mark set meta mark or ${mark}`),
    MARKS.map((mark) => `meta mark set meta mark and ${mark}`),
    fc.constant("meta mark set meta mark and 0xfffffffc xor 0x1"),
  );
  const plain = fc.constantFrom("counter", "ip dscp set cs1", "ip ttl set 64");
  const all: Arbitrary<string>[] = [marks, plain];
  if (family !== "netdev" && hook !== "ingress" && hook !== "any") {
    all.push(MARKS.map((mark) => `ct mark set ${mark}`));
  }
  if (family !== "netdev" && (hook === "prerouting" || hook === "output")) all.push(fc.constant("notrack"));
  return fc.oneof(...all);
}

function addressTest(): Arbitrary<string> {
  const listed = fc
    .uniqueArray(ADDRESSES, { minLength: 1, maxLength: 3 })
    .map((list) => `{ ${list.join(", ")} }`);
  const mixed = fc.tuple(RANGES, ADDRESSES).map(([range]) => `{ ${range}, 198.51.100.0/24, 203.0.113.7 }`);
  const right = fc.oneof(ADDRESSES, PREFIXES, RANGES, listed, mixed, fc.constantFrom("@s0", "@s1"));
  return fc
    .tuple(DIRECTIONS, fc.constantFrom("", "", "!= "), right)
    .map(([direction, negation, value]) => `ip ${direction} ${negation}${value}`);
}

function matchOf(family: Family, hook: string): Arbitrary<string> {
  const protocol = fc.constantFrom(
    "ip protocol 112",
    "ip protocol 112",
    "ip protocol != 112",
    "ip protocol { 6, 112 }",
    "ip protocol != { 6, 17 }",
    "ip protocol >= 100",
    "ip protocol 50-120",
    "meta l4proto 112",
    "meta l4proto { 6, 17 }",
    "meta l4proto != 6",
    "@nh,72,8 112",
    "tcp dport 22",
    "udp sport != 53",
    "icmp type 8",
    "ip protocol vrrp",
  );
  const header = fc.constantFrom(
    "ip ttl 255",
    "ip ttl < 255",
    "ip length 36",
    "ip length 20-40",
    "ip length > 60",
    "meta length 36",
    "ip dscp cs6",
    "ip dscp 0",
    "ip version 4",
    "ip hdrlength 5",
    "ip frag-off & 0x1fff != 0",
    "meta protocol ip",
    "meta protocol != ip",
  );
  const links = fc.constantFrom(
    'iifname "vb"',
    'iifname != "vb"',
    'iifname "v*"',
    'iifname { "lo", "eth0" }',
    'iifname { "vb", "eth0" }',
    "iif lo",
    "iif vb",
    "iif != lo",
  );
  const masked = fc
    .tuple(DIRECTIONS, fc.constantFrom("255.255.255.0", "255.0.0.255", "0.0.0.15"))
    .map(
      ([direction, mask]) =>
        `ip ${direction} & ${mask} == ${mask === "255.0.0.255" ? "10.0.0.1" : mask === "0.0.0.15" ? "0.0.0.1" : "10.9.0.0"}`,
    );
  const concatenated = fc
    .tuple(ADDRESSES, ADDRESSES, fc.constantFrom("112", "6"))
    .map(([one, other, number]) =>
      one === other
        ? `ip saddr . ip protocol { ${one} . ${number} }`
        : `ip saddr . ip protocol { ${one} . ${number}, ${other} . 112 }`,
    );
  const marks = fc.oneof(
    MARKS.map((mark) => `meta mark ${mark}`),
    MARKS.map((mark) => `meta mark != ${mark}`),
    MARKS.map((mark) => `meta mark & 3 == ${mark & 3}`),
  );
  const weighted: { weight: number; arbitrary: Arbitrary<string> }[] = [
    { weight: 6, arbitrary: addressTest() },
    { weight: 6, arbitrary: protocol },
    { weight: 3, arbitrary: header },
    { weight: 3, arbitrary: links },
    { weight: 1, arbitrary: masked },
    { weight: 2, arbitrary: concatenated },
    { weight: 3, arbitrary: marks },
  ];
  if (family !== "netdev")
    weighted.push({
      weight: 1,
      arbitrary: fc
        .constantFrom('oifname "vb"', 'oifname ""', 'oifname != "vb"')
        .filter((text) => text !== 'oifname ""'),
    });
  if (family === "inet")
    weighted.push({
      weight: 1,
      arbitrary: fc.constantFrom(
        "meta nfproto ipv4",
        "meta nfproto ipv6",
        "ip6 saddr fe80::/10",
        "ip6 nexthdr 112",
      ),
    });
  if (family !== "netdev" && hook !== "ingress" && hook !== "any")
    weighted.push({ weight: 5, arbitrary: tracking() });
  if (["input", "prerouting"].includes(hook)) weighted.push({ weight: 1, arbitrary: routing() });
  // What nobody can foresee stays rare, as it is on hosts.
  weighted.push({
    weight: 1,
    arbitrary: fc
      .integer({ min: 0, max: 5 })
      .map((n) => (n === 0 ? "limit rate 100/second" : "meta l4proto 112")),
  });
  return fc.oneof(...weighted);
}

function tracking(): Arbitrary<string> {
  return fc.constantFrom(
    "ct state established,related",
    "ct state established",
    "ct state new",
    "ct state != new",
    "ct state invalid",
    "ct state { new, untracked }",
    "ct state untracked",
    "ct state new,established",
    "ct direction original",
    "ct mark 1",
    "ct mark != 1",
    "ct mark and 0x3 == 0",
  );
}

function routing(): Arbitrary<string> {
  return fc.constantFrom(
    "fib daddr type local",
    "fib daddr type != local",
    "fib saddr type unicast",
    "fib daddr . iif type local",
    "fib saddr . iif oif missing",
    "meta pkttype host",
    "meta pkttype broadcast",
  );
}

function verdictMap(family: Family): Arbitrary<string> {
  const verdicts = fc.constantFrom("accept", "drop", "return", "jump %", "goto %", "continue");
  const addresses = fc
    .tuple(
      DIRECTIONS,
      fc.uniqueArray(ADDRESSES, { minLength: 1, maxLength: 3 }),
      fc.array(verdicts, { minLength: 3, maxLength: 3 }),
      fc.boolean(),
    )
    .map(([direction, keys, ends, catchAll]) => {
      const elements = keys.map((key, index) => `${key} : ${ends[index] ?? "accept"}`);
      return `ip ${direction} vmap { ${[...elements, ...(catchAll ? [`* : ${ends[2] ?? "drop"}`] : [])].join(", ")} }`;
    });
  const protocols = fc
    .tuple(verdicts, verdicts)
    .map(([one, other]) => `meta l4proto vmap { 6 : ${one}, 112 : ${other} }`);
  const prefixes = fc
    .tuple(verdicts, verdicts)
    .map(([one, other]) => `ip saddr vmap { 10.9.0.0/24 : ${one}, 10.9.1.0-10.9.9.9 : ${other} }`);
  const pairs = fc
    .tuple(ADDRESSES, verdicts)
    .map(([address, end]) => `ip saddr . meta l4proto vmap { ${address} . 112 : ${end} }`);
  const links = fc
    .tuple(verdicts, verdicts)
    .map(([one, other]) => `iifname vmap { "vb" : ${one}, "lo" : ${other} }`);
  return family === "netdev"
    ? fc.oneof(addresses, protocols, prefixes)
    : fc.oneof(addresses, protocols, prefixes, pairs, links);
}
