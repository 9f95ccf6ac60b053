import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SECURITY_GROUP } from "../../cloud/aws/world.ts";
import { AwsFixture } from "../../providers/aws/against-emulator.ts";
import { awsNode } from "./aws-node.ts";
import { codesOf, fixedBy, runDoctor } from "./run-doctor.ts";

let fixture: AwsFixture;
beforeEach(async () => {
  fixture = await AwsFixture.start();
});
afterEach(() => fixture.stop());

describe("doctor on AWS", () => {
  it("finds a security group that lets no protocol 112 in, and adds the rules for both ways", async () => {
    fixture.change((draft) => {
      const group = draft.securityGroups[SECURITY_GROUP];
      if (group) group.ingress = [{ protocol: "tcp", cidrs: ["10.0.0.0/16"] }];
    });
    const server = awsNode(fixture);
    const before = await runDoctor(server);
    expect(codesOf(before)).toEqual(["aws/sg-vrrp-blocked"]);
    expect(before.exitCode).toBe(2);
    expect(await fixedBy(server)).toContain("done     ec2:AuthorizeSecurityGroupIngress");
    expect((await runDoctor(server)).findings).toEqual([]);
  });
});
