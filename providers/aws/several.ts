import { messageOf } from "../../src/base/errors.ts";
import { ProviderError } from "../../src/provider/errors.ts";
import type { Failure } from "./in-parallel.ts";

/**
 * Nothing when all calls of a claim succeeded; else one error for those that failed. What passes by itself decides the kind,
 * because the claim is worth repeating as long as one call may succeed then.
 *
 * @throws {ProviderError}
 */
export function throwFailures<Item>(
  failures: readonly Failure<Item>[],
  about: { readonly total: number; readonly name: (item: Item) => string },
): void {
  const stranger = failures.find(({ error }) => !(error instanceof ProviderError));
  if (stranger) throw stranger.error;
  const errors = failures.map(({ error }) => error as ProviderError);
  const leading = errors.find((error) => error.retry === "soon") ?? errors[0];
  if (!leading) return;
  if (about.total === 1) throw leading;
  const list = failures.map(({ item, error }) => `${about.name(item)} (${messageOf(error)})`);
  throw new ProviderError({
    ...leading.facts,
    message: `${failures.length} of ${about.total} calls failed: ${list.join("; ")}`,
  });
}
