import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AwsEmulator, startAwsEmulator } from "./emulator.ts";
import { nodeIds } from "./world.ts";

const nodeA = nodeIds(1);

let emulator: AwsEmulator;
beforeEach(async () => {
  emulator = await startAwsEmulator();
});
afterEach(() => emulator.close());

async function control(method: string, path: string, body?: unknown): Promise<unknown> {
  const request = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await fetch(`${emulator.endpoint}/_emulator/${path}`, request);
  return response.ok ? response.json() : response.status;
}

describe("the control API", () => {
  it("shows the account", async () => {
    expect(await control("GET", "state")).toEqual(emulator.cloud.state.current);
  });

  it("changes what the cloud does", async () => {
    await control("POST", "lag", { describeMs: 5_000 });
    expect(emulator.cloud.lag).toEqual({ describeMs: 5_000, metadataMs: 0 });
    await control("POST", "instance-state", { instanceId: nodeA.instanceId, state: "stopped" });
    expect(emulator.cloud.state.current.instances[nodeA.instanceId]?.state).toBe("stopped");
    const before = emulator.cloud.credentials.forInstance(nodeA.instanceId);
    await control("POST", "expire-credentials", { who: nodeA.instanceId });
    expect(emulator.cloud.credentials.forInstance(nodeA.instanceId)).not.toEqual(before);
    await control("POST", "deny", { action: "ReplaceRoute" });
    expect(() => emulator.cloud.permissions.check("user", "ReplaceRoute")).toThrow("not authorized");
    await control("DELETE", "deny");
    emulator.cloud.permissions.check("user", "ReplaceRoute");
  });

  it("sets, lists and clears faults, and forgets the journal", async () => {
    const rule = { kind: "throttle", count: 2 };
    const { id } = (await control("POST", "faults", rule)) as { id: number };
    expect(await control("GET", "faults")).toMatchObject([{ id, rule, remaining: 2 }]);
    await control("DELETE", `faults/${id}`);
    expect(await control("GET", "faults")).toEqual([]);
    await control("DELETE", "journal");
    expect(await control("GET", "journal")).toEqual([]);
  });

  it("refuses a path that it does not know", async () => {
    expect(await control("POST", "no-such-path", {})).toBe(404);
  });
});
