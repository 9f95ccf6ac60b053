import { describe, expect } from "vitest";
import { AwsPair } from "./cloud-aws.ts";
import { HuaweiPair } from "./cloud-huaweicloud.ts";
import type { CloudNode } from "./cloud-node.ts";
import { labTestNeeding } from "./lab-test.ts";
import { run } from "./process.ts";

const labTest = labTestNeeding("built");

describe("the secrets of a cloud", () => {
  labTest("are nowhere to be seen: those of an instance's role on AWS", async ({ lab }) => {
    const pair = await AwsPair.prepare(lab);
    const { a, b, cloud } = pair;
    const keys = () => [a, b].map(({ ids }) => cloud.credentials.forInstance(ids.instanceId));
    const first = keys();
    await startTalkative(a);
    await startTalkative(b);
    for (const { ids } of [a, b]) cloud.credentials.expire(ids.instanceId);
    await pair.waitForAnswer(a);
    cloud.permissions.deny("AssignPrivateIpAddresses");
    await a.agent.stop();
    await b.waitForEvent("cloud-call-failed");

    const secrets = [...first, ...keys()].flatMap((key) => [
      key.accessKeyId,
      key.secretAccessKey,
      key.sessionToken ?? "",
    ]);
    expect(new Set(secrets).size).toBe(12);
    expect(found(secrets, await everythingSaidBy(a, b))).toEqual([]);
  });

  labTest("are nowhere to be seen: a key in the environment", async ({ lab }) => {
    const key = { accessKeyId: "AKIAEMULATOR00000001", secretAccessKey: "emulated-user-secret" };
    const environment = { AWS_ACCESS_KEY_ID: key.accessKeyId, AWS_SECRET_ACCESS_KEY: key.secretAccessKey };
    const pair = await AwsPair.prepare(lab, { environment });
    const { a, cloud } = pair;
    expect(cloud.user).toEqual(key);
    await startTalkative(a);
    const from = a.logged().length;
    cloud.faults.inject({ kind: "clock-skew", skewMs: 3_600_000 });
    cloud.faults.inject({ kind: "metadata-down" });
    cloud.permissions.deny("DescribeNetworkInterfaces");
    await a.waitForEvent("cloud-unknown", from);

    expect(found(Object.values(key), await everythingSaidBy(a))).toEqual([]);
  });

  labTest("are nowhere to be seen: those of an agency on Huawei Cloud", async ({ lab }) => {
    const { a, b, emulator } = await HuaweiPair.prepare(lab);
    const securityKeyOf = async ({ host }: CloudNode) => {
      const server = Object.values(emulator.state().servers).find(({ name }) => name === host.name);
      const text = await host.exec(
        "curl",
        "-s",
        `${emulator.metadataUrl(server?.id ?? "")}/openstack/latest/securitykey`,
      );
      return (JSON.parse(text) as { credential: { access: string; secret: string; securitytoken: string } })
        .credential;
    };
    const first = [await securityKeyOf(a), await securityKeyOf(b)];
    await startTalkative(a);
    await startTalkative(b);
    emulator.expireCredentials();
    emulator.faults.inject({ kind: "error-500" });
    await a.agent.stop();
    await b.waitForEvent("cloud-unknown");

    const keys = [...first, await securityKeyOf(a), await securityKeyOf(b)];
    const secrets = keys.flatMap(({ access, secret, securitytoken }) => [access, secret, securitytoken]);
    expect(new Set(secrets).size).toBe(12);
    expect(found(secrets, await everythingSaidBy(a, b))).toEqual([]);
  });
});

/** An agent that says all it can, and has spoken with its cloud. */
async function startTalkative(node: CloudNode): Promise<void> {
  node.start({ args: ["--log-level", "trace"] });
  await Promise.race([node.waitForEvent("cloud-ready"), node.waitForEvent("cloud-verified")]);
}

/** Logs, status, and the machine's process list, where everybody can read arguments. */
async function everythingSaidBy(...nodes: readonly CloudNode[]): Promise<string> {
  const running = nodes.filter(({ agent }) => !agent.exit);
  const status = await Promise.all(running.map(({ agent }) => agent.status()));
  const logs = nodes.map(({ agent }) => agent.log());
  return [...logs, JSON.stringify(status), await run(["ps", "-eww", "-o", "args"])].join("\n");
}

function found(secrets: readonly string[], text: string): readonly string[] {
  return secrets.filter((secret) => text.includes(secret));
}
