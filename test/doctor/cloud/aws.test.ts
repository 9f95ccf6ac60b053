import { describe, expect, it } from "vitest";
import { AWS_CHECKS } from "../../../providers/aws/preflight/preflight.ts";
import {
  ALLOCATION,
  addInterface,
  ELASTIC_IP,
  MAIN_TABLE,
  NETWORK_ACL,
  SPARE_INTERFACE,
  VPC_ID,
} from "../../cloud/aws/world.ts";
import { AwsFixture, nodeA, nodeB, nodeC, VIP } from "../../providers/aws/against-emulator.ts";
import { awsNode, elasticNode, groupOf, interfaceNode, interfaceOf, ROUTED, routeNode } from "./aws-node.ts";
import { type Case, describeCases } from "./cases.ts";

type AwsCase = Case<AwsFixture>;

const TCP_ONLY = [{ protocol: "tcp", cidrs: ["10.0.0.0/16"] }];

const NETWORK: readonly AwsCase[] = [
  {
    code: "aws/sg-vrrp-blocked",
    healthy: awsNode,
    broken: changing((draft) => Object.assign(groupOf(draft), { ingress: TCP_ONLY })),
    mend: "doctor",
  },
  {
    code: "aws/sg-vrrp-blocked",
    when: "only the peer's group lacks the rule",
    healthy: awsNode,
    broken: changing((draft) => {
      draft.securityGroups["sg-2"] = { ...groupOf(draft), name: "other", ingress: TCP_ONLY };
      interfaceOf(draft, nodeB.interfaceId).securityGroupIds = ["sg-2"];
      Object.assign(groupOf(draft), { ingress: [{ protocol: "-1", cidrs: ["10.0.0.0/8"] }] });
    }),
    mend: "doctor",
  },
  {
    code: "aws/sg-vrrp-blocked",
    when: "the prefix list of its rule does not have the peers",
    healthy: (fixture) => {
      fixture.change((draft) => {
        draft.prefixLists["pl-1"] = ["192.0.2.0/24", "10.0.0.0/24"];
        Object.assign(groupOf(draft), { ingress: [{ protocol: "112", prefixListIds: ["pl-1"] }] });
      });
      return awsNode(fixture);
    },
    broken: changing((draft) => {
      draft.prefixLists["pl-1"] = ["192.0.2.0/24"];
    }),
    mend: "doctor",
  },
  {
    code: "aws/sg-vrrp-egress-blocked",
    healthy: awsNode,
    broken: changing((draft) => Object.assign(groupOf(draft), { egress: TCP_ONLY })),
    mend: "doctor",
  },
  {
    code: "aws/acl-vrrp-blocked",
    healthy: (fixture) => routeNode(fixture, { peers: [nodeC] }),
    broken: changing((draft) => {
      const acl = draft.networkAcls[NETWORK_ACL];
      if (!acl) return;
      const deny = { ruleNumber: 50, protocol: "112", action: "deny", cidrBlock: "10.0.0.0/16" } as const;
      acl.entries = [...acl.entries, { ...deny, egress: false }, { ...deny, egress: true }];
    }),
    mend: "doctor",
  },
  {
    code: "aws/no-path-to-api",
    healthy: elasticNode,
    broken: changing((draft) => {
      const out = {
        destination: "0.0.0.0/0",
        target: { gatewayId: "igw-1" },
        origin: "CreateRoute",
      } as const;
      for (const table of Object.values(draft.routeTables)) {
        table.routes = [...table.routes.filter(({ destination }) => destination !== out.destination), out];
      }
      const elastic = draft.elasticAddresses[ALLOCATION];
      if (!elastic) return;
      elastic.association = { id: "eipassoc-1", interfaceId: nodeA.interfaceId, privateIp: nodeA.address };
    }),
    mend: changing((draft) => {
      const serviceName = "com.amazonaws.eu-central-1.ec2";
      draft.vpcEndpoints["vpce-1"] = { vpcId: VPC_ID, serviceName, privateDns: true };
    }),
  },
];

