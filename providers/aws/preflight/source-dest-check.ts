import { type PreflightFinding, verdict } from "../../../src/provider/preflight.ts";
import { type AwsCheck, awsCommand, fixCall } from "./check.ts";
import type { Facts } from "./facts.ts";
import { type FoundNode, idOf, interfaceName } from "./nodes.ts";

export const SOURCE_DEST_CHECKS: readonly AwsCheck[] = [
  {
    code: "aws/source-dest-check",
    title: "the source/destination check is off on every node",
    severity: "failure",
    why: "An interface drops packets that are neither from nor to one of its own addresses. A routed VIP is no address of the interface, so with the mechanism `route` the check must be off on each node that may become MASTER. The other mechanisms give the address to the interface itself and do not need it.",
    ask: async (facts) => {
      if (facts.options.mechanism !== "route") return undefined;
      const nodes = await facts.foundNodes();
      const checked = nodes.filter(({ networkInterface }) => networkInterface.SourceDestCheck === true);
      return verdict(
        checked.map((node) => findingFor(facts, node)),
        nodes.map(idOf).join(", "),
      );
    },
  },
];

function findingFor(facts: Facts, node: FoundNode): PreflightFinding {
  const NetworkInterfaceId = idOf(node);
  const input = { NetworkInterfaceId, SourceDestCheck: { Value: false } };
  const parameters = { NetworkInterfaceId, SourceDestCheck: "false" };
  return {
    message: `${interfaceName(node)} checks source and destination`,
    evidence: [`${NetworkInterfaceId}: SourceDestCheck is true`],
    consequence: `with ${node.name} as MASTER the routes lead there, and what is sent to the VIP is dropped`,
    fix: {
      advice: "switch the check off",
      calls: [
        fixCall(facts, "ModifyNetworkInterfaceAttribute", parameters, (api, http) =>
          api.modifyNetworkInterfaceAttribute(input, http),
        ),
      ],
      commands: [
        awsCommand(
          facts,
          "modify-network-interface-attribute",
          "--network-interface-id",
          NetworkInterfaceId,
          "--no-source-dest-check",
        ),
      ],
    },
  };
}
