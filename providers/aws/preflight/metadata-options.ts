import type { InstanceMetadataOptionsResponse } from "@aws-sdk/client-ec2";
import { type PreflightFinding, verdict } from "../../../src/provider/preflight.ts";
import { type AwsCheck, awsCommand, fixCall } from "./check.ts";
import type { Facts } from "./facts.ts";
import type { FoundNode } from "./nodes.ts";

export const METADATA_CHECKS: readonly AwsCheck[] = [
  {
    code: "aws/metadata-disabled",
    title: "the metadata service is enabled on every node",
    severity: "failure",
    why: "A node finds its network interface, and the credentials of its role, in instance metadata. Where those are disabled its agent cannot start.",
    ask: async (facts) => {
      const nodes = await withOptions(facts);
      if (nodes.length === 0) return undefined;
      const disabled = nodes.filter(({ options }) => options.HttpEndpoint === "disabled");
      return verdict(
        disabled.map(({ node }) => disabledFinding(facts, node)),
        nodes.map(({ node }) => node.name).join(", "),
      );
    },
  },
  {
    code: "aws/metadata-hop-limit",
    title: "metadata answers travel as far on each node as here",
    severity: "warning",
    why: "HttpPutResponseHopLimit is the TTL of the answer that carries the session token. In a container with a network of its own that is one hop too few when it is 1, and the question times out. It works here, so the peers should be like this node.",
    ask: async (facts) => {
      const nodes = await withOptions(facts);
      const own = nodes.find(({ node }) => node.isSelf)?.options.HttpPutResponseHopLimit;
      if (own === undefined) return undefined;
      const short = nodes.filter(({ options }) => (options.HttpPutResponseHopLimit ?? own) < own);
      return verdict(
        short.map(({ node, options }) =>
          shortFinding(facts, node, { limit: options.HttpPutResponseHopLimit, own }),
        ),
        `hop limit ${own}`,
      );
    },
  },
];

interface NodeOptions {
  readonly node: FoundNode;
  readonly options: InstanceMetadataOptionsResponse;
}

async function withOptions(facts: Facts): Promise<readonly NodeOptions[]> {
  return (await facts.foundNodes()).flatMap((node) => {
    const options = node.instance?.MetadataOptions;
    return options ? [{ node, options }] : [];
  });
}

function disabledFinding(facts: Facts, node: FoundNode): PreflightFinding {
  const id = node.instance?.InstanceId ?? "";
  return {
    message: `metadata are disabled on ${node.name} (${id})`,
    evidence: [`${id}: MetadataOptions.HttpEndpoint is disabled`],
    consequence: `the agent of ${node.name} cannot find itself, and never takes over`,
    fix: modify(facts, id, {
      advice: "enable the metadata service",
      change: { HttpEndpoint: "enabled" },
      words: ["--http-endpoint", "enabled"],
    }),
  };
}

function shortFinding(
  facts: Facts,
  node: FoundNode,
  { limit, own }: { readonly limit: number | undefined; readonly own: number },
): PreflightFinding {
  const id = node.instance?.InstanceId ?? "";
  return {
    message: `the hop limit of metadata answers is ${limit} on ${node.name} (${id}), and ${own} here`,
    evidence: [`${id}: MetadataOptions.HttpPutResponseHopLimit is ${limit}`],
    consequence: `if the agent of ${node.name} runs in a container, it cannot find itself`,
    fix: modify(facts, id, {
      advice: `raise it to ${own}`,
      change: { HttpPutResponseHopLimit: own },
      words: ["--http-put-response-hop-limit", own.toString()],
    }),
  };
}

function modify(
  facts: Facts,
  InstanceId: string,
  how: {
    readonly advice: string;
    readonly change: { readonly HttpEndpoint: "enabled" } | { readonly HttpPutResponseHopLimit: number };
    readonly words: readonly string[];
  },
) {
  const input = { InstanceId, ...how.change };
  const parameters = Object.fromEntries(Object.entries(input).map(([name, value]) => [name, String(value)]));
  return {
    advice: how.advice,
    calls: [
      fixCall(facts, "ModifyInstanceMetadataOptions", parameters, (api, http) =>
        api.modifyInstanceMetadataOptions(input, http),
      ),
    ],
    commands: [
      awsCommand(facts, "modify-instance-metadata-options", "--instance-id", InstanceId, ...how.words),
    ],
  };
}
