import type { IpAddress } from "../../base/ip.ts";
import type { HooksConfig, StateActions } from "../../config/hooks-config.ts";
import { type Hooked, type HookState, keyOf } from "./happening.ts";
import { HeldSettings } from "./held-settings.ts";
import { type AcceptRule, acceptRules, kernelSettings, type RunProgram, units } from "./switchboards.ts";

/** An instance or a sync group as its hooks see it. */
export interface HookedInstance extends Hooked {
  readonly hooks: HooksConfig;
  readonly addresses: readonly IpAddress[];
}

type Sort = "sysctl" | "unit" | "accept";

interface Wish {
  readonly sort: Sort;
  readonly key: string;
  readonly value: string;
}

/**
 * What instances have done on this host while they are MASTER, or BACKUP. It goes from what holds now to what the newest state
 * asks for, so a state that was passed over leaves nothing behind.
 */
export class StateActionsOfHost {
  readonly #settings: Readonly<Record<Sort, HeldSettings>>;
  /** By instance. */
  readonly #held = new Map<string, readonly Wish[]>();

  constructor(run: RunProgram) {
    this.#settings = {
      sysctl: new HeldSettings(kernelSettings),
      unit: new HeldSettings(units(run)),
      accept: new HeldSettings(acceptRules(run)),
    };
  }

  /** @returns what could not be done, in words */
  async enter(instance: HookedInstance, state: HookState): Promise<readonly string[]> {
    const wanted = wishesIn(instance, state);
    const held = this.#held.get(keyOf(instance)) ?? [];
    const isHeld = (wish: Wish) => held.some((other) => isSame(wish, other));
    const isWanted = (wish: Wish) => wanted.some(({ sort, key }) => sort === wish.sort && key === wish.key);
    this.#held.set(keyOf(instance), wanted);
    const failures: string[] = [];
    const attempt = (work: Promise<void>) =>
      work.catch((error: unknown) => failures.push(error instanceof Error ? error.message : String(error)));
    // The last thing done is the first undone.
    for (const { sort, key } of held.toReversed().filter((wish) => !isWanted(wish))) {
      await attempt(this.#settings[sort].release(keyOf(instance), key));
    }
    for (const { sort, key, value } of wanted.filter((wish) => !isHeld(wish))) {
      await attempt(this.#settings[sort].hold(keyOf(instance), key, value));
    }
    return failures;
  }
}

function isSame(one: Wish, other: Wish): boolean {
  return one.sort === other.sort && one.key === other.key && one.value === other.value;
}

function wishesIn({ hooks, addresses }: HookedInstance, state: HookState): readonly Wish[] {
  if (state === "MASTER") return wishesOf(hooks.onMaster, addresses);
  return state === "BACKUP" ? wishesOf(hooks.onBackup, addresses) : [];
}

/** Packets are let in before a unit starts that answers them. */
function wishesOf(
  { sysctl, units: names, accept }: StateActions,
  addresses: readonly IpAddress[],
): readonly Wish[] {
  const rules = accept ? rulesFor(accept, addresses) : [];
  return [
    ...Object.entries(sysctl).map(([key, value]): Wish => ({ sort: "sysctl", key, value })),
    ...rules.map((rule): Wish => ({ sort: "accept", key: JSON.stringify(rule), value: "present" })),
    ...names.map((key): Wish => ({ sort: "unit", key, value: "start" })),
  ];
}

/** VRRP itself, and everything for the virtual addresses. */
function rulesFor(
  where: NonNullable<StateActions["accept"]>,
  addresses: readonly IpAddress[],
): readonly AcceptRule[] {
  const matches =
    where.kind === "iptables"
      ? [["-p", "112"], ...addresses.map((address) => ["-d", address])]
      : [["ip", "protocol", "112"], ...addresses.map((address) => ["ip", "daddr", address])];
  return matches.map((match) => ({ where, match }));
}
