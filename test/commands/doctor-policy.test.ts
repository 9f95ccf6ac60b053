import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { huaweicloudOptions } from "../../providers/huaweicloud/options.ts";
import { DOCTOR_ACTIONS, policyFor } from "../../providers/huaweicloud/preflight/policy.ts";
import { printPolicy } from "../../src/commands/doctor-policy.ts";
import { MAIN_TABLE, SPARE_INTERFACE, SUBNET_B_TABLE } from "../cloud/aws/world.ts";
import { awsNode, elasticNode, interfaceNode, routeNode } from "../doctor/cloud/aws-node.ts";
import { type CloudServer, configOf, hostOf } from "../doctor/cloud/run-doctor.ts";
import { PAIR_YAML } from "../doctor/fake-host.ts";
import { AwsFixture, nodeA, nodeB } from "../providers/aws/against-emulator.ts";
import { CapturedOutput } from "./captured-output.ts";

const CLOUD_ARN = "arn:aws:ec2:eu-central-1:123456789012";

let fixture: AwsFixture | undefined;
afterEach(async () => {
  await fixture?.stop();
  fixture = undefined;
});

async function printed(text: (folder: string) => string, openHost: () => ReturnType<typeof hostOf>) {
  const folder = await mkdtemp(join(tmpdir(), "cloudvip-policy-"));
  const config = join(folder, "cloudvip.yaml");
  await writeFile(config, text(folder));
  const [out, notes] = [new CapturedOutput(), new CapturedOutput()];
  try {
    const code = await printPolicy({ config, out, notes, openHost });
    return { code, text: out.text, notes: notes.text };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function policyOf(server: CloudServer) {
  const { text, notes } = await printed(
    (folder) => JSON.stringify(configOf(server, folder)),
    () => hostOf(server),
  );
  const { Statement } = JSON.parse(text) as {
    Statement: { Sid: string; Action: string[]; Resource: unknown }[];
  };
  return { notes, statements: Statement, text };
}

describe("cloudvip doctor --policy on AWS", () => {
  it("names the region, the account and the interfaces of all nodes, and leaves out what no VIP needs", async () => {
    fixture = await AwsFixture.start();
    const { statements, text } = await policyOf(awsNode(fixture));
    expect(statements.map(({ Sid }) => Sid)).toEqual(["LookAround", "MoveAddresses"]);
    const both = [nodeA, nodeB].map(({ interfaceId }) => `${CLOUD_ARN}:network-interface/${interfaceId}`);
    expect(statements[1]).toMatchObject({ Action: ["ec2:AssignPrivateIpAddresses"], Resource: both });
    expect(text).toContain('"ec2:Region": "eu-central-1"');
    expect(text).not.toMatch(/REGION|ACCOUNT|SERVER/);
  });

  it("names the route tables, the Elastic IP or the interface that moves", async () => {
    fixture = await AwsFixture.start();
    const routes = await policyOf(routeNode(fixture));
    const tables = [MAIN_TABLE, SUBNET_B_TABLE].map((id) => `${CLOUD_ARN}:route-table/${id}`);
    expect(routes.statements[1]?.Resource).toEqual(tables);
    const elastic = await policyOf(elasticNode(fixture));
    expect(elastic.statements[1]?.Resource).toEqual([
      `${CLOUD_ARN}:elastic-ip/eipalloc-00000000000000001`,
      ...[nodeA, nodeB].map(({ instanceId }) => `${CLOUD_ARN}:instance/${instanceId}`),
      ...[nodeA, nodeB].map(({ interfaceId }) => `${CLOUD_ARN}:network-interface/${interfaceId}`),
    ]);
    const moving = await policyOf(interfaceNode(fixture));
    expect(moving.statements[1]?.Resource).toContain(`${CLOUD_ARN}:network-interface/${SPARE_INTERFACE}`);
  });

  it("stands by with words in capitals where this server is not found in the cloud, and says so", async () => {
    fixture = await AwsFixture.start();
    fixture.emulator.cloud.faults.inject({ kind: "metadata-down" });
    const { statements, notes } = await policyOf(awsNode(fixture, { options: { region: "cn-north-1" } }));
    expect(statements[1]?.Resource).toEqual([
      "arn:aws-cn:ec2:cn-north-1:ACCOUNT:network-interface/ENI_OF_SERVER_1",
      "arn:aws-cn:ec2:cn-north-1:ACCOUNT:network-interface/ENI_OF_SERVER_2",
    ]);
    expect(notes).toContain("# replace ACCOUNT, ENI_OF_SERVER_1, ENI_OF_SERVER_2: nothing here tells them");
  });
});

describe("cloudvip doctor --policy", () => {
  it("refuses a configuration without a provider", async () => {
    const server = { address: "10.0.0.4", mac: "02:00:00:00:00:04", peers: [], vips: [], provider: {} };
    await expect(
      printed(
        () => PAIR_YAML,
        () => hostOf(server),
      ),
    ).rejects.toThrow("names no usable provider");
  });

  it.each([{ mechanism: "virtual-ip" }, { mechanism: "route", route_tables: ["rtb"] }])(
    "prints for Huawei Cloud with $mechanism what its manual says",
    async (options) => {
      const manual = await readFile(
        new URL("../../providers/huaweicloud/README.md", import.meta.url),
        "utf8",
      );
      const blocks = [...manual.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json = ""]) => JSON.parse(json));
      expect(blocks).toContainEqual(policyFor(huaweicloudOptions.parse(options)).document);
    },
  );

  it("has a manual for Huawei Cloud that lists what doctor itself needs", async () => {
    const manual = await readFile(new URL("../../providers/huaweicloud/README.md", import.meta.url), "utf8");
    expect(DOCTOR_ACTIONS.filter((action) => !manual.includes(`\`${action}\``))).toEqual([]);
  });
});
