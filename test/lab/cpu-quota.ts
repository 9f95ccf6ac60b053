import { existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { labName } from "./leftovers.ts";

const ROOT = "/sys/fs/cgroup";
/** Where version 1 of control groups has its controller of processor time; version 2 has one tree for all. */
const VERSION_1_ROOT = join(ROOT, "cpu");
const PERIOD_US = 100_000;

/** A control group whose programs together get only so much of one processor. */
export class CpuQuota {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** @param share of one processor, such as 0.2 */
  static create(name: string, share: number): CpuQuota {
    const version1 = existsSync(VERSION_1_ROOT);
    const directory = join(version1 ? VERSION_1_ROOT : ROOT, labName(0, name));
    mkdirSync(directory);
    const quotaUs = share * PERIOD_US;
    if (version1) {
      writeFileSync(join(directory, "cpu.cfs_period_us"), String(PERIOD_US));
      writeFileSync(join(directory, "cpu.cfs_quota_us"), String(quotaUs));
    } else {
      writeFileSync(join(directory, "cpu.max"), `${quotaUs} ${PERIOD_US}`);
    }
    return new CpuQuota(directory);
  }

  /** What goes before a command to run it, and all that it starts, inside. The process stays the same. */
  get prefix(): readonly string[] {
    // A thread with a real-time policy could not be moved later: the new group has no real time to give.
    return ["sh", "-c", 'echo $$ > "$0" && exec "$@"', join(this.#directory, "cgroup.procs")];
  }

  /** When everything inside has ended. */
  remove(): void {
    rmdirSync(this.#directory);
  }
}
