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
    ...setsUsedBy(JSON.stringify([bases, users])),
    ...users
      .toReversed()
      .flatMap((plan, index) => chain(plan, users.length - 1 - index, `u${users.length - 1 - index}`)),
    ...bases.flatMap((plan, index) => chain(plan, -1, `b${index}`)),
    "}",
  ];
  return lines.join("\n");
}

/** Sets and maps by name, for the tables that use them; the chain at the end of some leads nowhere else. */
const SETS = {
  p0: "set p0 { type inet_proto; elements = { 6, 17, 112 }; }",
  l0: 'set l0 { type ifname; elements = { "vb", "eth0" }; }',
  c0: "set c0 { type ipv4_addr . inet_proto; elements = { 10.9.0.1 . 112, 10.9.0.40 . 6, 10.9.0.2 . 112 }; }",
  i0: "set i0 { type ipv4_addr . ipv4_addr; flags interval; elements = { 10.9.0.0/27 . 10.9.0.0-10.9.0.9 }; }",
  k0: "set k0 { type mark; elements = { 1, 3 }; }",
  d0: "set d0 { type ipv4_addr; size 64; flags dynamic; }",
  m0: "map m0 { type ipv4_addr : mark; elements = { 10.9.0.1 : 1, 10.9.0.40 : 2, 10.9.0.2 : 3 }; }",
  v0: "map v0 { type ipv4_addr : verdict; elements = { 10.9.0.1 : accept, 10.9.0.2 : jump leaf, 10.9.0.40 : drop }; }",
  v1: "map v1 { type ipv4_addr : verdict; flags interval; elements = { 10.9.0.0/27 : return, 10.9.0.32-10.9.7.1 : goto leaf }; }",
} as const;

const LEAF = ["chain leaf {", "ip saddr 10.9.0.40 drop", "meta mark 1 accept", "}"];

function setsUsedBy(rules: string): readonly string[] {
  const used = Object.entries(SETS).flatMap(([name, text]) => (rules.includes(`@${name}`) ? [text] : []));
  return used.some((text) => text.includes("leaf")) ? [...LEAF, ...used] : used;
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
  const named = fc.constantFrom(...common, ...(hook === "input" ? ["reject"] : []));
  // nft's JSON does not tell what is in it, so it stays rare.
  const nameless = fc.constantFrom(
    "jump {\nip saddr 10.9.0.1 accept\ndrop\n}",
    "goto {\nmeta mark 1 drop\n}",
  );
  return fc.oneof({ weight: 150, arbitrary: named }, { weight: 1, arbitrary: nameless });
}

function statementOf(family: Family, hook: string): Arbitrary<string> {
  const marks = fc.oneof(
    MARKS.map((mark) => `meta mark set ${mark}`),
    MARKS.map((mark) => `meta mark set meta mark or ${mark}`),
    MARKS.map((mark) => `meta mark set meta mark and ${mark}`),
    fc.constant("meta mark set meta mark and 0xfffffffc xor 0x1"),
  );
  const plain = fc.constantFrom("counter", "ip dscp set cs1", "ip ttl set 64");
  const mapped = fc.constantFrom(
    "meta mark set ip saddr map { 10.9.0.1 : 1, 10.9.0.2 : 2 }",
    "meta mark set ip saddr map { 10.9.0.0/27 : 3, 10.9.7.0-10.9.9.9 : 1, * : 2 }",
    "meta mark set ip saddr map @m0",
    "meta mark set ip daddr map @m0",
    "meta mark set ip saddr . ip protocol map { 10.9.0.1 . 112 : 1, 10.9.0.40 . 112 : 257 }",
  );
  const all: Arbitrary<string>[] = [marks, plain, mapped];
  if (family !== "netdev" && hook !== "ingress") {
    all.push(fc.constantFrom("meta mark set ct mark", "meta mark set ct mark and 3"));
  }
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
  const named = fc.constantFrom("@s0", "@s1");
  const right = fc.oneof(ADDRESSES, PREFIXES, RANGES, listed, mixed, named);
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
    fc.constantFrom("meta mark @k0", "meta mark != @k0", "meta mark 1-3", "meta mark != { 0, 2 }"),
  );
  const sets = fc.constantFrom(
    "meta l4proto @p0",
    "ip protocol != @p0",
    "ip saddr . meta l4proto @c0",
    "ip saddr . ip protocol != @c0",
    "ip saddr . ip daddr @i0",
    "ip saddr . ip daddr { 10.9.0.0/24 . 10.9.0.0/28, 10.9.7.1 . 10.9.0.2 }",
    "iifname @l0",
    "iifname != @l0",
  );
  const weighted: { weight: number; arbitrary: Arbitrary<string> }[] = [
    { weight: 6, arbitrary: addressTest() },
    { weight: 6, arbitrary: protocol },
    { weight: 3, arbitrary: header },
    { weight: 3, arbitrary: links },
    { weight: 1, arbitrary: masked },
    { weight: 2, arbitrary: concatenated },
    { weight: 3, arbitrary: marks },
    { weight: 3, arbitrary: sets },
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
    arbitrary: fc.integer({ min: 0, max: 12 }).map((n) => RARE[n] ?? "meta l4proto 112"),
  });
  return fc.oneof(...weighted);
}

const RARE: readonly string[] = ["limit rate 100/second", "ip saddr @d0", "update @d0 { ip saddr }"];

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
    "ct status dnat",
    "ct status assured,seen-reply",
    "ct status ! dnat,snat",
    "ct state { established, related } ct status assured",
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
  const named = fc.constantFrom("ip saddr vmap @v0", "ip daddr vmap @v0", "ip saddr vmap @v1");
  const marks = fc
    .tuple(verdicts, verdicts, verdicts)
    .map(([one, two, rest]) => `meta mark vmap { 0 : ${one}, 1-2 : ${two}, * : ${rest} }`);
  const states = fc
    .tuple(verdicts, verdicts)
    .map(([one, other]) => `ct state vmap { established : accept, new : ${one}, invalid : ${other} }`);
  const everywhere = [addresses, protocols, prefixes, named, marks];
  return family === "netdev" ? fc.oneof(...everywhere) : fc.oneof(...everywhere, pairs, links, states);
}
