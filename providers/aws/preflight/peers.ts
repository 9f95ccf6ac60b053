import { type PreflightFinding, verdict } from "../../../src/provider/preflight.ts";
import { type AwsCheck, awsCommand } from "./check.ts";
import type { Facts } from "./facts.ts";
import type { FoundNode, Node } from "./nodes.ts";

export const PEER_CHECKS: readonly AwsCheck[] = [
  {
    code: "aws/peer-not-found",
    title: "each peer is a network interface of this VPC",
    severity: "warning",
    why: "The peers' addresses come from the configuration alone. One that no interface of this VPC has is a mistake, or a server in another VPC or account; of such a server doctor cannot see security groups, limits or state.",
    ask: async (facts) => {
      const nodes = await facts.nodes();
      const peers = nodes.filter(({ isSelf }) => !isSelf);
      if (peers.length === 0) return undefined;
      const missing = peers.filter(({ networkInterface }) => networkInterface === undefined);
      const note = peers.map((peer) => `${peer.address} is ${peer.instance?.InstanceId ?? "found"}`);
      return verdict(
        missing.map((peer) => missingPeer(facts, peer)),
        note.join(", "),
      );
    },
  },
  {
    code: "aws/peer-not-running",
    title: "each peer's instance runs",
    severity: "failure",
    why: "A stopped instance keeps its addresses and looks like a member of the group in every list, and there is nobody to fail over to.",
    ask: async (facts) => {
      const peers = (await facts.foundNodes()).filter(({ isSelf }) => !isSelf);
      if (peers.length === 0) return undefined;
      const off = peers.filter(({ instance }) => instance?.State?.Name !== "running");
      return verdict(
        off.map((peer) => notRunning(facts, peer)),
        peers.map(({ instance }) => `${instance?.InstanceId} ${instance?.State?.Name}`).join(", "),
      );
    },
  },
  {
    code: "aws/peer-other-subnet",
    title: "all nodes are in the subnet of the virtual addresses",
    severity: "failure",
    why: "A secondary address belongs to a subnet, which is in one zone. Interfaces of another subnet cannot get it, so their servers can never take over. Across zones take the mechanism `route` or `elastic-ip`.",
    ask: async (facts) => {
      if (facts.options.mechanism !== "secondary-ip") return undefined;
      const nodes = await facts.foundNodes();
      const { subnetId } = facts.identity;
      const elsewhere = nodes.filter(({ networkInterface }) => networkInterface.SubnetId !== subnetId);
      return verdict(
        elsewhere.map((peer) => otherSubnet(facts, peer)),
        subnetId,
      );
    },
  },
];

function missingPeer({ identity }: Facts, { address }: Node): PreflightFinding {
  return {
    message: `no network interface of ${identity.vpcId} has the address ${address}`,
    evidence: [`ec2:DescribeNetworkInterfaces addresses.private-ip-address=${address}: none`],
    consequence: "if that is a mistake, this node has no peer and becomes MASTER beside the real one",
    fix: { advice: "correct `unicast_peer`, or take the peers into one VPC", calls: [], commands: [] },
  };
}

function notRunning(facts: Facts, { address, instance }: FoundNode): PreflightFinding {
  const id = instance?.InstanceId;
  const state = instance?.State?.Name;
  const start = id && state === "stopped" ? awsCommand(facts, "start-instances", "--instance-ids", id) : [];
  return {
    message: id
      ? `the peer ${address} (${id}) is ${state}`
      : `the peer ${address} is attached to no instance`,
    evidence: [],
    consequence: "there is nobody to take over from this node",
    fix: {
      // Starting a server is for somebody who knows why it was stopped.
      advice: [
        "find out why it was stopped, and start it",
        ...(start.length > 0 ? [start.join(" ")] : []),
      ].join(": "),
      calls: [],
      commands: [],
    },
  };
}

function otherSubnet({ identity }: Facts, { address, networkInterface }: FoundNode): PreflightFinding {
  const { SubnetId, AvailabilityZone } = networkInterface;
  return {
    message: `the peer ${address} is in ${SubnetId} (${AvailabilityZone}), this node in ${identity.subnetId} (${identity.zone})`,
    evidence: [],
    consequence: `AWS refuses to move a secondary address to ${address}`,
    fix: {
      advice: "keep the nodes in one subnet, or take the mechanism `route` or `elastic-ip`",
      calls: [],
      commands: [],
    },
  };
}
