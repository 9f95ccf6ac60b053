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

  it("carries out a call that nobody signed, as somebody would in the console", async () => {
    const call = (to: string) =>
      new URLSearchParams({
        ...{ Action: "AssignPrivateIpAddresses", AllowReassignment: "true" },
        ...{ NetworkInterfaceId: to, "PrivateIpAddress.1": "10.0.0.100" },
      });
    const told: unknown[] = [];
    emulator.cloud.state.watch(({ interfaces }) => told.push(interfaces[nodeA.interfaceId]?.addresses));
    const post = (body: URLSearchParams) =>
      fetch(`${emulator.endpoint}/_emulator/call`, { method: "POST", body });
    expect((await post(call(nodeA.interfaceId))).status).toBe(200);
    expect(told).toEqual([[nodeA.address, "10.0.0.100"]]);
    expect((await post(call("eni-00000000000000bad"))).status).toBe(400);
    expect((await post(new URLSearchParams({ Action: "NoSuchAction" }))).status).toBe(400);
    expect(told).toHaveLength(1);
  });

  it("refuses a path that it does not know", async () => {
    expect(await control("POST", "no-such-path", {})).toBe(404);
  });
});