const GROUP: readonly AwsCase[] = [
  {
    code: "aws/peer-not-found",
    healthy: awsNode,
    broken: (fixture) => awsNode(fixture, { peers: [{ ...nodeB, address: "10.0.0.99" }] }),
    mend: "file",
  },
  {
    code: "aws/peer-not-running",
    healthy: awsNode,
    broken: (fixture) => {
      fixture.emulator.cloud.setInstanceState(nodeB.instanceId, "stopped");
      return undefined;
    },
    mend: ({ emulator }) => emulator.cloud.setInstanceState(nodeB.instanceId, "running"),
  },
  {
    code: "aws/peer-other-subnet",
    healthy: awsNode,
    broken: (fixture) => awsNode(fixture, { peers: [nodeB, nodeC] }),
    mend: "file",
  },
  {
    code: "aws/vip-holder",
    when: "a stranger has the address",
    healthy: awsNode,
    broken: changing((draft) => interfaceOf(draft, nodeC.interfaceId).addresses.push(VIP)),
    mend: changing((draft) => interfaceOf(draft, nodeC.interfaceId).addresses.pop()),
  },
  {
    code: "aws/metadata-disabled",
    healthy: awsNode,
    broken: changing((draft) =>
      Object.assign(draft.instances[nodeB.instanceId] ?? {}, { metadataEndpoint: "disabled" }),
    ),
    mend: "doctor",
  },
  {
    code: "aws/metadata-hop-limit",
    healthy: awsNode,
    broken: changing((draft) =>
      Object.assign(draft.instances[nodeB.instanceId] ?? {}, { metadataHopLimit: 1 }),
    ),
    mend: "doctor",
  },
];

const ADDRESSES: readonly AwsCase[] = [
  misplaced("aws/vip-outside-subnet", (fixture) => awsNode(fixture, { vips: ["10.0.1.100"] })),
  misplaced("aws/vip-reserved", (fixture) => awsNode(fixture, { vips: ["10.0.0.2"] })),
  {
    ...misplaced("aws/vip-is-primary", (fixture) => awsNode(fixture, { vips: ["10.0.0.240"] })),
    // It is attached nowhere, so it is a stranger too.
    also: ["aws/vip-holder"],
  },
  {
    ...misplaced("aws/vip-inside-vpc", (fixture) => routeNode(fixture, { vips: [VIP] })),
    also: ["aws/route-missing"],
  },
  {
    code: "aws/address-limit",
    healthy: awsNode,
    broken: changing((draft) => {
      interfaceOf(draft, nodeB.interfaceId).addresses.push(
        ...[51, 52, 53, 54, 55].map((host) => `10.0.0.${host}`),
      );
    }),
    mend: changing((draft) => interfaceOf(draft, nodeB.interfaceId).addresses.pop()),
  },
  {
    code: "aws/permission-denied",
    when: "addresses may not be assigned",
    healthy: awsNode,
    broken: denying("AssignPrivateIpAddresses"),
    mend: ({ emulator }) => emulator.cloud.permissions.reset(),
  },
  {
    code: "aws/permission-denied",
    when: "routes may not be replaced",
    healthy: routeNode,
    broken: denying("ReplaceRoute"),
    mend: ({ emulator }) => emulator.cloud.permissions.reset(),
  },
];

const ROUTES: readonly AwsCase[] = [
  {
    code: "aws/source-dest-check",
    healthy: routeNode,
    broken: changing((draft) => {
      for (const { interfaceId } of [nodeA, nodeB]) interfaceOf(draft, interfaceId).sourceDestCheck = true;
    }),
    mend: "doctor",
  },
  {
    code: "aws/route-missing",
    healthy: routeNode,
    broken: changing((draft) => {
      const table = draft.routeTables[MAIN_TABLE];
      if (table) table.routes = table.routes.filter(({ destination }) => destination !== `${ROUTED}/32`);
    }),
    mend: "doctor",
  },
  {
    code: "aws/route-table-not-listed",
    healthy: routeNode,
    broken: (fixture) => routeNode(fixture, { options: { route_tables: [MAIN_TABLE] } }),
    mend: "file",
  },
];

const ELASTIC: readonly AwsCase[] = [
  {
    code: "aws/private-address-missing",
    healthy: elasticNode,
    broken: (fixture) =>
      elasticNode(fixture, { options: { private_addresses: { [ELASTIC_IP]: "10.0.0.77" } } }),
    mend: "file",
  },
  {
    code: "aws/private-address-shared",
    healthy: elasticNode,
    broken: (fixture) => {
      fixture.change((draft) => {
        draft.elasticAddresses["eipalloc-2"] = { publicIp: "203.0.113.11" };
      });
      return elasticNode(fixture, { vips: [ELASTIC_IP, "203.0.113.11"] });
    },
    mend: "file",
  },
];

