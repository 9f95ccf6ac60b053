import { afterEach, describe, expect, it } from "vitest";
import type { IpAddress } from "../../../src/base/ip.ts";
import type { AwsEmulatorOptions } from "../../cloud/aws/emulator.ts";
import { ELASTIC_IP } from "../../cloud/aws/world.ts";
import type { FaultRule } from "../../cloud/base/faults.ts";
import { AwsFixture, live, nodeA, nodeB, VIP } from "../../providers/aws/against-emulator.ts";
import { awsNode, elasticNode, groupOf, interfaceNode, interfaceOf, routeNode } from "./aws-node.ts";
import { codesOf, runDoctor, writtenBy } from "./run-doctor.ts";

let fixture: AwsFixture;
const start = async (options: AwsEmulatorOptions = {}) => {
  fixture = await AwsFixture.start(options);
};
afterEach(() => fixture.stop());

/** Deadlines that a test waits for. */
const HASTY = { connect_timeout: 5, request_timeout: 1 };

describe("doctor, while the EC2 API is in trouble,", () => {
  it("tells that it does not answer, and that nothing else could be seen", async () => {
    await start();
    fixture.emulator.cloud.faults.inject({ kind: "hang" });
    const report = await runDoctor(awsNode(fixture, { options: HASTY }));
    expect(codesOf(report)).toEqual(["aws/unreachable"]);
    expect(report.unseen.map(({ code }) => code)).toContain("aws/sg-vrrp-blocked");
    expect(report.exitCode).toBe(2);
    fixture.emulator.cloud.faults.clear();
    expect(codesOf(await runDoctor(awsNode(fixture)))).toEqual([]);
  });

  it("tells that the account's rate is used up", async () => {
    await start();
    fixture.emulator.cloud.faults.inject({ kind: "throttle" });
    const report = await runDoctor(awsNode(fixture));
    expect(codesOf(report)).toEqual(["aws/throttled"]);
    fixture.emulator.cloud.faults.clear();
    expect(codesOf(await runDoctor(awsNode(fixture)))).toEqual([]);
  });

  it("tells that it is slow, before it is too slow", async () => {
    await start();
    const slow: FaultRule = { kind: "delay", delayMs: 600, action: "DescribeNetworkInterfaces" };
    fixture.emulator.cloud.faults.inject(slow);
    // Half of it is the limit; the whole is far away on a busy machine too.
    const server = awsNode(fixture, { options: { request_timeout: 1 } });
    const hurried = await runDoctor(server, { check: ["aws/api-slow"] });
    expect([...codesOf(hurried), ...hurried.unseen.map(({ code }) => code)]).toEqual(["aws/api-slow"]);
    const patient = awsNode(fixture, { options: { request_timeout: 60 } });
    expect(codesOf(await runDoctor(patient, { check: ["aws/api-slow"] }))).toEqual([]);
  });

  it.each(["error-500", "reset", "garbage"] as const)("survives answers such as %s", async (kind) => {
    await start();
    fixture.emulator.cloud.faults.inject({ kind });
    const report = await runDoctor(awsNode(fixture));
    expect(report.exitCode).toBeGreaterThan(0);
    expect(report.unseen.map(({ code }) => code)).toContain("aws/sg-vrrp-blocked");
    expect(JSON.stringify(report)).not.toMatch(/emulated-s/);
  });

  it("tells what it may not see, and what it needs for that", async () => {
    await start();
    fixture.emulator.cloud.permissions.deny("DescribeSecurityGroups");
    const report = await runDoctor(awsNode(fixture));
    expect(report.unseen).toMatchObject([
      { code: "aws/sg-vrrp-blocked", why: expect.stringContaining("ec2:DescribeSecurityGroups") },
      { code: "aws/sg-vrrp-egress-blocked" },
    ]);
    expect(report.exitCode).toBe(1);
  });
});

