import { CpuQuota } from "../lab/cpu-quota.ts";
import type { Host } from "../lab/host.ts";
import type { Observer } from "../lab/observer.ts";
import { pause } from "../lab/wait-for.ts";
import type { Effort, Measurement, Reading } from "./measurement.ts";
import { Pair } from "./pair.ts";

const SECONDS: Record<Effort, number> = { full: 300, quick: 10 };
const BUSY_LOOPS = 4;
const QUOTA = 0.2;
const BUSY_LOOP = ["sh", "-c", "while :; do :; done"] as const;

/** While busy loops fight for the processors. */
export const falseTakeoversBusy: Measurement = {
  name: "false-takeovers-busy",
  title: `${takeoversIn("full")}, 30 ms adverts, ${BUSY_LOOPS} busy loops`,
  unit: "times",
  measure: (program, effort) =>
    Pair.with({ program, settings: { advertMs: 30 } }, async (pair) => {
      await pair.startBoth();
      for (let loop = 0; loop < BUSY_LOOPS; loop++) pair.client.spawn(BUSY_LOOP);
      return await countTakeovers(pair, pair.b, effort);
    }),
};

/** While each agent has to share a fifth of a processor with a busy loop. */
export const falseTakeoversQuota: Measurement = {
  name: "false-takeovers-quota",
  title: `${takeoversIn("full")}, 1 s adverts, ${QUOTA * 100} % of a processor shared with a busy loop`,
  unit: "times",
  measure: async (program, effort) => {
    const quotas = [CpuQuota.create("a", QUOTA), CpuQuota.create("b", QUOTA)] as const;
    try {
      return await Pair.with({ program, settings: { advertMs: 1000 } }, async (pair) => {
        for (const [index, host] of [pair.a, pair.b].entries()) host.confine(quotas[index]?.prefix ?? []);
        await pair.startBoth();
        for (const host of [pair.a, pair.b]) host.spawn(BUSY_LOOP);
        return await countTakeovers(pair, pair.b, effort);
      });
    } finally {
      for (const quota of quotas) quota.remove();
    }
  },
};

/** How long it was watched in a run for publication. */
export function takeoversIn(effort: Effort): string {
  return `false takeovers in ${SECONDS[effort] / 60} min`;
}

/** How often the BACKUP takes over although the MASTER lives. */
export async function countTakeovers(
  { observer }: { readonly observer: Observer },
  backup: Host,
  effort: Effort,
): Promise<Reading> {
  const before = observer.timeline().length;
  await pause(SECONDS[effort] * 1000);
  const since = observer.timeline().slice(before);
  const takeovers = since.filter(({ kind, host }) => kind === "bound" && host === backup.name);
  return { value: takeovers.length };
}