const INTERFACES: readonly AwsCase[] = [
  {
    code: "aws/interface-is-primary",
    healthy: interfaceNode,
    broken: (fixture) =>
      interfaceNode(fixture, {
        vips: [nodeC.address],
        peers: [nodeB],
        options: { network_interface: nodeC.interfaceId },
      }),
    mend: "file",
    also: ["aws/other-zone", "aws/vip-holder"],
  },
  {
    code: "aws/vip-not-on-interface",
    healthy: interfaceNode,
    broken: changing((draft) =>
      Object.assign(interfaceOf(draft, SPARE_INTERFACE), { addresses: ["10.0.0.241"] }),
    ),
    mend: changing((draft) => interfaceOf(draft, SPARE_INTERFACE).addresses.push("10.0.0.240")),
    unseen: ["aws/vip-holder"],
  },
  {
    code: "aws/other-zone",
    healthy: interfaceNode,
    broken: (fixture) => interfaceNode(fixture, { peers: [nodeB, nodeC] }),
    mend: "file",
  },
  {
    code: "aws/device-index-taken",
    healthy: interfaceNode,
    broken: changing((draft) => {
      addInterface(draft, { instanceId: nodeB.instanceId, mac: "0a:00:00:00:01:01", address: "10.0.0.71" });
    }),
    mend: changing((draft) =>
      Object.assign(interfaceOf(draft, "eni-000000a0000000101"), { attachment: undefined }),
    ),
  },
  {
    code: "aws/interface-limit",
    healthy: (fixture) => interfaceNode(fixture, { options: { device_index: 5 } }),
    broken: changing((draft) => {
      for (const host of [71, 72]) {
        const mac = `0a:00:00:00:01:${host}`;
        addInterface(draft, { instanceId: nodeB.instanceId, mac, address: `10.0.0.${host}` });
      }
    }),
    mend: changing((draft) => Object.assign(draft.instances[nodeB.instanceId] ?? {}, { type: "m5.4xlarge" })),
  },
];

const start = () => AwsFixture.start();
describeCases("doctor on AWS, of the network,", start, NETWORK);
describeCases("doctor on AWS, of the group,", start, GROUP);
describeCases("doctor on AWS, of addresses,", start, ADDRESSES);
describeCases("doctor on AWS, of routes,", start, ROUTES);
describeCases("doctor on AWS, of Elastic IPs,", start, ELASTIC);
describeCases("doctor on AWS, of an interface that moves,", start, INTERFACES);

/** Tested in aws-trouble.test.ts, because other checks cannot look then. */
const IN_TROUBLE = [
  "aws/api-slow",
  "aws/credentials-expire",
  "aws/elastic-ip-unknown",
  "aws/interface-not-found",
  "aws/permission-unproven",
  "aws/route-table-missing",
  "aws/throttled",
  "aws/unreachable",
];

describe("the checks of AWS", () => {
  it("are each found by some test", () => {
    const cases = [...NETWORK, ...GROUP, ...ADDRESSES, ...ROUTES, ...ELASTIC, ...INTERFACES];
    const tested = new Set([...IN_TROUBLE, ...cases.map(({ code }) => code)]);
    expect(AWS_CHECKS.map(({ code }) => code).filter((code) => !tested.has(code))).toEqual([]);
  });

  it("have a code, a title and a background each", () => {
    for (const { code, title, why } of AWS_CHECKS) {
      expect(code).toMatch(/^aws\/[a-z-]+$/);
      expect([title.length > 10, why.length > 40]).toEqual([true, true]);
    }
    expect(new Set(AWS_CHECKS.map(({ code }) => code)).size).toBe(AWS_CHECKS.length);
  });
});

function misplaced(code: string, broken: AwsCase["broken"]): AwsCase {
  return { code, healthy: awsNode, broken, mend: "file" };
}

function changing(change: Parameters<AwsFixture["change"]>[0]) {
  return (fixture: AwsFixture): undefined => {
    fixture.change((draft) => void change(draft));
  };
}

function denying(action: string) {
  return ({ emulator }: AwsFixture): undefined => {
    emulator.cloud.permissions.deny(action);
  };
}
