import * as z from "zod";
import type { IpAddress } from "../base/ip.ts";
import type { Identity } from "../provider/contract.ts";
import type { ProviderErrorFacts } from "../provider/errors.ts";
import type { Answer } from "./thread-messages.ts";

const source = z.enum(["api", "metadata"]);
const owner = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("mine"), source }),
  z.object({
    kind: z.literal("other"),
    source,
    holder: z.string(),
    addresses: z.array(z.string()),
    stopped: z.boolean(),
  }),
  z.object({ kind: z.literal("nobody"), source }),
  z.object({ kind: z.literal("unknown"), why: z.string() }),
]);
const owners = z.array(z.object({ vip: z.string(), owner }));
const readiness = z.object({
  ready: z.boolean(),
  obstacles: z.array(z.object({ code: z.string(), message: z.string(), hint: z.string() })),
  credentialsExpire: z.string().optional(),
});
const identity = z.object({
  instanceId: z.string(),
  networkInterfaceId: z.string(),
  subnetId: z.string().optional(),
  zone: z.string().optional(),
  region: z.string().optional(),
});

/**
 * Holds a provider to the contract at run time: a plug-in that answers nonsense must not be believed, least of all that
 * it owns an address.
 *
 * @throws when the answer has another shape than the contract's, or is not about the VIPs in the order asked
 */
export function checkAnswer(answer: Answer, vips: readonly IpAddress[] = []): Answer {
  switch (answer.operation) {
    case "owner": {
      const answered = owners.parse(answer.owners).map(({ vip }) => vip);
      if (answered.join() === vips.join()) break;
      throw new Error(`asked who has ${vips.join(", ")}, it spoke of ${answered.join(", ") || "nothing"}`);
    }
    case "rehearse":
      readiness.parse(answer.readiness);
      break;
    case "open":
    case "claim":
      break;
  }
  return answer;
}

/** @throws when it has another shape than the contract's */
export function checkIdentity(answer: Identity): Identity {
  identity.parse(answer);
  return answer;
}

const providerError = z.object({
  name: z.literal("ProviderError"),
  facts: z.object({
    kind: z.enum(["throttled", "denied", "conflict", "not-found", "unreachable", "misconfigured"]),
    operation: z.string(),
    message: z.string(),
    hint: z.string(),
    cloudCode: z.string().optional(),
    requestId: z.string().optional(),
    retryAfterMs: z.number().nonnegative().optional(),
  }),
});

/** The facts of a `ProviderError`, of ours or of the copy of the class that a plug-in brings along; undefined for anything else. */
export function factsOfProviderError(error: unknown): ProviderErrorFacts | undefined {
  const parsed = providerError.safeParse(error);
  return parsed.success ? parsed.data.facts : undefined;
}
