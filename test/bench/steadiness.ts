import { pause } from "../lab/wait-for.ts";
import type { Effort, Measurement } from "./measurement.ts";
import { Pair } from "./pair.ts";

const ADVERT_MS = 30;
const BUSY_LOOPS = 4;
const SECONDS: Record<Effort, number> = { full: 60, quick: 10 };

/** How often the BACKUP takes over although the MASTER lives, while busy loops fight for the processors. */
export const falseTakeovers: Measurement = {
  name: "false-takeovers",
  title: `false takeovers (${SECONDS.full} s), ${ADVERT_MS} ms adverts, ${BUSY_LOOPS} busy loops`,
  unit: "times",
  measure: (program, effort) =>
    Pair.with({ program, settings: { advertMs: ADVERT_MS } }, async (pair) => {
      await pair.startBoth();
      for (let loop = 0; loop < BUSY_LOOPS; loop++) pair.client.spawn(["sh", "-c", "while :; do :; done"]);
      const before = pair.observer.timeline().length;
      await pause(SECONDS[effort] * 1000);
      const since = pair.observer.timeline().slice(before);
      const takeovers = since.filter(({ kind, host }) => kind === "bound" && host === pair.b.name);
      return { value: takeovers.length };
    }),
};
