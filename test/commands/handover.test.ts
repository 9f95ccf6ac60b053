import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OperatorError } from "../../src/base/errors.ts";
import { parseIp } from "../../src/base/ip.ts";
import { handover, maintenance } from "../../src/commands/handover.ts";
import { openStatusServer, type StatusServer } from "../../src/status/server.ts";
import type { AgentSnapshot, InstanceSnapshot } from "../../src/status/snapshot.ts";

const PEER = parseIp("192.0.2.2");

describe("a planned failover", () => {
  let directory: string;
  let socket: string;
  let server: StatusServer;
  let instance: Partial<InstanceSnapshot>;
  let asked: unknown[];
  let written: string;
  const out = { write: (text: string) => (written += text) };

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "cloudvip-handover-"));
    socket = join(directory, "agent.sock");
    instance = { name: "VI_1", state: "MASTER", reason: "took over", master: null };
    asked = [];
    written = "";
  });

  afterEach(async () => {
    await server.close();
    await rm(directory, { recursive: true });
  });

  async function agentThat(becomes: Partial<InstanceSnapshot>): Promise<void> {
    const follow = (request: unknown) => {
      asked.push(request);
      instance = { ...instance, ...becomes };
      return ["VI_1"];
    };
    server = await openStatusServer({
      path: socket,
      snapshot: () => ({ version: 1, instances: [instance] }) as unknown as AgentSnapshot,
      commands: { handover: follow, "maintenance-on": follow, "maintenance-off": follow },
      onError: (error) => {
        throw error;
      },
    });
  }

  it("tells who took over", async () => {
    const master = { address: PEER!, priority: 90 };
    await agentThat({ state: "BACKUP", reason: "handed over to 192.0.2.2", master });
    expect(await handover({ socket, instance: "VI_1", out })).toBe(0);
    expect(asked).toEqual([{ command: "handover", instance: "VI_1" }]);
    expect(written).toBe("VI_1: handed over to 192.0.2.2 (MASTER is 192.0.2.2)\n");
  });

  it("waits in FAULT during maintenance, and tells so", async () => {
    await agentThat({ state: "FAULT", reason: "in maintenance" });
    expect(await maintenance({ socket, out }, "on")).toBe(0);
    expect(asked).toEqual([{ command: "maintenance-on" }]);
    expect(written).toBe("VI_1: FAULT, in maintenance\n");
  });

  it("comes back after maintenance", async () => {
    instance = { ...instance, state: "FAULT" };
    await agentThat({ state: "BACKUP", reason: "the fault is over" });
    expect(await maintenance({ socket, out }, "off")).toBe(0);
    expect(written).toBe("VI_1: BACKUP, the fault is over\n");
  });

  it("passes on why the agent refuses, and what to do", async () => {
    server = await openStatusServer({
      path: socket,
      snapshot: () => ({ version: 1, instances: [] }) as unknown as AgentSnapshot,
      commands: {
        handover: () => {
          throw new OperatorError({
            code: "agent/not-master",
            message: "not MASTER",
            hint: "ask the MASTER",
          });
        },
      },
      onError: () => {},
    });
    await expect(handover({ socket, out })).rejects.toMatchObject({
      code: "agent/not-master",
      message: "not MASTER",
      hint: "ask the MASTER",
    });
  });
});
