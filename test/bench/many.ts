/** What a failure costs where one pair of hosts runs many instances. */
import { AddressMonitor } from "../lab/address-monitor.ts";
import { waitFor } from "../lab/wait-for.ts";
import type { Effort, Measurement } from "./measurement.ts";
import { Pair } from "./pair.ts";
import type { ProgramName } from "./programs.ts";
import { median } from "./statistics.ts";

const ADVERT_MS = 100;
const ROUNDS: Record<Effort, number> = { full: 5, quick: 1 };
/** VIPs that a client pings, spread evenly over all. */
const PROBED = 10;
/** Of each of them; together they are as many as one probe at 2 ms. */
const PROBE_MS = 20;
/** A keepalived that gets no processor takes its time. */
const DEADLINE_MS = 30_000;

/** From SIGKILL of the MASTER's processes until the last VIP is bound on the other host. */
export function moveAll(instances: number): Measurement {
  return {
    name: `move-all-${instances}`,
    title: `all VIPs moved after SIGKILL, ${instances} instances, ${ADVERT_MS} ms adverts`,
    unit: "ms",
    measure: async (program, effort) => {
      const samples: number[] = [];
      // Each in a lab of its own: a keepalived that comes back among so many takes longer to preempt them all than to be measured.
      for (let round = 0; round < ROUNDS[effort]; round++) samples.push(await moveOnce(program, instances));
      return { value: median(samples), samples };
    },
  };
}

function moveOnce(program: ProgramName, instances: number): Promise<number> {
  const settings = { advertMs: ADVERT_MS, instances, observe: "nothing" } as const;
  return Pair.with({ program, settings }, async (pair) => {
    const { onA } = await pair.startBoth();
    const monitor = await AddressMonitor.start(pair.b);
    const before = monitor.observations.length;
    const killedAt = Date.now();
    await onA.kill();
    const bound = () => monitor.observations.slice(before).filter(({ kind }) => kind === "bound");
    await waitFor(() => bound().length >= instances, {
      what: `${instances} VIPs on ${pair.b.name}`,
      deadlineMs: DEADLINE_MS,
    });
    return Math.max(...bound().map(({ atMs }) => atMs)) - killedAt;
  });
}

/** The longest gap of pings to VIPs of many instances when the MASTER's host vanishes: of the VIP in the middle, and of the worst. */
export function hostLossMany(instances: number): readonly Measurement[] {
  const readings = new Map<ProgramName, Promise<readonly (readonly number[])[]>>();
  // Both figures come from the same losses.
  const measured = (program: ProgramName, effort: Effort) => {
    const reading = readings.get(program) ?? loseHosts({ program, instances, effort });
    readings.set(program, reading);
    return reading;
  };
  const of = (name: string, figure: (gaps: readonly number[]) => number): Measurement => ({
    name: `host-loss-${instances}-instances-${name}`,
    title: `gap at host loss, ${instances} instances, ${ADVERT_MS} ms adverts: ${name} of ${PROBED} VIPs`,
    unit: "ms",
    measure: async (program, effort) => {
      const samples = (await measured(program, effort)).map(figure);
      return { value: median(samples), samples };
    },
  });
  return [of("median", median), of("worst", (gaps) => Math.max(...gaps))];
}

/** For each loss the longest gap of each VIP that is pinged. */
async function loseHosts(run: { program: ProgramName; instances: number; effort: Effort }) {
  const settings = { advertMs: ADVERT_MS, instances: run.instances };
  return await Pair.with({ program: run.program, settings }, async (pair) => {
    await pair.startBoth();
    const vips = Array.from({ length: PROBED }, (_, index) =>
      pair.lab.vip(Math.floor(((index + 0.5) * run.instances) / PROBED)),
    );
    const losses: (readonly number[])[] = [];
    for (let round = 0; round < ROUNDS[run.effort]; round++) losses.push(await gapsOfOneLoss(pair, vips));
    return losses;
  });
}

async function gapsOfOneLoss(pair: Pair, vips: readonly string[]): Promise<readonly number[]> {
  const probes = await Promise.all(vips.map((vip) => pair.client.probe(vip, { intervalMs: PROBE_MS })));
  await pair.lab.cut(pair.a);
  const results = await Promise.all(probes.map((probe) => probe.recovered({ atLeastMs: 1.5 * ADVERT_MS })));
  await Promise.all(probes.map((probe) => probe.stop()));
  await pair.lab.heal();
  await Promise.all(vips.map((vip) => pair.observer.waitForHolder(vip, pair.a, DEADLINE_MS)));
  await pair.settled();
  return results.map(({ longestGapMs }) => longestGapMs);
}
