import { listensToVrrp } from "../lab/proc.ts";
import { waitFor } from "../lab/wait-for.ts";
import type { Effort, Measurement } from "./measurement.ts";
import { Pair } from "./pair.ts";
import { median } from "./statistics.ts";

const ROUNDS: Record<Effort, number> = { full: 11, quick: 3 };

/** From exec to an open socket of protocol 112. Entering the network namespace is included, a few ms for both programs. */
export const startUp: Measurement = {
  name: "start",
  title: "exec to listening",
  unit: "ms",
  measure: (program, effort) =>
    Pair.with({ program, settings: { advertMs: 1000 } }, async (pair) => {
      const samples: number[] = [];
      for (let round = 0; round < ROUNDS[effort]; round++) {
        const startedAt = performance.now();
        const daemon = pair.start(pair.a);
        await waitFor(() => listensToVrrp(daemon.pid), {
          what: `${program} to listen`,
          pollMs: 1,
          seen: () => daemon.log(),
        });
        samples.push(performance.now() - startedAt);
        await daemon.stop();
      }
      return { value: median(samples), samples };
    }),
};
