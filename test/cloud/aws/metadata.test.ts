import { DescribeInstancesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type AwsEmulator, startAwsEmulator } from "./emulator.ts";
import { refusal } from "./sdk.ts";
import { nodeIds, REGION, SUBNET_A } from "./world.ts";

const [nodeA, nodeB] = [nodeIds(1), nodeIds(2)];

let emulator: AwsEmulator;

beforeEach(async () => {
  emulator = await startAwsEmulator();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await emulator.close();
});

async function token(ttl = "60"): Promise<string> {
  const url = `${emulator.metadataEndpoint(nodeA.instanceId)}/latest/api/token`;
  const headers = { "x-aws-ec2-metadata-token-ttl-seconds": ttl };
  return (await fetch(url, { method: "PUT", headers })).text();
}

function get(path: string, withToken: string): Promise<Response> {
  const headers = { "x-aws-ec2-metadata-token": withToken };
  return fetch(`${emulator.metadataEndpoint(nodeA.instanceId)}/latest/meta-data/${path}`, { headers });
}

async function read(path: string): Promise<string> {
  return (await get(path, await token())).text();
}

describe("instance metadata", () => {
  it("know the instance and its interfaces by their MAC", async () => {
    const mac = `network/interfaces/macs/${nodeA.mac}`;
    expect(await read("instance-id")).toBe(nodeA.instanceId);
    expect(await read("placement/region")).toBe(REGION);
    expect(await read("network/interfaces/macs/")).toBe(`${nodeA.mac}/`);
    expect(await read(`${mac}/interface-id`)).toBe(nodeA.interfaceId);
    expect(await read(`${mac}/subnet-id`)).toBe(SUBNET_A);
    expect(await read(`${mac}/local-ipv4s`)).toBe(nodeA.address);
  });

  it("refuse a question without a valid token, and a token without a lifetime", async () => {
    expect((await get("instance-id", "made up")).status).toBe(401);
    expect(await token("0")).toBe("Bad Request");
    const old = await token();
    emulator.forgetMetadataTokens(nodeA.instanceId);
    expect((await get("instance-id", old)).status).toBe(401);
  });

  it("have nothing for a MAC of another instance, and no credentials without a role", async () => {
    expect((await get(`network/interfaces/macs/${nodeB.mac}/interface-id`, await token())).status).toBe(404);
    emulator.cloud.state.update((draft) => {
      draft.instances[nodeA.instanceId]!.role = undefined;
    });
    expect((await get("iam/security-credentials/", await token())).status).toBe(404);
  });

  it("can lag on their own", async () => {
    emulator.cloud.lag.metadataMs = Number.POSITIVE_INFINITY;
    emulator.cloud.state.update((draft) => draft.interfaces[nodeA.interfaceId]?.addresses.push("10.0.0.100"));
    const path = `network/interfaces/macs/${nodeA.mac}/local-ipv4s`;
    expect(await read(path)).toBe(nodeA.address);
    emulator.cloud.lag.metadataMs = 0;
    expect(await read(path)).toBe(`${nodeA.address}\n10.0.0.100`);
  });

  it("break off every connection while they are down", async () => {
    emulator.cloud.faults.inject({ kind: "metadata-down", who: nodeA.instanceId });
    await expect(token()).rejects.toThrow("fetch failed");
  });
});

describe("an instance's role", () => {
  function roleClient(): EC2Client {
    vi.stubEnv("AWS_EC2_METADATA_SERVICE_ENDPOINT", emulator.metadataEndpoint(nodeA.instanceId));
    vi.stubEnv("AWS_EC2_METADATA_V1_DISABLED", "true");
    vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    vi.stubEnv("AWS_CONFIG_FILE", "/dev/null");
    return new EC2Client({ endpoint: emulator.endpoint, region: REGION, maxAttempts: 1 });
  }

  it("gives the SDK credentials by which the calls are known", async () => {
    const client = roleClient();
    await client.send(new DescribeInstancesCommand({ InstanceIds: [nodeA.instanceId] }));
    expect(emulator.cloud.journal.entries({ action: "DescribeInstances" })).toMatchObject([
      { who: nodeA.instanceId, outcome: "ok", params: { "InstanceId.1": nodeA.instanceId } },
    ]);
    client.destroy();
  });

  it("loses its credentials when they expire", async () => {
    const client = roleClient();
    await client.send(new DescribeInstancesCommand({}));
    emulator.cloud.credentials.expire(nodeA.instanceId);
    expect(await refusal(client.send(new DescribeInstancesCommand({})))).toBe("RequestExpired");
    client.destroy();
  });
});
