import { isDeepStrictEqual } from "node:util";
import type { InstanceConfig } from "../config/config.ts";

/** What a reload does to the running instances. */
export interface ReloadPlan<T> {
  readonly stop: readonly T[];
  /** The same virtual router with other settings. */
  readonly change: readonly { readonly running: T; readonly config: InstanceConfig }[];
  readonly start: readonly InstanceConfig[];
}

/**
 * Compares by virtual_router_id, version, interface and source address, as keepalived does, not by name: these four make a
 * virtual router another one for its peers, and everything else can change while it runs.
 */
export function planReload<T extends { readonly config: InstanceConfig }>(
  running: readonly T[],
  wanted: readonly InstanceConfig[],
): ReloadPlan<T> {
  const unmatched = [...running];
  const change: { running: T; config: InstanceConfig }[] = [];
  const start: InstanceConfig[] = [];
  for (const config of wanted) {
    const index = unmatched.findIndex((candidate) => identity(candidate.config) === identity(config));
    const [match] = index < 0 ? [] : unmatched.splice(index, 1);
    if (!match) start.push(config);
    else if (!isDeepStrictEqual(match.config, config)) change.push({ running: match, config });
  }
  return { stop: unmatched, change, start };
}

function identity({ router, interfaceName, sourceAddress }: InstanceConfig): string {
  return [router.virtualRouterId, router.version, interfaceName, sourceAddress ?? ""].join(" ");
}
