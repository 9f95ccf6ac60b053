import { spawnSync } from "node:child_process";
import { describe, expect } from "vitest";
import { labTestNeeding } from "./lab-test.ts";
import { sweepLeftovers } from "./leftovers.ts";
import { isRunning } from "./proc.ts";
import { run } from "./process.ts";
import { waitFor } from "./wait-for.ts";

const labTest = labTestNeeding();

describe("a lab", () => {
  labTest("links every host to every other", async ({ lab }) => {
    const [a, b] = await Promise.all([lab.host("a"), lab.host("b")]);
    await expect(a.exec("ping", "-q", "-c", "1", b.address)).resolves.toContain("1 received");
  });

  labTest("is gone after it was closed, with everything that ran in it", async ({ lab }) => {
    const host = await lab.host("a");
    const sleeper = host.spawn(["sleep", "1000"]);
    const { pid } = sleeper;

    await lab.close();

    expect(isRunning(pid)).toBe(false);
    expect(await run(["ip", "netns", "list"])).not.toContain(`cv${process.pid}-`);
  });

  labTest("removes what dead processes left behind, and nothing else", async ({ lab }) => {
    await lab.host("a");
    const dead = spawnSync("true").pid;
    const leftover = `cv${dead}-1-a`;
    await run(["ip", "netns", "add", leftover]);

    sweepLeftovers();

    const names = await run(["ip", "netns", "list"]);
    expect(names).not.toContain(leftover);
    expect(names).toContain(`cv${process.pid}-`);
  });

  labTest("measures a gap that it made itself", async ({ lab }) => {
    const [server, client] = await Promise.all([lab.host("server"), lab.client()]);
    const probe = await client.probe(server.address);
    const before = Date.now();
    await lab.cut(server);
    await waitFor(() => Date.now() - before > 300, { what: "the time of the gap" });
    await lab.heal();
    await probe.recovered();
    const { gaps, sent, answered, lost } = await probe.stop();

    expect(gaps).toHaveLength(1);
    expect(gaps[0]?.fromMs).toBeGreaterThanOrEqual(before - 5);
    expect(gaps[0]?.ms).toBeGreaterThan(200);
    expect(sent).toBe(answered + lost);
  });
});
