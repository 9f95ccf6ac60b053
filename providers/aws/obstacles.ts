import type { Obstacle } from "../../src/provider/contract.ts";
import { ProviderError } from "../../src/provider/errors.ts";

/**
 * Runs checks at once and gives what they found. A check that fails because the cloud refuses or does not answer is an
 * obstacle itself; the same refusal met by several checks is told once.
 */
export async function obstaclesOf(
  checks: readonly Promise<readonly Obstacle[]>[],
  signal: AbortSignal,
): Promise<readonly Obstacle[]> {
  const results = await Promise.allSettled(checks);
  signal.throwIfAborted();
  const found = results.flatMap((result) =>
    result.status === "fulfilled" ? result.value : [obstacleFrom(result.reason)],
  );
  return [...new Map(found.map((obstacle) => [obstacle.message, obstacle])).values()];
}

/** @throws what is no ProviderError, which is a bug */
export function obstacleFrom(error: unknown): Obstacle {
  if (!(error instanceof ProviderError)) throw error;
  const { kind, hint } = error.facts;
  return { code: kind === "denied" ? "aws/permission-denied" : `aws/${kind}`, message: error.message, hint };
}
