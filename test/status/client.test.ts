import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { askStatus } from "../../src/status/client.ts";

let directory: string;
let path: string;
let server: Server | undefined;
const clients = new Set<Socket>();

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "cloudvip-client-"));
  path = join(directory, "agent.sock");
});
afterEach(async () => {
  for (const client of clients) client.destroy();
  await new Promise<unknown>((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
  rmSync(directory, { recursive: true, force: true });
});

describe("asking for the status", () => {
  test("where no socket is says how to start the agent", async () => {
    await expect(askStatus({ path })).rejects.toMatchObject({
      code: "status/no-agent",
      message: `no agent answers on ${path} (ENOENT)`,
      hint: expect.stringContaining("systemctl start cloudvip"),
    });
  });

  test("without permission says who may ask", async ({ skip }) => {
    if (process.getuid?.() !== 0) skip("it needs root, to ask as another user");
    await answering(() => {});
    chmodSync(directory, 0o700);
    await asNobody(() =>
      expect(askStatus({ path })).rejects.toMatchObject({
        code: "status/not-permitted",
        hint: expect.stringContaining("root"),
      }),
    );
  });

  test("of an agent that is stuck ends in time", async () => {
    await answering(() => {});
    await expect(askStatus({ path, timeoutMs: 20 })).rejects.toMatchObject({
      code: "status/timeout",
      message: `the agent on ${path} did not answer within 0.02 s`,
    });
  });

  test.each([
    ["nothing", ""],
    ["text", "SSH-2.0-OpenSSH_9.2\r\n"],
    ["JSON of another kind", "[]\n"],
    ["null", "null\n"],
    ["an envelope without a result", '{"ok":true}\n'],
    ["an error without words", '{"ok":false,"error":{}}\n'],
    ["a snapshot of another version", '{"ok":true,"result":{"version":2,"instances":[]}}\n'],
    ["no snapshot", '{"ok":true,"result":null}\n'],
  ])("of something that answers with %s is an error that says so", async (_, reply) => {
    await answering((client) => client.end(reply));
    await expect(askStatus({ path })).rejects.toMatchObject({ code: "status/bad-reply" });
  });

  test("of something that talks without end is broken off", async () => {
    const megabyte = "x".repeat(1024 * 1024);
    await answering((client) => {
      const more = () => void (client.destroyed || client.write(megabyte, more));
      more();
    });
    await expect(askStatus({ path, timeoutMs: 30_000 })).rejects.toMatchObject({
      code: "status/bad-reply",
      message: expect.stringContaining("its answer does not end"),
    });
  });

  test("of an agent that does not know the command says which versions belong together", async () => {
    await answering((client) => client.end('{"ok":false,"error":{"code":"x","message":"never heard of"}}\n'));
    await expect(askStatus({ path })).rejects.toMatchObject({
      code: "status/refused",
      message: "the agent refused `status`: never heard of",
    });
  });
});

async function answering(react: (client: Socket) => void): Promise<void> {
  const listener = createServer((client) => {
    clients.add(client);
    client.on("error", () => client.destroy());
    react(client);
  });
  server = listener;
  await new Promise<void>((resolve) => listener.listen(path, resolve));
}

async function asNobody(work: () => Promise<void>): Promise<void> {
  process.seteuid?.(65_534);
  try {
    await work();
  } finally {
    process.seteuid?.(0);
  }
}
