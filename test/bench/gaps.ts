import { pause } from "../lab/wait-for.ts";
import type { Effort, Measurement } from "./measurement.ts";
import { Pair } from "./pair.ts";
import { median } from "./statistics.ts";

/** The longest gap of a 2 ms ping when the MASTER's host vanishes. The survivor has priority 100. */
export function hostLoss(advertMs: number, rounds: Record<Effort, number>): Measurement {
  return {
    name: `host-loss-${advertMs}ms`,
    title: `gap at host loss, ${advertMs} ms adverts`,
    unit: "ms",
    measure: (program, effort) =>
      Pair.with({ program, settings: { advertMs } }, async (pair) => {
        await pair.startBoth();
        return await medianOf(rounds[effort], (phase) => loseHost(pair, phase));
      }),
  };
}

/** The longest gap of a 2 ms ping when the MASTER is stopped with SIGTERM. */
export function plannedStop(advertMs: number, rounds: Record<Effort, number>): Measurement {
  return {
    name: `stop-${advertMs}ms`,
    title: `gap at SIGTERM, ${advertMs} ms adverts`,
    unit: "ms",
    measure: (program, effort) =>
      Pair.with({ program, settings: { advertMs } }, async (pair) => {
        let { onA } = await pair.startBoth();
        return await medianOf(rounds[effort], async (phase) => {
          const probe = await pair.client.probe(pair.vip);
          await pair.nextAdvert();
          await pause(phase * advertMs);
          const stopped = onA.stop();
          await pair.observer.waitForHolder(pair.vip, pair.b);
          await stopped;
          const { longestGapMs } = await probe.stop();
          onA = pair.start(pair.a);
          await pair.settled();
          return longestGapMs;
        });
      }),
  };
}

async function loseHost(pair: Pair, phase: number): Promise<number> {
  const probe = await pair.client.probe(pair.vip);
  await pair.nextAdvert();
  await pause(phase * pair.advertMs);
  await pair.lab.cut(pair.a);
  // The survivor waits at least two intervals after the fault.
  const { longestGapMs } = await probe.recovered({ atLeastMs: 1.5 * pair.advertMs });
  await probe.stop();
  await pair.lab.heal();
  await pair.settled();
  return longestGapMs;
}

/**
 * Repeats a measurement with the fault at phases (0 to 1) that are spread evenly between two adverts: a gap depends on
 * the phase by up to one interval, and even spacing makes few rounds tell what many random ones would.
 */
async function medianOf(rounds: number, once: (phase: number) => Promise<number>) {
  const samples: number[] = [];
  for (let round = 0; round < rounds; round++) samples.push(await once((round + 0.5) / rounds));
  return { value: median(samples), samples, details: { worst: Math.max(...samples) } };
}
