/** The demo as people run it: the built command line as a process of its own. */
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { requires } from "../setup/requires.ts";
import { CLI } from "./cloudvip.ts";
import { isRunning, processTree } from "./proc.ts";
import { type Exit, RunningProcess, run } from "./process.ts";
import { waitFor } from "./wait-for.ts";

/** What anybody else may not do either; another account might not be able to read this directory. */
const POWERLESS = ["setpriv", "--inh-caps=-all", "--bounding-set=-sys_admin,-net_admin,-net_raw"];

let running: RunningProcess[] = [];

beforeEach(requires("namespaces", "built"));
afterEach(async () => {
  await Promise.all(running.map((demo) => demo.killTree()));
  running = [];
});

describe("the demo on real packets", () => {
  test("shows each act with its gap, ends by itself, and leaves nothing behind", async () => {
    const demo = start();
    expect(await untilEnded(demo)).toEqual({ code: 0, signal: null });
    const lines = demo.stdout().split("\n");
    expect(lines[0]).toBe("cloudvip on real packets, in network namespaces of this machine.");
    expect(lines).toContainEqual(
      expect.stringMatching(/^ +\+\d+ ms {2}node-b {2}MASTER {2}the MASTER fell silent$/),
    );
    expect(lines).toContainEqual(expect.stringMatching(/^in milliseconds +gap .* announce +claim +verify$/));
    expect(lines).toContainEqual(expect.stringMatching(/^node-a vanishes +\d+ +\d+( +\d+\.\d){6}$/));
    expect(lines).toContainEqual(expect.stringMatching(/^node-a is back +(none|\d+) +\d+$/));
    expect(lines).toContainEqual(expect.stringMatching(/^moved by hand +\d+ +\d+$/));
    expect(lines).toContainEqual(expect.stringMatching(/^node-a stops +(none|\d+) +\d+( +\d+\.\d){6}$/));
    expect(ownersIn(demo.stdout())).toEqual(["node-a", "node-b", "node-a", "server-x", "node-a", "node-b"]);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(demo.stderr()).toBe("");
    expect(await leftovers(demo.pid)).toEqual([]);
  });

  test.each(["SIGINT", "SIGTERM"] as const)("leaves nothing behind at %s", async (signal) => {
    const demo = start();
    await untilServing(demo);
    const tree = processTree(demo.pid);
    expect(tree).toHaveLength(5);
    demo.signal(signal);
    expect(await untilEnded(demo)).toEqual({ code: 1, signal: null });
    expect(demo.stdout()).toMatch(/\nInterrupted; removing what the demo made\.\n$/);
    expect(tree.filter(isRunning)).toEqual([]);
    expect(await leftovers(demo.pid)).toEqual([]);
  });

  test("that is killed takes its agents with it, and the next one removes the rest", async () => {
    const killed = start();
    await untilServing(killed);
    const tree = processTree(killed.pid);
    killed.signal("SIGKILL");
    await waitFor(() => !tree.some(isRunning), {
      what: "the agents to end",
      seen: () => tree.filter(isRunning),
    });
    expect(await leftovers(killed.pid)).not.toEqual([]);
    const next = start();
    await untilServing(next);
    expect(await leftovers(killed.pid)).toEqual([]);
    await next.stop("SIGINT");
    expect(await leftovers(next.pid)).toEqual([]);
  });

  test("plays without a cloud where the emulated one is not beside it, and says so", async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), "demo-without-cloud-"));
    try {
      cpSync(dirname(CLI), join(elsewhere, "dist/src"), { recursive: true });
      rmSync(join(elsewhere, "dist/src/demo-cloud.js"));
      for (const name of ["package.json", "node_modules"]) {
        symlinkSync(resolve(dirname(CLI), "../..", name), join(elsewhere, name));
      }
      const demo = start({ cli: join(elsewhere, "dist/src/cli.js") });
      await untilServing(demo);
      expect(demo.stdout()).toContain("\nWithout a cloud: ");
      expect(ownersIn(demo.stdout())).toEqual([]);
      await demo.stop("SIGINT");
      expect(await leftovers(demo.pid)).toEqual([]);
    } finally {
      rmSync(elsewhere, { recursive: true });
    }
  });

  test("needs no privileges where user namespaces are allowed", async (context) => {
    const allowed = await run([
      ...POWERLESS,
      "unshare",
      "--user",
      "--map-root-user",
      "--net",
      "--mount",
      "true",
    ])
      .then(() => true)
      .catch(() => false);
    if (!allowed) context.skip("it needs user namespaces for everybody, which this machine does not allow");
    const demo = start({ prefix: POWERLESS });
    await untilServing(demo);
    expect(demo.stdout().split("\n")[0]).toBe(
      "cloudvip on real packets, in network namespaces inside a user namespace.",
    );
    const tree = processTree(demo.pid);
    demo.signal("SIGTERM");
    expect(await untilEnded(demo)).toEqual({ code: 1, signal: null });
    expect(tree.filter(isRunning)).toEqual([]);
  });
});

function start({
  prefix = [],
  cli = CLI,
}: {
  prefix?: readonly string[];
  cli?: string;
} = {}): RunningProcess {
  const demo = new RunningProcess([...prefix, process.execPath, cli, "demo"]);
  running.push(demo);
  return demo;
}

/** To whom the cloud sent the traffic, one after the other. */
function ownersIn(transcript: string): readonly string[] {
  return [...transcript.matchAll(/cloud +sends \S+ to (\S+) now/g)].map(([, owner]) => owner ?? "");
}

/** Until everything that the demo needs is there. */
async function untilServing(demo: RunningProcess): Promise<void> {
  await waitFor(() => demo.stdout().includes("client  gets answers from 10.99.0.100"), {
    what: "the demo's client to be served",
    // Two agents load an SDK first.
    deadlineMs: 25_000,
    seen: () => demo.stdout() + demo.stderr(),
  });
}

async function untilEnded(demo: RunningProcess): Promise<Exit> {
  const seen = () => demo.stdout() + demo.stderr();
  return await waitFor(() => demo.exit, { what: "the demo to end", deadlineMs: 55_000, pollMs: 20, seen });
}

/** Namespaces and directories that the demo with this pid made. */
async function leftovers(pid: number): Promise<string[]> {
  const namespaces = (await run(["ip", "netns", "list"])).split("\n");
  return [...namespaces, ...readdirSync(tmpdir())].filter((name) => name.startsWith(`cvdemo${pid}-`));
}
