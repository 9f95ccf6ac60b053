import {
  AssignPrivateIpAddressesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRegionsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AwsEmulator, startAwsEmulator } from "./emulator.ts";
import { failure, refusal, sdkClient } from "./sdk.ts";
import { nodeIds } from "./world.ts";

const nodeA = nodeIds(1);
const VIP = "10.0.0.100";

let emulator: AwsEmulator;
let ec2: EC2Client;

beforeEach(async () => {
  emulator = await startAwsEmulator();
  ec2 = sdkClient(emulator);
});
afterEach(async () => {
  ec2.destroy();
  await emulator.close();
});

function assign(abortSignal?: AbortSignal) {
  const input = { NetworkInterfaceId: nodeA.interfaceId, PrivateIpAddresses: [VIP] };
  return ec2.send(new AssignPrivateIpAddressesCommand(input), abortSignal ? { abortSignal } : {});
}

async function described(): Promise<number> {
  const input = { NetworkInterfaceIds: [nodeA.interfaceId] };
  const { NetworkInterfaces } = await ec2.send(new DescribeNetworkInterfacesCommand(input));
  return NetworkInterfaces?.[0]?.PrivateIpAddresses?.length ?? 0;
}

const assigned = () => emulator.cloud.state.current.interfaces[nodeA.interfaceId]?.addresses.includes(VIP);

describe("faults on command", () => {
  it("answer with an internal error, as often as asked", async () => {
    emulator.cloud.faults.inject({ kind: "error-500", action: "AssignPrivateIpAddresses", count: 1 });
    expect(await failure(assign())).toMatchObject({
      name: "InternalError",
      $metadata: { httpStatusCode: 500 },
    });
    await assign();
  });

  it("throttle one caller and leave the others in peace", async () => {
    emulator.cloud.faults.inject({ kind: "throttle", who: "somebody else" });
    await assign();
    emulator.cloud.faults.inject({ kind: "throttle", who: "user" });
    expect(await failure(assign())).toMatchObject({
      name: "RequestLimitExceeded",
      $metadata: { httpStatusCode: 503 },
    });
  });

  it("leave a call without an answer, until the caller gives up", async () => {
    emulator.cloud.faults.inject({ kind: "hang" });
    const abort = new AbortController();
    const call = assign(abort.signal);
    await expect
      .poll(() => emulator.cloud.journal.entries({ outcome: "hang" }), { timeout: 4_500 })
      .toHaveLength(1);
    abort.abort();
    expect(await refusal(call)).toBe("AbortError");
    expect(assigned()).toBe(false);
  });

  it("break the connection before the work, or after it", async () => {
    emulator.cloud.faults.inject({ kind: "reset", count: 1 });
    await failure(assign());
    expect(assigned()).toBe(false);
    emulator.cloud.faults.inject({ kind: "lost-answer", count: 1 });
    await failure(assign());
    expect(assigned()).toBe(true);
    expect(emulator.cloud.journal.entries().map((entry) => entry.outcome)).toEqual([
      "reset",
      "ok, answer lost",
    ]);
  });

  it("freeze what reads see, while changes are made", async () => {
    const id = emulator.cloud.faults.inject({ kind: "stale-read" });
    await assign();
    expect(await described()).toBe(1);
    emulator.cloud.faults.clear(id);
    expect(await described()).toBe(2);
  });

  it("refuse requests whose date is too far from the cloud's clock", async () => {
    emulator.cloud.faults.inject({ kind: "clock-skew", skewMs: 20 * 60 * 1000 });
    expect(await refusal(assign())).toBe("RequestExpired");
  });

  it("are set and seen over HTTP too", async () => {
    const control = `${emulator.endpoint}/_emulator`;
    const rule = { kind: "throttle", action: "Assign*", count: 1 };
    await fetch(`${control}/faults`, { method: "POST", body: JSON.stringify(rule) });
    expect(await refusal(assign())).toBe("RequestLimitExceeded");
    const journal = await (await fetch(`${control}/journal`)).json();
    expect(journal).toMatchObject([
      { action: "AssignPrivateIpAddresses", faults: ["throttle"], outcome: "RequestLimitExceeded" },
    ]);
  });
});

describe("the account's limits", () => {
  it("throttle an action whose rate another tool has used up", async () => {
    emulator.cloud.drain("AssignPrivateIpAddresses");
    expect(await refusal(assign())).toBe("RequestLimitExceeded");
    expect(await described()).toBe(1);
  });

  it("refuse keys that nobody was given, and actions that do not exist", async () => {
    const stranger = new EC2Client({
      endpoint: emulator.endpoint,
      region: emulator.region,
      credentials: { accessKeyId: "AKIASTRANGER", secretAccessKey: "x" },
      maxAttempts: 1,
    });
    expect(await refusal(stranger.send(new DescribeNetworkInterfacesCommand({})))).toBe("AuthFailure");
    stranger.destroy();
    expect(await refusal(ec2.send(new DescribeRegionsCommand({})))).toBe("InvalidAction");
  });

  it("show nothing of this region to a client of another", async () => {
    const elsewhere = sdkClient(emulator, { region: "us-east-1" });
    const input = { NetworkInterfaceIds: [nodeA.interfaceId] };
    expect(await refusal(elsewhere.send(new DescribeNetworkInterfacesCommand(input)))).toBe(
      "InvalidNetworkInterfaceID.NotFound",
    );
    elsewhere.destroy();
  });
});
