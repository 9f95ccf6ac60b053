import { seconds } from "../../../src/base/units.ts";
import type { ProviderError } from "../../../src/provider/errors.ts";
import { type PreflightFinding, type Verdict, verdict } from "../../../src/provider/preflight.ts";
import type { AwsCheck } from "./check.ts";
import type { Facts } from "./facts.ts";

export const REACHABILITY_CHECKS: readonly AwsCheck[] = [
  {
    code: "aws/unreachable",
    title: "the EC2 API answers from here",
    severity: "failure",
    why: "Only the API moves an address on AWS. A subnet without a NAT gateway, an internet gateway with a public address, or a VPC endpoint for ec2 has no way to it; a security group or a proxy may also be in between.",
    ask: (facts) => onTrouble(facts, "unreachable", (error) => unreachable(error)),
  },
  {
    code: "aws/throttled",
    title: "the account's API rate is not used up",
    severity: "warning",
    why: "Calls are counted by account, region and action. Another tool that polls (an autoscaler, a CNI, a monitoring system) drains the same bucket, and the claim of a failover then waits.",
    ask: (facts) => onTrouble(facts, "throttled", (error) => throttled(error)),
  },
  {
    code: "aws/api-slow",
    title: "the EC2 API answers quickly",
    severity: "warning",
    why: "A claim is one call, so the time of a call is the time of a failover, beside the election. An API that needs most of `request_timeout` on a quiet day misses it on a bad one.",
    ask: async (facts) => {
      const { tookMs, error } = await facts.probe();
      if (error) return { kind: "unseen", why: error.message };
      const limitMs = seconds(facts.options.request_timeout) / 2;
      return verdict(
        tookMs > limitMs ? [slow(tookMs, limitMs)] : [],
        `${Math.round(tookMs)} ms for one call`,
      );
    },
  },
  {
    code: "aws/credentials-expire",
    title: "the credentials last, or are renewed",
    severity: "warning",
    why: "Credentials of an instance's role are replaced by new ones before they end. Keys in the environment that end are replaced by nobody: the agent works until then, and the failover after that is refused.",
    ask: ({ credentialsExpire }) => {
      if (!credentialsExpire) return { kind: "fine", note: "they do not end" };
      const leftMs = credentialsExpire.getTime() - Date.now();
      const note = `until ${credentialsExpire.toISOString()}`;
      return verdict(leftMs < LEFT_MIN_MS ? [expiring(credentialsExpire, leftMs)] : [], note);
    },
  },
];

/** EC2 shows a role's next credentials at least five minutes before the old ones end. */
const LEFT_MIN_MS = 5 * 60_000;

/** Findings when the API's answer to a cheap question was of this kind of trouble. */
async function onTrouble(
  facts: Facts,
  kind: ProviderError["facts"]["kind"],
  finding: (error: ProviderError) => PreflightFinding,
): Promise<Verdict> {
  const { tookMs, error } = await facts.probe();
  if (!error) return { kind: "fine", note: `one call was answered after ${Math.round(tookMs)} ms` };
  if (error.facts.kind === kind) return { kind: "found", findings: [finding(error)] };
  return { kind: "unseen", why: error.message };
}

function unreachable(error: ProviderError): PreflightFinding {
  return {
    message: error.message,
    evidence: [],
    consequence: "a failover moves nothing in the cloud: the VIP stays where it was",
    fix: { advice: error.facts.hint, calls: [], commands: [] },
  };
}

function throttled(error: ProviderError): PreflightFinding {
  return {
    message: error.message,
    evidence: [error.facts.cloudCode ?? ""].filter((code) => code !== ""),
    consequence: "the claim of a failover is repeated until the API takes it, seconds or minutes later",
    fix: {
      advice:
        "find in CloudTrail who calls the same actions so often, and slow it down, or ask for a higher rate",
      calls: [],
      commands: [],
    },
  };
}

function slow(tookMs: number, limitMs: number): PreflightFinding {
  return {
    message: `one call took ${Math.round(tookMs)} ms, more than half of \`request_timeout\``,
    evidence: [`ec2:DescribeNetworkInterfaces: ${Math.round(tookMs)} ms, half of the limit is ${limitMs} ms`],
    consequence: "a claim may be given up and repeated although the API would have made it",
    fix: {
      advice:
        "find what is slow on the way (proxy, NAT, VPC endpoint in another zone), or raise `request_timeout`",
      calls: [],
      commands: [],
    },
  };
}

function expiring(end: Date, leftMs: number): PreflightFinding {
  const left = leftMs > 0 ? `in ${Math.ceil(leftMs / 60_000)} min` : "already";
  return {
    message: `the credentials end ${left}, and no newer ones are there`,
    evidence: [`they end at ${end.toISOString()}`],
    consequence: "every call after that is refused, so no failover moves the address",
    fix: {
      advice:
        "give the instance an IAM role instead of keys that end; if it has one, see whether its metadata are renewed",
      calls: [],
      commands: [],
    },
  };
}
