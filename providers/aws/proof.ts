/** What can be known about a permission without using it. */
import type { Obstacle } from "../../src/provider/contract.ts";
import { ProviderError } from "../../src/provider/errors.ts";
import type { Ec2, Send } from "./ec2.ts";
import { cloudCodeOf } from "./errors.ts";
import { obstacleFrom } from "./obstacles.ts";

export interface Proof {
  /** Such as `ec2:ReplaceRoute`. */
  readonly action: string;
  /** `unproven`: neither that it is granted nor that it is not. */
  readonly verdict: "granted" | "denied" | "unproven";
  /** How that is known, or why it is not. */
  readonly why: string;
  /** What the API said against it. */
  readonly error?: ProviderError;
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
): Promise<Proof> {
  const action = `ec2:${operation}`;
  try {
    await ec2.call(operation, send, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (cloudCodeOf(error) !== "DryRunOperation") return refused(action, error);
  }
  return { action, verdict: "granted", why: "by DryRun" };
}

/** @throws what is no ProviderError, which is a bug */
export function refused(action: string, error: unknown): Proof {
  if (!(error instanceof ProviderError)) throw error;
  const verdict = error.facts.kind === "denied" ? "denied" : "unproven";
  return { action, verdict, why: error.message, error };
}

/** What a rehearsal makes of proofs: everything that the API said against a call, each once. */
export async function permissionObstacles(proofs: Promise<readonly Proof[]>): Promise<readonly Obstacle[]> {
  return (await proofs).flatMap(({ error }) => (error ? [obstacleFrom(error)] : []));
}
