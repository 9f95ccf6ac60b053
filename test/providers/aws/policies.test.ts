import { readdirSync, readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import type { IpAddress } from "../../../src/base/ip.ts";
import { ELASTIC_IP, MAIN_TABLE, SECURITY_GROUP, SPARE_INTERFACE } from "../../cloud/aws/world.ts";
import { AwsFixture, live, nodeA, nodeB, nodeC, ownerOf } from "./against-emulator.ts";

interface Policy {
  readonly Statement: readonly {
    readonly Action: readonly string[];
    readonly Resource: string | readonly string[];
  }[];
}

function policy(name: string): Policy {
  const file = new URL(`../../../providers/aws/policies/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as Policy;
}

function actionsOf(name: string): readonly string[] {
  return policy(name).Statement.flatMap(({ Action }) => Action);
}

const CASES = [
  { options: { mechanism: "secondary-ip" }, vips: ["10.0.0.100", "2001:db8:0:10a::100"] },
  { options: { mechanism: "elastic-ip" }, vips: [ELASTIC_IP] },
  { options: { mechanism: "route", route_tables: [MAIN_TABLE] }, vips: ["192.168.255.10"] },
  { options: { mechanism: "network-interface", network_interface: SPARE_INTERFACE }, vips: ["10.0.0.240"] },
];

let fixture: AwsFixture;
afterEach(() => fixture.stop());

describe("the least-privilege policy", () => {
  it.each(CASES)(
    "of $options.mechanism suffices, and has nothing that is not used",
    async ({ options, vips }) => {
      fixture = await AwsFixture.start();
      fixture.change((draft) => {
        for (const one of Object.values(draft.interfaces)) one.sourceDestCheck = false;
      });
      const actions = actionsOf(options.mechanism);
      for (const { instanceId } of [nodeA, nodeB])
        fixture.emulator.cloud.permissions.allowOnly(instanceId, actions);
      const [a, b] = [await fixture.identified(1, options), await fixture.identified(2, options)];
      const addresses = vips as IpAddress[];
      for (const provider of [a, b]) {
        expect((await provider.rehearse(addresses, live())).obstacles).toEqual([]);
        await provider.claim(addresses, live());
      }
      for (const vip of addresses) {
        expect(await ownerOf(a, vip)).toMatchObject({ kind: "other", holder: nodeB.instanceId });
      }
      const used = fixture.emulator.cloud.journal
        .entries({ surface: "api" })
        .map((entry) => `ec2:${entry.action}`);
      expect([...new Set(used)].sort()).toEqual([...actions].sort());
    },
  );

  it.each(CASES)("of $options.mechanism allows changes to named resources only", async ({ options }) => {
    fixture = await AwsFixture.start();
    for (const { Action, Resource } of policy(options.mechanism).Statement) {
      const looksOnly = Action.every((action) => action.startsWith("ec2:Describe"));
      expect(Resource === "*").toBe(looksOnly);
    }
  });
});

describe("the policy of doctor", () => {
  it("suffices beside that of a mechanism, and has nothing that no mechanism needs", async () => {
    fixture = await AwsFixture.start();
    fixture.change((draft) => {
      draft.prefixLists["pl-1"] = ["10.0.0.0/16"];
      const group = draft.securityGroups[SECURITY_GROUP];
      group?.ingress.push({ protocol: "112", prefixListIds: ["pl-1"] });
    });
    const looks = actionsOf("doctor");
    const used = new Set<string>();
    for (const { options, vips } of CASES) {
      const actions = actionsOf(options.mechanism);
      fixture.emulator.cloud.permissions.allowOnly(nodeA.instanceId, [...actions, ...looks]);
      fixture.emulator.cloud.journal.clear();
      const provider = await fixture.identified(1, options);
      // A peer in another subnet, so that network ACLs count.
      const subject = { vips: vips as IpAddress[], peers: [nodeB.address, nodeC.address] as IpAddress[] };
      for await (const answer of provider.preflight?.(subject, live()) ?? []) {
        expect([answer.code, answer.kind === "unseen" && answer.why]).toEqual([answer.code, false]);
      }
      const calls = fixture.emulator.cloud.journal.entries({ surface: "api" });
      for (const { action } of calls) if (!actions.includes(`ec2:${action}`)) used.add(`ec2:${action}`);
    }
    expect([...used].sort().filter((action) => !looks.includes(action))).toEqual([]);
    const together = new Set([...used, ...CASES.flatMap(({ options }) => actionsOf(options.mechanism))]);
    expect(looks.filter((action) => !together.has(action))).toEqual([]);
  });

  it("lets --fix make the calls that repair, and no others", () => {
    const folder = new URL("../../../providers/aws/preflight/", import.meta.url);
    const sources = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), "utf8"));
    const calls = sources.flatMap((text) => text.match(/(?<=")(Authorize|Create|Modify)\w+(?=")/g) ?? []);
    expect([...new Set(calls)].map((call) => `ec2:${call}`).sort()).toEqual(actionsOf("doctor-fix"));
  });
});
