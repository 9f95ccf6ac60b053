import { describe, expect } from "vitest";
import { SECURITY_GROUP } from "../cloud/aws/world.ts";
import { AwsPair } from "./cloud-aws.ts";
import { HuaweiPair } from "./cloud-huaweicloud.ts";
import type { CloudNode } from "./cloud-node.ts";
import { CLI } from "./cloudvip.ts";
import { type DoctorReport, examine } from "./doctor.ts";
import type { Lab } from "./lab.ts";
import { labTestNeeding } from "./lab-test.ts";

const labTest = labTestNeeding("built", "iptables");
/** Half of it is what doctor calls slow; a busy machine is far from that. */
const PATIENT = { request_timeout: 20 };

describe("doctor beside two agents in a cloud", () => {
  labTest(
    "finds nothing wrong in a healthy one, and everything that it asks is answered",
    async ({ lab }) => {
      const pair = await AwsPair.start(lab, { provider: PATIENT });
      for (const node of [pair.a, pair.b]) {
        const { findings, unseen, fine } = ofCloud(await examineNode(lab, node));
        expect(findings.filter(({ severity }) => severity !== "info")).toEqual([]);
        expect(unseen).toEqual([]);
        expect(fine.map(({ code }) => code)).toEqual(
          expect.arrayContaining(["cloud/not-identified", "aws/sg-vrrp-blocked", "aws/vip-holder"]),
        );
      }
      expect(pair.owner()).toBe("a");
    },
  );

  labTest("finds a group that blocks adverts, mends it with the API, and sees it mended", async ({ lab }) => {
    const pair = await AwsPair.start(lab, { provider: PATIENT });
    pair.cloud.state.update((draft) => {
      const group = draft.securityGroups[SECURITY_GROUP];
      if (group) group.ingress = [{ protocol: "tcp", cidrs: ["10.77.0.0/16"] }];
    });
    const broken = ofCloud(await examineNode(lab, pair.b));
    expect(broken.findings.map(({ code }) => code)).toContain("aws/sg-vrrp-blocked");

    const words = ["doctor", "--fix", "--yes", "--check", "aws/sg-vrrp-blocked", "--config"];
    const fixing = pair.b.host.spawn([process.execPath, CLI, ...words, pair.b.agent.configFile]);
    expect(await fixing.exited).toMatchObject({ code: 0 });
    expect(fixing.stdout()).toMatch(/done {5}ec2:AuthorizeSecurityGroupIngress/);
    const { ingress } = pair.cloud.state.current.securityGroups[SECURITY_GROUP] ?? { ingress: [] };
    expect(ingress.map(({ protocol }) => protocol)).toEqual(["tcp", "112", "112"]);
  });

  labTest("looks at virtual IPs on Huawei Cloud too", async ({ lab }) => {
    const pair = await HuaweiPair.prepare(lab, PATIENT);
    await pair.start();
    const { findings, unseen } = ofCloud(await examineNode(lab, pair.b));
    // The lab's hosts may forward, as this machine does.
    expect(findings.map(({ code }) => code).filter((code) => code !== "huaweicloud/ip-forward")).toEqual([]);
    expect(unseen).toEqual([]);
  });
});

function examineNode(lab: Lab, { host, agent }: CloudNode): Promise<DoctorReport> {
  return examine(lab, { host, daemon: agent, cloudvip: agent });
}

/** The machine that runs this is no server of a cloud; what doctor says of it is for other tests. */
function ofCloud({ findings, unseen, fine, verdict }: DoctorReport): DoctorReport {
  const isOfCloud = ({ code }: { readonly code: string }) => /^(cloud|aws|huaweicloud)\//.test(code);
  return {
    verdict,
    findings: findings.filter(isOfCloud),
    unseen: unseen.filter(isOfCloud),
    fine: fine.filter(isOfCloud),
  };
}
