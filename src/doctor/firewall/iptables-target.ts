/** The targets of iptables, iptables-extensions(8), as steps. */
import type { Option } from "./iptables-words.ts";
import { MASQUERADE, type Step, type Verdict } from "./ruleset.ts";

/** What `-j` or `-g` names, with the options that follow it. */
export function readTarget(
  target: Option,
  options: readonly Option[],
  chains: ReadonlySet<string>,
): readonly Step[] {
  const name = target.values[0] ?? "";
  if (chains.has(name)) return [verdict({ kind: target.name === "-g" ? "goto" : "jump", chain: name })];
  if (WITHOUT_EFFECT.has(name)) return [];
  const written = WRITES[name];
  if (written !== undefined) return [{ kind: "set-field", field: written, change: "unknown" }];
  switch (name) {
    case "ACCEPT":
      return [verdict({ kind: "accept" })];
    case "DROP":
    case "REJECT":
      return [verdict({ kind: "drop" })];
    case "RETURN":
      return [verdict({ kind: "return" })];
    case "NOTRACK":
      return [{ kind: "notrack" }];
    case "CT":
      return options.some((option) => option.name === "--notrack") ? [{ kind: "notrack" }] : [];
    case "MARK":
      return [readMark("meta mark", options)];
    case "CONNMARK":
      return readConnmark(options);
    case "MASQUERADE":
      return [MASQUERADE];
    default:
      return [verdict({ kind: "unpredictable", text: `target ${name}` })];
  }
}

/** They watch, label or classify; the rules below still see the packet as it was. */
const WITHOUT_EFFECT = new Set(
  "LOG NFLOG ULOG AUDIT TRACE CLASSIFY CHECKSUM TCPMSS TCPOPTSTRIP SECMARK CONNSECMARK TEE SET IDLETIMER LED RATEEST HMARK".split(
    " ",
  ),
);
/** They write a header field, to what does not matter. */
const WRITES: Readonly<Record<string, string>> = { TTL: "ip ttl", DSCP: "ip dscp", TOS: "ip dscp" };

function readConnmark(options: readonly Option[]): readonly Step[] {
  if (options.some(({ name }) => name === "--restore-mark")) {
    return [{ kind: "set-field", field: "meta mark", change: "unknown" }];
  }
  return [readMark("ct mark", options)];
}

/** `--set-xmark VALUE/MASK`: zero the bits of the mask, then flip those of the value. */
function readMark(field: string, options: readonly Option[]): Step {
  const text = options.find(({ name }) => name === "--set-xmark")?.values[0];
  const [value, mask = 0xffffffff] = (text ?? "").split("/").map(Number);
  const readable = text !== undefined && value !== undefined && !Number.isNaN(value);
  return {
    kind: "set-field",
    field,
    change: readable ? { keep: ~mask, xor: value } : "unknown",
  };
}

function verdict(given: Verdict): Step {
  return { kind: "verdict", verdict: given };
}
