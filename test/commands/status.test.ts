import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type StatusOptions, status } from "../../src/commands/status.ts";
import { openStatusServer, type StatusServer } from "../../src/status/server.ts";
import type { AgentSnapshot } from "../../src/status/snapshot.ts";
import { BACKUP, FAULT, MASTER, snapshotOf } from "../status/snapshots.ts";
import { CapturedOutput } from "./captured-output.ts";

let directory: string;
let socket: string;
let server: StatusServer | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "cloudvip-status-command-"));
  socket = join(directory, "agent.sock");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server?.close();
  server = undefined;
  rmSync(directory, { recursive: true, force: true });
});

describe("status", () => {
  test.each([
    ["all is well", snapshotOf(MASTER, BACKUP), 0],
    ["there is no instance", snapshotOf(), 0],
    ["an instance is in FAULT", snapshotOf(MASTER, FAULT), 1],
  ])("when %s prints the view and exits accordingly", async (_, snapshot, code) => {
    await agentSaying(snapshot);
    const { exit, out, err } = await run();
    expect(exit).toBe(code);
    expect(out.text).toMatch(/^node-a: cloudvip 0\.1\.0, process 812, /);
    expect(err.text).toBe("");
  });

  test("without an agent exits with 2 and says what to do", async () => {
    const { exit, out, err } = await run();
    expect(exit).toBe(2);
    expect(out.text).toBe("");
    expect(err.lines).toEqual([
      `cloudvip: no agent answers on ${socket} (ENOENT)`,
      expect.stringContaining("systemctl start cloudvip"),
    ]);
  });

  test("--json prints the snapshot as the agent gave it", async () => {
    const snapshot = snapshotOf(MASTER, FAULT);
    await agentSaying(snapshot);
    const { exit, out } = await run({ json: true });
    expect(exit).toBe(1);
    expect(JSON.parse(out.text)).toEqual(snapshot);
  });

  test("is coloured on a terminal only, and not when NO_COLOR is set", async () => {
    vi.stubEnv("NO_COLOR", undefined);
    await agentSaying(snapshotOf(MASTER));
    const sequence = "\x1b[";
    expect((await run({}, { isTTY: true })).out.text).toContain(sequence);
    expect((await run({}, { isTTY: false })).out.text).not.toContain(sequence);
    vi.stubEnv("NO_COLOR", "1");
    expect((await run({}, { isTTY: true })).out.text).not.toContain(sequence);
  });
});

describe("status --watch", () => {
  test("shows each new state until it is interrupted, and exits by the last", async () => {
    const states = [snapshotOf(BACKUP), snapshotOf(MASTER), snapshotOf(FAULT)];
    await agentSaying(() => states.shift() ?? snapshotOf(FAULT));
    const { exit, out } = await watchUntil("VI_3");
    expect(exit).toBe(1);
    expect(out.text.match(/VI_\d(?= {2})/g)).toEqual(["VI_2", "VI_1", "VI_3"]);
  });

  test("overwrites its last view on a terminal", async () => {
    await agentSaying(snapshotOf(MASTER));
    const { out } = await watchUntil("counters", { isTTY: true });
    expect(out.text.startsWith("\x1b[H")).toBe(true);
    expect(out.text).toContain("\x1b[K\n");
    expect(out.text.endsWith("\x1b[J")).toBe(true);
  });

  test("goes on while the agent is away, and shows it again when it is back", async () => {
    const views: string[] = [];
    const interrupt = new AbortController();
    const out = new CapturedOutput({
      onWrite(view) {
        views.push(view);
        if (views.length === 1) void agentSaying(snapshotOf(MASTER));
        if (view.includes("VI_1")) interrupt.abort();
      },
    });
    const exit = await status({ socket, watch: true, out, err: out, signal: interrupt.signal, refreshMs: 1 });
    expect(exit).toBe(0);
    expect(views[0]).toContain("no agent answers");
  });

  test("--json prints one snapshot a line", async () => {
    const states = [snapshotOf(BACKUP), snapshotOf(MASTER)];
    await agentSaying(() => states.shift() ?? snapshotOf(FAULT));
    const { out } = await watchUntil("VI_3", { json: true });
    const names = out.lines.map((line) => (JSON.parse(line) as AgentSnapshot).instances[0]?.name);
    expect(names).toEqual(["VI_2", "VI_1", "VI_3"]);
  });
});

async function agentSaying(snapshot: AgentSnapshot | (() => AgentSnapshot)): Promise<void> {
  server = await openStatusServer({
    path: socket,
    snapshot: typeof snapshot === "function" ? snapshot : () => snapshot,
    onError: (error) => {
      throw error;
    },
  });
}

async function run(options: Partial<StatusOptions> = {}, { isTTY = false } = {}) {
  const [out, err] = [new CapturedOutput({ isTTY }), new CapturedOutput()];
  return { exit: await status({ socket, out, err, ...options }), out, err };
}

/** Interrupts the watch as soon as `mark` is shown. */
async function watchUntil(mark: string, { isTTY = false, json = false } = {}) {
  const interrupt = new AbortController();
  const out = new CapturedOutput({ isTTY, onWrite: (text) => text.includes(mark) && interrupt.abort() });
  const err = new CapturedOutput();
  const options = { socket, json, watch: true, out, err, signal: interrupt.signal, refreshMs: 1 };
  return { exit: await status(options), out };
}
