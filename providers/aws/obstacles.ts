import type { Obstacle } from "../../src/provider/contract.ts";
import { ProviderError } from "../../src/provider/errors.ts";
import type { Ec2, Send } from "./ec2.ts";
import { cloudCodeOf } from "./errors.ts";

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

/**
 * Asks with `DryRun`, which tests permission and not state: EC2 refuses in any case, and says with its code whether the
 * caller may.
 */
export async function dryRun(
  ec2: Ec2,
  operation: string,
  send: Send<unknown>,
  signal: AbortSignal,
): Promise<readonly Obstacle[]> {
  try {
    await ec2.call(operation, send, signal);
  } catch (error) {
    if (cloudCodeOf(error) !== "DryRunOperation") throw error;
  }
  return [];
}
