/** Random rulesets in the form that iptables-restore reads. */
import fc, { type Arbitrary } from "fast-check";
import { ADDRESSES, MARKS, PREFIXES } from "./arbitrary-addresses.ts";

/** The built-in chains on the paths that an advert takes. */
export const IPTABLES_CHAINS = {
  raw: ["PREROUTING", "OUTPUT"],
  mangle: ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
  nat: ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
  filter: ["INPUT", "OUTPUT"],
  security: ["INPUT", "OUTPUT"],
} as const;
type TableName = keyof typeof IPTABLES_CHAINS;

interface RulePlan {
  readonly chain: number;
  readonly matches: readonly string[];
  readonly target: string;
  readonly to: number;
}

/** One to three tables. */
export const iptablesRules: Arbitrary<string> = fc
  .uniqueArray(fc.constantFrom<TableName>("filter", "filter", "mangle", "raw", "security", "nat"), {
    minLength: 1,
    maxLength: 3,
  })
  .chain((names) => fc.tuple(...names.map(tableText)))
  .map((tables) => tables.join(""));

function tableText(name: TableName): Arbitrary<string> {
  return fc
    .record({
      policies: fc.array(fc.constantFrom("ACCEPT", "ACCEPT", "DROP"), { minLength: 4, maxLength: 4 }),
      users: fc.integer({ min: 0, max: 3 }),
      rules: fc.array(rulePlan(name), { maxLength: 8 }),
    })
    .map(({ policies, users, rules }) => {
      const builtIn = IPTABLES_CHAINS[name];
      const names = [...builtIn, ...Array.from({ length: users }, (_, index) => `user-${index}`)];
      const lines = [
        `*${name}`,
        // Table nat is not for filtering, say its policies and targets.
        ...builtIn.map(
          (chain, index) => `:${chain} ${name === "nat" ? "ACCEPT" : (policies[index] ?? "ACCEPT")} [0:0]`,
        ),
        ...names.slice(builtIn.length).map((chain) => `:${chain} - [0:0]`),
        ...rules.map((rule) => ruleText(rule, names, builtIn.length)),
        "COMMIT",
      ];
      return `${lines.join("\n")}\n`;
    });
}

/** User chains only lead to those behind them, so there is no loop. */
function ruleText(
  { chain, matches, target, to }: RulePlan,
  names: readonly string[],
  builtIn: number,
): string {
  const from = chain % names.length;
  const targets = names.slice(Math.max(builtIn, from + 1));
  const name = names[from] ?? "";
  const hook = from < builtIn ? name : "user";
  const possible = matches.filter((match) => isPossible(match, hook));
  const next = targets[to % Math.max(1, targets.length)];
  const end = target.includes("%") ? (next === undefined ? "-j ACCEPT" : target.replace("%", next)) : target;
  return ["-A", name, ...possible, ...(isPossible(end, hook) ? [end] : [])].join(" ");
}

/** Some matches and targets are refused in some chains. */
function isPossible(text: string, hook: string): boolean {
  if (/-i /.test(text)) return hook !== "OUTPUT" && hook !== "POSTROUTING";
  if (/-o /.test(text)) return hook !== "INPUT" && hook !== "PREROUTING";
  if (text.includes("MASQUERADE")) return hook === "POSTROUTING";
  return !text.includes("REJECT") || hook === "INPUT";
}

function rulePlan(table: TableName): Arbitrary<RulePlan> {
  return fc.record({
    chain: fc.nat(13),
    matches: fc.uniqueArray(matchText(), { maxLength: 2, selector: optionOf }),
    target: targetText(table),
    to: fc.nat(7),
  });
}

/** An option may be given once. */
function optionOf(match: string): string {
  return /(?:^|[^-\w])(-{1,2}[a-z][\w-]*)(?: |$)/.exec(match.replace(/^-m \w+ /, ""))?.[1] ?? match;
}

function targetText(table: TableName): Arbitrary<string> {
  const drops = table === "nat" ? [] : ["-j DROP", "-j DROP"];
  const verdicts = ["-j ACCEPT", "-j ACCEPT", ...drops, "-j RETURN", "-j %", "-j %", "-g %", ""];
  const own = {
    raw: ["-j NOTRACK", "-j CT --notrack"],
    mangle: [
      "-j MARK --set-xmark 0x1/0xffffffff",
      "-j MARK --set-xmark 0x2/0x3",
      "-j MARK --set-xmark 0x0/0x1",
      "-j CONNMARK --set-xmark 0x1/0xffffffff",
      "-j CONNMARK --restore-mark",
      "-j CONNMARK --save-mark",
      "-j TTL --ttl-set 64",
      "-j DSCP --set-dscp 0x08",
    ],
    nat: ["-j MASQUERADE"],
    filter: ["-j REJECT"],
    security: [],
  } as const;
  return fc.constantFrom(...verdicts, ...own[table]);
}

const RARE: readonly string[] = ["-m limit --limit 100/sec", "-m statistic --mode random --probability 0.5"];

function matchText(): Arbitrary<string> {
  const not = fc.constantFrom("", "", "! ");
  const simple = fc.constantFrom(
    "-p 112",
    "-p 112",
    "! -p 112",
    "-p tcp",
    "! -p tcp",
    "-i vb",
    "! -i vb",
    "-i v+",
    "-i lo",
    "-o vb",
    "! -o lo",
    "! -f",
    "-f",
    "-m conntrack --ctstate NEW",
    "-m conntrack --ctstate RELATED,ESTABLISHED",
    "-m conntrack ! --ctstate NEW",
    "-m conntrack --ctstate INVALID",
    "-m state --state NEW,UNTRACKED",
    "-m conntrack --ctstate RELATED,ESTABLISHED,DNAT",
    "-m conntrack ! --ctstate SNAT,DNAT",
    "-m connmark --mark 0x1",
    "-m connmark ! --mark 0x1/0x3",
    "-m pkttype --pkt-type unicast",
    "-m pkttype ! --pkt-type multicast",
    "-m ttl --ttl-eq 255",
    "-m ttl --ttl-lt 255",
    "-m ttl --ttl-gt 64",
    "-m length --length 36",
    "-m length --length 0:30",
    "-m length ! --length 20:40",
    "-m dscp --dscp 48",
    "-m dscp ! --dscp 48",
    "-m addrtype --dst-type LOCAL",
    "-m addrtype ! --dst-type LOCAL",
    "-m addrtype --src-type UNICAST",
    '-m comment --comment "a \\"b\\" -j DROP"',
    "-p tcp -m tcp --dport 22",
    "-p udp -m multiport --dports 53,67",
    "-m iprange --src-range 10.9.0.1-10.9.0.39",
    "-m iprange ! --dst-range 10.9.0.1-10.9.0.39",
    "-d 10.0.0.2/255.0.0.255",
  );
  const addresses = fc
    .tuple(not, fc.constantFrom("-s", "-d"), fc.oneof(ADDRESSES, PREFIXES))
    .map(([negation, option, value]) => `${negation}${option} ${value}`);
  const marks = fc
    .tuple(not, MARKS, fc.constantFrom("", "/0x3"))
    .map(([negation, mark, mask]) => `-m mark ${negation}--mark ${mark}${mask}`);
  // What nobody can foresee stays rare, as it is on hosts.
  const rare = fc.integer({ min: 0, max: 15 }).map((number) => RARE[number] ?? "-p 112");
  return fc.oneof(
    { weight: 8, arbitrary: simple },
    { weight: 5, arbitrary: addresses },
    { weight: 2, arbitrary: marks },
    { weight: 1, arbitrary: rare },
  );
}
