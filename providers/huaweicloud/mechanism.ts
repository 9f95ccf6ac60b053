import type { IpAddress } from "../../src/base/ip.ts";
import type { Obstacle, Ownership, Plan } from "../../src/provider/contract.ts";
import { ProviderError } from "../../src/provider/errors.ts";
import type { Port } from "./vpc.ts";

/** A way of making the cloud send the VIPs' traffic here. The methods are those of the provider, for one mechanism. */
export interface Mechanism {
  plan(vips: readonly IpAddress[]): Plan;
  claim(vips: readonly IpAddress[], signal: AbortSignal): Promise<void>;
  owner(vips: readonly IpAddress[], signal: AbortSignal): Promise<readonly Ownership[]>;
  /** Beside those of the own interface. */
  obstacles(vips: readonly IpAddress[], signal: AbortSignal): Promise<readonly Obstacle[]>;
  /** Writes something as it is: nothing changes, and only who may claim may do it. */
  proveRight(nic: Port, signal: AbortSignal): Promise<void>;
}

/**
 * Runs every step to its end, so that one that fails does not leave the others undone.
 *
 * @throws {ProviderError} one of the failures, and how many there were
 */
export async function allOf(steps: readonly Promise<unknown>[], signal: AbortSignal): Promise<void> {
  const results = await Promise.allSettled(steps);
  signal.throwIfAborted();
  const failures = results.flatMap((result) =>
    result.status === "rejected" ? [result.reason as unknown] : [],
  );
  // What passes by itself decides: the claim is worth repeating as long as one step may succeed then.
  const passing = failures.find((failure) => failure instanceof ProviderError && failure.retry === "soon");
  const first = passing ?? failures[0];
  if (first === undefined) return;
  if (failures.length === 1 || !(first instanceof ProviderError)) throw first;
  const message = `${first.facts.message}; ${failures.length} of ${results.length} steps failed`;
  throw new ProviderError({ ...first.facts, message });
}

/** Turns a failure into an obstacle. What is no {@link ProviderError} is a bug and goes on. */
export function obstacleOf(error: unknown): Obstacle {
  if (!(error instanceof ProviderError)) throw error;
  const { kind, hint } = error.facts;
  const code = kind === "denied" ? "huaweicloud/permission-denied" : `huaweicloud/${kind}`;
  return { code, message: error.message, hint };
}
