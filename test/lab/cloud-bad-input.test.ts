import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import type { AwsState } from "../cloud/aws/state.ts";
import { type AwsNode, AwsPair } from "./cloud-aws.ts";
import type { CloudInstance } from "./cloud-node.ts";
import { labTestNeeding } from "./lab-test.ts";
import { waitFor } from "./wait-for.ts";

const labTest = labTestNeeding("built");

interface Mistake {
  readonly what: string;
  /** Of the `provider` block. */
  readonly options?: Readonly<Record<string, unknown>>;
  readonly instance?: Partial<CloudInstance>;
  readonly change?: (state: AwsState, node: AwsNode) => void;
  /** What the one line says: what happened, and what to do. */
  readonly said: readonly [RegExp, RegExp];
}

const MISTAKES: readonly Mistake[] = [
  {
    what: "another region",
    options: { region: "eu-west-1" },
    said: [
      /names the region eu-west-1, and this server is in eu-central-1/,
      /Leave `region` out, or correct it/,
    ],
  },
  {
    what: "no role",
    change: (state, { ids }) => {
      const instance = state.instances[ids.instanceId];
      if (instance) instance.role = undefined;
    },
    said: [/no credentials were found/, /Give the instance an IAM role/],
  },
  {
    what: "a VIP outside the subnet",
    instance: { vips: ["192.168.9.9"] },
    said: [/192\.168\.9\.9 is outside the subnet subnet-\w+ of eni-\w+/, /Take a VIP inside the subnet/],
  },
  {
    what: "a route table that is not there",
    options: { mechanism: "route", route_tables: ["rtb-0dead"] },
    instance: { vips: ["192.168.9.9"] },
    said: [/rtb-0dead/, /Check the id in the configuration/],
  },
  {
    what: "a VIP inside the VPC for a route",
    options: { mechanism: "route", route_tables: ["rtb-00000000000000001"] },
    said: [/10\.77\.1\.1 is inside the VPC/, /Take a VIP outside every block of the VPC/],
  },
];

describe("an agent on AWS", () => {
  labTest("says in one line what is wrong, and what to do, with each mistake", async ({ lab }) => {
    const pair = await AwsPair.prepare(lab, { instance: { advertInt: 10 } });
    const untouched = pair.cloud.state.current;
    const other = pair.emulator.metadataEndpoint(pair.b.ids.instanceId);
    const mistakes: readonly Mistake[] = [
      ...MISTAKES,
      {
        what: "the interface of another instance",
        options: { metadata_endpoint: other },
        said: [
          /eth0 has the MAC 02:00:00:77:00:01, which is no network interface of this instance/,
          /Name the interface/,
        ],
      },
    ];
    for (const mistake of mistakes) {
      const { what, change, said } = mistake;
      pair.cloud.state.update((state) => change?.(state, pair.a));
      const lines = await complaints(pair.a, mistake);
      expect(lines, what).toHaveLength(1);
      for (const words of said) expect(lines[0], what).toMatch(words);
      pair.cloud.state.update((state) => Object.assign(state, structuredClone(untouched)));
    }
  });

  labTest("ends with a failure and one line when its provider cannot be had", async ({ lab }) => {
    const pair = await AwsPair.prepare(lab);
    const empty = join(lab.directory, "empty.mjs");
    writeFileSync(empty, "export const nothing = 1;\n");
    const refusals = [
      [{ name: "asw" }, /the provider asw cannot be loaded/, /aws, exec, huaweicloud/],
      [{ name: empty }, /exports no provider/, /made with defineProvider/],
      [
        { name: "aws", mechanism: "secondary" },
        /the options of the provider aws are wrong/,
        /providers\/aws\/README/,
      ],
    ] as const;
    for (const [provider, ...said] of refusals) {
      const agent = pair.a.start({ instance: { provider } });
      const exit = await waitFor(() => agent.exit, { what: "the agent to end", seen: () => agent.log() });
      expect(exit.code).toBe(1);
      for (const words of said) expect(agent.log()).toMatch(words);
      expect(agent.log().trim().split("\n")).toHaveLength(2);
    }
  });
});

/** Starts an agent, and gives what it says of its readiness, or of its claim if it became MASTER before it had rehearsed. */
async function complaints(
  node: AwsNode,
  { options, instance }: Pick<Mistake, "options" | "instance">,
): Promise<readonly string[]> {
  const agent = node.start({
    instance: { ...instance, ...(options && { provider: node.provider(options) }) },
  });
  const said = () => [...node.events("cloud-not-ready"), ...node.events("cloud-call-failed")];
  await waitFor(() => said().length > 0, { what: "a complaint", seen: () => agent.log() });
  await agent.kill();
  return said().map(({ msg }) => msg);
}
