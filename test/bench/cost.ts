import { cpuTimeMs } from "../lab/proc.ts";
import { pause } from "../lab/wait-for.ts";
import type { Effort, Measurement } from "./measurement.ts";
import { Pair } from "./pair.ts";
import type { ProgramName } from "./programs.ts";

const ADVERT_MS = 100;
const CPU_SECONDS: Record<Effort, number> = { full: 10, quick: 3 };
/** So long V8 compiles what is hot, and collects once or twice what start-up left behind. */
const SETTLE_MS = 20_000;

/** CPU time of the MASTER and of the BACKUP, in percent of one processor, with adverts every 100 ms. */
export function cpu(instances: number): readonly Measurement[] {
  const readings = new Map<ProgramName, Promise<{ master: number; backup: number }>>();
  // Both figures come from the same run of the same pair.
  const measured = (program: ProgramName, effort: Effort) => {
    const reading = readings.get(program) ?? measureCpu({ program, instances, effort });
    readings.set(program, reading);
    return reading;
  };
  return (["master", "backup"] as const).map((role) => ({
    name: `cpu-${role}-${instances}`,
    title: `CPU of the ${role.toUpperCase()}, ${amount(instances)}, ${ADVERT_MS} ms adverts`,
    unit: "%",
    measure: async (program, effort) => ({ value: (await measured(program, effort))[role] }),
  }));
}

async function measureCpu(run: { program: ProgramName; instances: number; effort: Effort }) {
  const settings = { advertMs: ADVERT_MS, instances: run.instances, observe: "nothing" } as const;
  return await Pair.with({ program: run.program, settings }, async (pair) => {
    const { onA, onB } = await pair.startBoth();
    await pause(SETTLE_MS);
    const used = () => ({ at: performance.now(), master: cpuTimeMs(onA.pid), backup: cpuTimeMs(onB.pid) });
    const before = used();
    await pause(CPU_SECONDS[run.effort] * 1000);
    const after = used();
    const percent = (role: "master" | "backup") =>
      ((after[role] - before[role]) / (after.at - before.at)) * 100;
    return { master: percent("master"), backup: percent("backup") };
  });
}

function amount(instances: number): string {
  return instances === 1 ? "1 instance" : `${instances} instances`;
}