describe("doctor on AWS", () => {
  it("has no warning for a healthy pair, with any mechanism", async () => {
    await start();
    fixture.change((draft) => interfaceOf(draft, nodeB.interfaceId).addresses.push(VIP));
    for (const server of [
      awsNode(fixture),
      awsNode(fixture, { self: nodeB, peers: [nodeA] }),
      routeNode(fixture),
      elasticNode(fixture),
      interfaceNode(fixture),
    ]) {
      const report = await runDoctor(server);
      expect([report.findings, report.unseen]).toEqual([[], []]);
      expect(report.fine.length).toBeGreaterThan(12);
    }
  });

  it("moves nothing, and keeps its reads few", async () => {
    await start();
    fixture.change((draft) => interfaceOf(draft, nodeB.interfaceId).addresses.push(VIP));
    const before = fixture.state;
    await runDoctor(awsNode(fixture));
    expect(fixture.state).toEqual(before);
    expect(fixture.emulator.cloud.journal.entries({ surface: "api" }).length).toBeLessThan(20);
  });

  it("tells that a server finds itself nowhere while metadata are down, or without a role", async () => {
    await start();
    fixture.emulator.cloud.faults.inject({ kind: "metadata-down" });
    const lost = await runDoctor(awsNode(fixture));
    expect(codesOf(lost)).toEqual(["cloud/not-identified"]);
    expect(lost.findings[0]?.message).toContain("metadata service");
    fixture.emulator.cloud.faults.clear();
    fixture.change((draft) => Object.assign(draft.instances[nodeA.instanceId] ?? {}, { role: undefined }));
    const bare = await runDoctor(awsNode(fixture));
    expect(codesOf(bare)).toEqual(["cloud/not-identified"]);
    expect(bare.findings[0]?.message).toContain("no credentials");
  });

  it("tells that credentials end soon and no newer ones come", async () => {
    await start({ credentialsLifetimeMs: 120_000 });
    expect(codesOf(await runDoctor(awsNode(fixture)))).toEqual(["aws/credentials-expire"]);
  });

  it.each([
    [
      "aws/elastic-ip-unknown",
      () => elasticNode(fixture, { vips: ["203.0.113.99"] }),
      () => elasticNode(fixture),
    ],
    [
      "aws/interface-not-found",
      () => interfaceNode(fixture, { options: { network_interface: "eni-00000000000000bad" } }),
      () => interfaceNode(fixture),
    ],
    [
      "aws/route-table-missing",
      () => routeNode(fixture, { options: { route_tables: ["rtb-00000000000000bad"] } }),
      () => routeNode(fixture),
    ],
  ])("tells %s of what the file names, and no longer when that is corrected", async (code, wrong, right) => {
    await start();
    expect(codesOf(await runDoctor(wrong()))).toContain(code);
    expect(codesOf(await runDoctor(right()))).toEqual([]);
  });

  it("says what no call can prove, and does not call it a warning", async () => {
    await start();
    const provider = await fixture.identified(1);
    const answers = [];
    const subject = { vips: ["2001:db8:0:10a::100" as IpAddress], peers: [nodeB.address as IpAddress] };
    for await (const answer of provider.preflight?.(subject, live()) ?? []) answers.push(answer);
    const found = answers.filter(({ kind }) => kind === "found");
    expect(found).toMatchObject([{ code: "aws/permission-unproven" }]);
  });

  it("shows a call and its command, and who could run it when this node may not", async () => {
    await start();
    fixture.change((draft) =>
      Object.assign(draft.securityGroups["sg-00000000000000001"] ?? {}, { ingress: [] }),
    );
    fixture.emulator.cloud.permissions.deny("AuthorizeSecurityGroupIngress");
    const { text } = await writtenBy(awsNode(fixture), { fix: true, yes: true });
    expect(text).toContain("aws ec2 authorize-security-group-ingress --group-id sg-00000000000000001");
    expect(text).toContain("calls    ec2:AuthorizeSecurityGroupIngress GroupId=sg-00000000000000001");
    expect(text).toContain("failed   ec2:AuthorizeSecurityGroupIngress: UnauthorizedOperation");
    expect(text).toContain("whoever has the right can run the command above anywhere");
  });

  it("does not judge by a security group that it cannot see", async () => {
    await start();
    fixture.change((draft) => {
      interfaceOf(draft, nodeB.interfaceId).securityGroupIds = ["sg-of-others"];
      groupOf(draft).ingress = [{ protocol: "-1", cidrs: ["10.0.0.0/16"] }];
    });
    const report = await runDoctor(awsNode(fixture));
    expect(report.findings).toEqual([]);
    expect(report.unseen).toMatchObject([
      { code: "aws/sg-vrrp-blocked", why: expect.stringContaining("sg-of-others") },
      { code: "aws/sg-vrrp-egress-blocked" },
    ]);
  });

  it("lets a user who is not root mend what the cloud lets him mend", async () => {
    await start();
    fixture.change((draft) => Object.assign(groupOf(draft), { ingress: [] }));
    const server = { ...awsNode(fixture), host: { isRoot: false } };
    const check = ["aws/sg-vrrp-blocked"];
    expect((await writtenBy(server, { fix: true, yes: true, check })).exitCode).toBe(0);
    expect(fixture.changes()).toEqual(["AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupIngress"]);
  });

  it("knows an Elastic IP by its allocation", async () => {
    await start();
    const report = await runDoctor(elasticNode(fixture));
    const known = report.fine.find(({ code }) => code === "aws/elastic-ip-unknown");
    expect(known?.note).toBe(`${ELASTIC_IP} is eipalloc-00000000000000001`);
  });
});
