import { execFileSync } from "node:child_process";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { IpAddress } from "../../src/base/ip.ts";
import type { ServiceThread } from "../../src/service/service-thread.ts";
import type { FaultRule } from "../cloud/base/faults.ts";
import { EXAMPLE_SERVERS } from "../cloud/huaweicloud/example-cloud.ts";
import { fetchSecurityKey } from "../cloud/huaweicloud/sdk-client.ts";
import { VIP as AWS_VIP, AwsFixture, nodeA } from "../providers/aws/against-emulator.ts";
import { VIP as HUAWEI_VIP, HuaweiFixture } from "../providers/huaweicloud/against-emulator.ts";
import { requires } from "../setup/requires.ts";

const BUILT = new URL("../../dist/src/service-thread.js", import.meta.url).href;

const FAULTS: readonly FaultRule[] = [
  ...([{ kind: "error-500" }, { kind: "throttle" }, { kind: "reset" }] as const),
  ...([{ kind: "lost-answer" }, { kind: "hang" }, { kind: "metadata-down" }] as const),
  { kind: "clock-skew", skewMs: 3_600_000 },
];

let thread: ServiceThread;
/** All that leaves the thread, and all that is printed meanwhile. */
let told: unknown[];

beforeEach(requires("built"));
beforeEach(async () => {
  const module = (await import(/* @vite-ignore */ BUILT)) as { ServiceThread: typeof ServiceThread };
  told = [];
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, "write").mockImplementation((chunk) => told.push(String(chunk)) > 0);
  }
  thread = new module.ServiceThread({
    log: (line) => told.push(line),
    onRestart: (why) => told.push(why),
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await thread?.end();
});

interface Cloud {
  readonly inject: (rule: FaultRule) => void;
  readonly heal: () => void;
  readonly deny: () => void;
  readonly expire: () => void;
}

/** Goes through everything that may fail, and looks at the process list in between. */
async function suffer(vip: IpAddress, cloud: Cloud): Promise<void> {
  const ask = async () => {
    for (const operation of ["claim", "owner", "rehearse"] as const) {
      const { answer } = thread.call("V1", operation, [vip]);
      told.push(await answer.catch((error: unknown) => error));
    }
    told.push(execFileSync("ps", ["-eo", "args"], { encoding: "utf8" }));
  };
  await ask();
  for (const fault of FAULTS) {
    cloud.inject(fault);
    await ask();
    cloud.heal();
  }
  cloud.deny();
  await ask();
  cloud.expire();
  await ask();
}

/** The secrets that are found in what was told. */
function leaks(secrets: readonly string[]): readonly string[] {
  const text = inspect(told, { depth: 15, showHidden: true, maxStringLength: null, maxArrayLength: null });
  expect(text.length).toBeGreaterThan(1_000);
  for (const secret of secrets) expect(secret.length).toBeGreaterThan(15);
  return secrets.filter((secret) => text.includes(secret));
}

describe("what a role's credentials open is told to nobody: neither logged, nor in an error, nor in the process list", () => {
  it("on AWS", { timeout: 60_000 }, async () => {
    const fixture = await AwsFixture.start();
    const { cloud, endpoint, metadataEndpoint } = fixture.emulator;
    const secretsOf = () => {
      const { secretAccessKey, sessionToken } = cloud.credentials.forInstance(nodeA.instanceId);
      return [secretAccessKey, sessionToken ?? ""];
    };
    const before = secretsOf();
    await thread.open({
      ...{ key: "V1", name: "aws" },
      options: {
        ...{ mechanism: "secondary-ip", request_timeout: 0.5, connect_timeout: 0.5, endpoint },
        metadata_endpoint: metadataEndpoint(nodeA.instanceId),
      },
      ports: {
        ...{ interfaceName: "eth0", hardwareAddress: nodeA.mac },
        sourceAddress: nodeA.address as IpAddress,
      },
    });
    await suffer(AWS_VIP, {
      inject: (rule) => void cloud.faults.inject(rule),
      heal: () => cloud.faults.clear(),
      deny: () => cloud.permissions.deny("AssignPrivateIpAddresses"),
      expire: () => cloud.credentials.expire(nodeA.instanceId),
    });
    expect(leaks([...before, ...secretsOf()])).toEqual([]);
    await fixture.stop();
  });

  it("on Huawei Cloud", { timeout: 60_000 }, async () => {
    const fixture = await HuaweiFixture.start({ bound: false });
    const { emulator } = fixture;
    const secretsOf = async () => {
      const { secret, securitytoken } = await fetchSecurityKey(emulator, fixture.serverId(0));
      return [secret, securitytoken];
    };
    const before = await secretsOf();
    await thread.open({
      ...{ key: "V1", name: "huaweicloud" },
      options: {
        ...{ mechanism: "virtual-ip", exclusive: true, request_timeout: 0.5, endpoint: emulator.url },
        metadata_endpoint: emulator.metadataUrl(fixture.serverId(0)),
      },
      ports: {
        ...{ interfaceName: "eth0", hardwareAddress: EXAMPLE_SERVERS[0]?.mac ?? "" },
        sourceAddress: (EXAMPLE_SERVERS[0]?.address ?? "") as IpAddress,
      },
    });
    await suffer(HUAWEI_VIP, {
      inject: (rule) => void emulator.faults.inject(rule),
      heal: () => emulator.faults.clear(),
      deny: () => emulator.deny("vpc:ports:update"),
      expire: () => emulator.expireCredentials(),
    });
    expect(leaks([...before, ...(await secretsOf())])).toEqual([]);
    await fixture.stop();
  });
});

describe("the search for leaks", () => {
  it("finds a secret that an error carries along", () => {
    told.push(new Error("x".repeat(1_000), { cause: { headers: { token: "a-secret-of-twenty-letters" } } }));
    expect(leaks(["a-secret-of-twenty-letters"])).toEqual(["a-secret-of-twenty-letters"]);
  });
});
