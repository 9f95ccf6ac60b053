import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { AwsPair } from "../lab/cloud-aws.ts";
import type { Lab } from "../lab/lab.ts";
import { pause } from "../lab/wait-for.ts";
import type { Measurement } from "./measurement.ts";
import { type MemoryParts, memoryParts } from "./memory-parts.ts";
import { Pair } from "./pair.ts";
import type { ProgramName } from "./programs.ts";
import { withLab } from "./with-lab.ts";

const ADVERT_MS = 100;
/** What start-up left behind is gone by then, as far as it goes at all. */
const SETTLE_MS = 5_000;

/** Memory of a MASTER that is the only agent on the machine, all its processes together. */
export function memory(instances: number): Measurement {
  return {
    name: `memory-${instances}`,
    title: `memory (PSS), ${instances === 1 ? "1 instance" : `${instances} instances`}`,
    unit: "MB",
    measure: async (program) => {
      const { total, ...details } = await ofMaster(program, instances);
      return { value: total, details };
    },
  };
}

/** The same with a provider that has claimed and verified, and with where that memory goes. */
export const memoryWithCloud: readonly Measurement[] = parts(
  "memory-aws",
  "memory (PSS), AWS provider warm",
  ofMasterWithCloud,
);

function parts(name: string, title: string, measured: () => Promise<MemoryParts>): readonly Measurement[] {
  let reading: Promise<MemoryParts> | undefined;
  const part = (suffix: string, of: string, key: keyof MemoryParts): Measurement => ({
    name: `${name}${suffix}`,
    title: `${title}${of}`,
    unit: "MB",
    programs: ["cloudvip"],
    measure: async () => {
      // All figures come from the same process.
      reading ??= measured();
      return { value: (await reading)[key] };
    },
  });
  return [
    part("", "", "total"),
    part("-code", ": code and constants", "code"),
    part("-heap", ": V8's heaps", "heap"),
    part("-rest", ": the rest", "rest"),
  ];
}

function ofMaster(program: ProgramName, instances: number): Promise<MemoryParts> {
  return Pair.with({ program, settings: { advertMs: ADVERT_MS, instances } }, async (pair) => {
    const daemon = pair.start(pair.a, ownNode(pair.lab));
    await pair.allBoundTo(pair.a);
    await pause(SETTLE_MS);
    return memoryParts(daemon.pid);
  });
}

function ofMasterWithCloud(): Promise<MemoryParts> {
  return withLab(async (lab) => {
    const { a } = await AwsPair.prepare(lab);
    const agent = a.start({ node: ownNode(lab) });
    await a.waitForEvent("cloud-verified");
    await pause(SETTLE_MS);
    return memoryParts(agent.pid);
  });
}

/** PSS divides shared pages by their users, and this bench runs on Node too: a copy of the executable is shared with nobody. */
function ownNode(lab: Lab): string {
  const node = join(lab.directory, "node");
  copyFileSync(process.execPath, node);
  return node;
}
