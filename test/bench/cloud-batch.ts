import { MAIN_TABLE, VPC_ID } from "../cloud/aws/world.ts";
import { type AwsGroupOptions, AwsPair } from "../lab/cloud-aws.ts";
import type { Effort, Measurement } from "./measurement.ts";
import { median } from "./statistics.ts";
import { withLab } from "./with-lab.ts";

const VIPS = 50;
const TABLES = 20;
const ROUNDS: Record<Effort, number> = { full: 11, quick: 3 };
/** Not counted: an agent that waits for its first failover has rehearsed for hours, and so its code has run before. */
const WARM_UP_ROUNDS = 4;
/** Outside the VPC, as a routed VIP must be. */
const OVERLAY = "192.168.9.9";

/** How many calls the new MASTER makes to claim many addresses of one interface. */
export const requestsForManyAddresses: Measurement = {
  name: "cloud-requests",
  title: `claim requests for ${VIPS} VIPs on one interface`,
  unit: "times",
  programs: ["cloudvip"],
  measure: () =>
    withLab(async (lab) => {
      const vips = Array.from({ length: VIPS }, (_, index) => lab.vip(index));
      const roomy = {
        maximumNetworkInterfaces: 1,
        ipv4AddressesPerInterface: VIPS + 1,
        ipv6AddressesPerInterface: 1,
      };
      const pair = await AwsPair.start(lab, { vips, emulator: { instanceTypes: { "t3.medium": roomy } } });
      await pair.a.agent.kill();
      await pair.b.waitForEvent("cloud-verified");
      return { value: pair.claims(pair.b).length };
    }),
};

/** How much longer a new MASTER takes to claim in twenty route tables than in one. */
export function routeTables(latencyMs: number): Measurement {
  return {
    name: `cloud-route-tables-${latencyMs}ms`,
    title: `claim in ${TABLES} route tables over one, API ${latencyMs} ms away`,
    unit: "ratio",
    programs: ["cloudvip"],
    measure: async (_program, effort) => {
      const one = await claimTimes({ tables: 1, latencyMs, rounds: ROUNDS[effort] });
      const many = await claimTimes({ tables: TABLES, latencyMs, rounds: ROUNDS[effort] });
      const details = { oneMs: median(one), manyMs: median(many) };
      return { value: details.manyMs / details.oneMs, details };
    },
  };
}

interface ClaimRun {
  readonly tables: number;
  readonly latencyMs: number;
  readonly rounds: number;
}

/** From becoming MASTER to the last table's answer, ms, as the agent logs it. */
function claimTimes({ tables, latencyMs, rounds }: ClaimRun): Promise<readonly number[]> {
  const ids = Array.from(
    { length: tables },
    (_, index) => `rtb-${(index + 100).toString(16).padStart(17, "0")}`,
  );
  const options: AwsGroupOptions = {
    vips: [OVERLAY],
    provider: { mechanism: "route", route_tables: ids },
    emulator: { latencyMs, throttling: "off" },
  };
  return withLab(async (lab) => {
    const pair = await AwsPair.prepare(lab, options);
    prepareRoutes(pair, ids);
    pair.b.start();
    const took: number[] = [];
    for (let round = 0; round < WARM_UP_ROUNDS + rounds; round++) took.push(await failOver(pair));
    return took.slice(WARM_UP_ROUNDS);
  });
}

function prepareRoutes({ cloud }: AwsPair, ids: readonly string[]): void {
  cloud.state.update((state) => {
    for (const one of Object.values(state.interfaces)) one.sourceDestCheck = false;
    const routes = state.routeTables[MAIN_TABLE]?.routes ?? [];
    for (const id of ids)
      state.routeTables[id] = { vpcId: VPC_ID, main: false, subnetIds: [], routes: [...routes] };
  });
}

/** Only `a` starts anew. */
async function failOver({ a, b }: AwsPair): Promise<number> {
  a.start();
  await a.waitForEvent("cloud-verified");
  await b.agent.waitForState("BACKUP");
  await b.waitForEvent("cloud-ready");
  const from = b.logged().length;
  await a.agent.kill();
  const { took } = await b.waitForEvent("cloud-claimed", from);
  await a.host.removeAddress(`${OVERLAY}/32`);
  return Number(took);
}
