import { getPriority, setPriority } from "node:os";
import { Worker } from "node:worker_threads";
import { afterAll, describe, expect, it } from "vitest";
import { preferThisThread } from "../../src/linux/scheduling.ts";

describe("the priority of the election thread", () => {
  const before = getPriority();

  afterAll(() => {
    if (getPriority() < before) setPriority(before);
  });

  it("is raised where that is permitted, and told as it is", () => {
    const granted = preferThisThread();
    // Root in a container may lack CAP_SYS_NICE.
    expect([-15, before]).toContain(granted);
    expect(getPriority()).toBe(granted);
  });

  it("can be given back by a thread of its own making, for itself alone", async () => {
    const mine = preferThisThread();
    const script =
      'require("node:os").setPriority(0); require("node:worker_threads").parentPort.postMessage(require("node:os").getPriority())';
    const worker = new Worker(script, { eval: true });
    const its = await new Promise((resolve) => worker.once("message", resolve));
    await worker.terminate();
    expect(its).toBe(0);
    expect(getPriority()).toBe(mine);
  });
});
