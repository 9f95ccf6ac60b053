import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { askAgent, askStatus } from "../../src/status/client.ts";
import { REQUEST_BYTES_MAX } from "../../src/status/protocol.ts";
import { openStatusServer, type StatusServer } from "../../src/status/server.ts";
import type { AgentSnapshot } from "../../src/status/snapshot.ts";
import { MASTER, snapshotOf } from "./snapshots.ts";

const SNAPSHOT = snapshotOf(MASTER);

let directory: string;
let path: string;
let servers: StatusServer[];
let errors: Error[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "cloudvip-status-"));
  path = join(directory, "run", "cloudvip.sock");
  servers = [];
  errors = [];
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  rmSync(directory, { recursive: true, force: true });
});

describe("the control socket", () => {
  test("answers with the agent's snapshot of that moment", async () => {
    let snapshot = SNAPSHOT;
    await open(() => snapshot);
    expect(await askStatus({ path })).toEqual(SNAPSHOT);
    snapshot = { ...SNAPSHOT, pid: 4711 };
    expect(await askStatus({ path })).toEqual(snapshot);
  });

  test("is for its owner only, in a directory that others may enter", async () => {
    await open();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(directory, "run")).mode & 0o777).toBe(0o755);
  });

  test("leaves the process's umask as it was", async () => {
    const before = process.umask();
    await open();
    expect(process.umask()).toBe(before);
  });

  test("is gone after close, and so is the file", async () => {
    const server = await open();
    await server.close();
    servers = [];
    expect(existsSync(path)).toBe(false);
    await expect(askStatus({ path })).rejects.toMatchObject({ code: "status/no-agent" });
  });

  test("closes though a client is connected and silent", async () => {
    const server = await open();
    const client = await connected();
    await server.close();
    servers = [];
    expect(await text(client)).toBe("");
  });

  test("answers a crowd that asks at once, or lets some of it go, and then goes on", async () => {
    await open();
    const crowd = await Promise.allSettled(Array.from({ length: 100 }, () => askStatus({ path })));
    const answered = crowd.filter(({ status }) => status === "fulfilled");
    expect(answered.length).toBeGreaterThan(0);
    expect(await askStatus({ path })).toEqual(SNAPSHOT);
  });
});

describe("a socket file that is there already", () => {
  test("is replaced when its process is dead", async () => {
    await openAndDie();
    expect(existsSync(path)).toBe(true);
    await open();
    expect(await askStatus({ path })).toEqual(SNAPSHOT);
  });

  test("means another agent when its process lives, and is left alone", async () => {
    await open();
    await expect(open()).rejects.toMatchObject({
      code: "agent/already-running",
      message: `another agent is running on this host: it answers on ${path}`,
    });
    expect(await askStatus({ path })).toEqual(SNAPSHOT);
  });

  test("is left alone when it is no socket", async () => {
    path = join(directory, "notes.txt");
    writeFileSync(path, "mine");
    await expect(open()).rejects.toMatchObject({
      code: "status/socket-path",
      message: `cannot open the control socket ${path}: there is a file of another kind`,
    });
    expect(existsSync(path)).toBe(true);
  });
});

test.each([
  ["goes through a file", "/dev/null/x/cloudvip.sock"],
  ["is longer than the kernel takes", `/tmp/${"x".repeat(103)}`],
])("a path that %s is refused with what to do", async (_, impossible) => {
  path = impossible;
  await expect(open()).rejects.toMatchObject({
    code: "status/socket-path",
    hint: expect.stringContaining("control_socket"),
  });
});

describe("a request", () => {
  test.each([
    ["an unknown command", '{"command":"reboot"}\n', "unknown-command"],
    ["a command of the object's prototype", '{"command":"constructor"}\n', "unknown-command"],
    ["a command that is no text", '{"command":7}\n', "bad-request"],
    ["no object", '"status"\n', "bad-request"],
    ["null", "null\n", "bad-request"],
    ["no JSON", "status\n", "bad-request"],
    ["no end", "x".repeat(REQUEST_BYTES_MAX + 1), "request-too-long"],
    ["a line too long", `{"command":"${"x".repeat(REQUEST_BYTES_MAX)}"}\n`, "request-too-long"],
  ])("with %s is answered with an error", async (_, request, code) => {
    await open();
    const reply: unknown = JSON.parse(await exchange(request));
    expect(reply).toMatchObject({ ok: false, error: { code } });
    expect(errors).toEqual([]);
  });

  test("in pieces is put together", async () => {
    await open();
    const client = await connected();
    client.write('{"comm');
    await new Promise((resolve) => setImmediate(resolve));
    client.write('and":"status"}\n');
    expect(JSON.parse(await text(client))).toEqual({ ok: true, result: SNAPSHOT });
  });

  test("is answered though the client has closed its half", async () => {
    await open();
    const client = await connected();
    client.end('{"command":"status"}\n');
    expect(JSON.parse(await text(client))).toEqual({ ok: true, result: SNAPSHOT });
  });

  test("that never comes ends with the connection", async () => {
    await open();
    expect(await text(await connected())).toBe("");
  });

  test("of a client that leaves at once disturbs nobody", async () => {
    await open();
    for (let times = 0; times < 20; times++) {
      const client = await connected();
      client.write('{"command":"status"}\n');
      client.destroy();
    }
    expect(await askStatus({ path })).toEqual(SNAPSHOT);
    expect(errors).toEqual([]);
  });

  test("that the agent fails to answer is reported to the agent and told to the client", async () => {
    await open(() => {
      throw new Error("no snapshot");
    });
    await expect(askAgent("status", { path })).rejects.toMatchObject({ code: "status/refused" });
    expect(errors).toEqual([new Error("no snapshot")]);
  });
});

async function open(snapshot: () => AgentSnapshot = () => SNAPSHOT): Promise<StatusServer> {
  const server = await openStatusServer({ path, snapshot, onError: (error) => errors.push(error) });
  servers.push(server);
  return server;
}

/** Leaves the socket file of a process that was killed. */
async function openAndDie(): Promise<void> {
  const script = `
    const { mkdirSync } = require("node:fs");
    mkdirSync(require("node:path").dirname(process.argv[1]), { recursive: true });
    require("node:net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"));`;
  const child = spawnSync(process.execPath, ["-e", script, path]);
  expect(child.signal).toBe("SIGKILL");
}

function connected(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path, allowHalfOpen: true });
    socket.once("error", reject);
    socket.once("connect", () => resolve(socket));
  });
}

async function exchange(request: string): Promise<string> {
  const client = await connected();
  client.write(request);
  return text(client);
}
