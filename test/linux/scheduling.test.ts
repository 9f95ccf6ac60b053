import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { getPriority } from "node:os";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { asElectionThread, preferThisThread } from "../../src/linux/scheduling.ts";

const SCHED_RR = 2;

// Nothing is given back: the process ends with this file.
describe("the priority of the election thread", () => {
  it("is raised where that is permitted, and told as it is", () => {
    const { policy, nice } = preferThisThread();
    // Root in a container may lack CAP_SYS_NICE.
    expect(policy).toBe(policyOf(process.pid) === SCHED_RR ? "SCHED_RR" : "SCHED_OTHER");
    expect(nice).toBe(getPriority());
    expect(preferThisThread()).toEqual({ policy, nice });
  });

  it("is given for the time of some work only, where it is asked so", async () => {
    const during = await asElectionThread(async () => policyOf(process.pid));
    // Root in a container may lack CAP_SYS_NICE.
    expect([0, SCHED_RR]).toContain(during);
    expect(policyOf(process.pid)).toBe(0);
    const failing = asElectionThread(() => Promise.reject(new Error("no")));
    await expect(failing).rejects.toThrow("no");
    expect(policyOf(process.pid)).toBe(0);
  });

  it("is not handed down to the threads and programs that it makes", async () => {
    preferThisThread();
    const worker = new Worker(
      `const { execFileSync } = require("node:child_process");
      const { readFileSync } = require("node:fs");
      const program = execFileSync("cat", ["/proc/self/stat"], { encoding: "utf8" });
      require("node:worker_threads").parentPort.postMessage([readFileSync("/proc/thread-self/stat", "utf8"), program]);`,
      { eval: true },
    );
    const stats = await new Promise<string[]>((resolve) => worker.once("message", resolve));
    await worker.terminate();
    stats.push(execFileSync("cat", ["/proc/self/stat"], { encoding: "utf8" }));
    expect(stats.map(policyIn)).toEqual([0, 0, 0]);
  });
});

function policyOf(thread: number): number {
  return policyIn(readFileSync(`/proc/self/task/${thread}/stat`, "utf8"));
}

/** The field `policy` of proc_pid_stat(5); the program's name, in parentheses, may hold spaces. */
function policyIn(stat: string): number {
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[41 - 3]);
}
