import { ProviderError } from "../../../src/provider/errors.ts";
import { byHand, type Verdict, verdict } from "../../../src/provider/preflight.ts";
import type { HuaweiCheck } from "./check.ts";
import type { Facts } from "./facts.ts";

export const REACHABILITY_CHECKS: readonly HuaweiCheck[] = [
  {
    code: "huaweicloud/unreachable",
    title: "the VPC service answers from here",
    severity: "failure",
    why: "With routes and exclusive bindings the API moves the address; with virtual IPs it repairs the bindings. A subnet without a NAT gateway, an EIP or a VPC endpoint, or an egress rule, may have no way to it.",
    ask: (facts) =>
      onTrouble(facts, "unreachable", "what the API has to do at a failover is not done until it answers"),
  },
  {
    code: "huaweicloud/throttled",
    title: "the account's API rate is not used up",
    severity: "warning",
    why: "Other tools of the account use the same limit of calls.",
    ask: (facts) =>
      onTrouble(facts, "throttled", "calls of a failover are repeated until the API takes them"),
  },
  {
    code: "huaweicloud/permission-denied",
    title: "the agency may do what a claim does",
    severity: "failure",
    why: "A right that the agency lacks shows on the night of the failover. Doctor writes the name of the own interface, or of a route table, as it is: nothing changes, and only who may claim may do it. The audit log shows that call.",
    ask: async (facts) => {
      const { mechanism, signal } = facts.settings;
      const nic = await facts.ownPort();
      try {
        await mechanism.proveRight(nic, signal);
        return { kind: "fine", note: "proved by writing a name as it is" };
      } catch (error) {
        if (!(error instanceof ProviderError) || error.facts.kind !== "denied") throw error;
        const consequence = "a failover to this node cannot be completed in the cloud";
        const finding = byHand(error.message, [], { consequence, advice: error.facts.hint });
        return { kind: "found", findings: [finding] };
      }
    },
  },
  {
    code: "huaweicloud/credentials-expire",
    title: "the credentials last, or are renewed",
    severity: "warning",
    why: "The metadata service shows an agency's next credentials ten minutes before the old ones end.",
    ask: ({ settings }) => {
      const { credentialsExpireAt: end } = settings;
      if (end === undefined || !Number.isFinite(end)) return { kind: "fine", note: "they do not end" };
      const text = new Date(end).toISOString();
      const expiring = byHand(`the credentials end at ${text}, and no newer ones are there`, [], {
        consequence: "every call after that is refused",
        advice: "see whether the server still has its agency, and whether its metadata answer",
      });
      return verdict(end - Date.now() < LEFT_MIN_MS ? [expiring] : [], `until ${text}`);
    },
  },
];

const LEFT_MIN_MS = 5 * 60_000;

async function onTrouble(
  facts: Facts,
  kind: ProviderError["facts"]["kind"],
  consequence: string,
): Promise<Verdict> {
  const { tookMs, error } = await facts.probe();
  if (!error) return { kind: "fine", note: `${Math.round(tookMs)} ms for one call` };
  if (error.facts.kind !== kind) return { kind: "unseen", why: error.message };
  const finding = byHand(error.message, [], { consequence, advice: error.facts.hint });
  return { kind: "found", findings: [finding] };
}
