import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { buildSync } from "esbuild";
import { AwsPair } from "../lab/cloud-aws.ts";
import type { ProviderBlock } from "../lab/cloud-node.ts";
import { CLI } from "../lab/cloudvip.ts";
import type { Lab } from "../lab/lab.ts";
import { pause } from "../lab/wait-for.ts";
import type { Effort, Measurement, Reading } from "./measurement.ts";
import { quantile } from "./statistics.ts";
import { withLab } from "./with-lab.ts";

const ADVERT_MS = 30;
/** Each time takes some 10 MB of the thread's memory, for good. */
const LOAD_EVERY_MS = 4_000;
const SECONDS: Record<Effort, number> = { full: 60, quick: 10 };

/**
 * How late the adverts of a MASTER are on the wire while its service thread loads the SDK again and again, and every call is
 * throttled and repeated. The same without a cloud shows what the machine adds.
 */
export const lateness: Measurement = {
  name: "cloud-lateness",
  title: `lateness of ${ADVERT_MS} ms adverts beside a busy service thread, p99.9`,
  unit: "ms",
  programs: ["cloudvip"],
  measure: async (_program, effort): Promise<Reading> => {
    const idle = await measureLateness(SECONDS[effort], () => undefined);
    const busy = await measureLateness(SECONDS[effort], busyProvider);
    const { p999, ...details } = busy;
    return { value: p999, details: { ...details, p999WithoutCloud: idle.p999, maxWithoutCloud: idle.max } };
  },
};

async function measureLateness(
  seconds: number,
  providerOf: (lab: Lab, pair: AwsPair) => ProviderBlock | undefined,
) {
  return withLab(async (lab) => {
    const pair = await AwsPair.prepare(lab, { instance: { advertInt: ADVERT_MS / 1000 } });
    const { a, b, cloud, observer } = pair;
    cloud.faults.inject({ kind: "throttle" });
    const provider = providerOf(lab, pair);
    for (const node of [a, b]) {
      node.start({ instance: { provider } });
      await node.agent.waitForState(node === a ? "MASTER" : "BACKUP");
    }
    const [calls, from] = [cloud.journal.entries().length, Date.now()];
    await pause(seconds * 1000);
    const times = observer
      .advertsOf(a.host)
      .filter(({ atMs }) => atMs >= from)
      .map(({ atMs }) => atMs);
    const late = times.slice(1).map((at, index) => Math.max(0, at - (times[index] ?? at) - ADVERT_MS));
    return {
      p50: quantile(late, 0.5),
      p99: quantile(late, 0.99),
      p999: quantile(late, 0.999),
      max: Math.max(...late),
      adverts: times.length,
      falseTakeovers: (await b.agent.counters()).becameMaster,
      restarts: a.events("service-thread-restarted").length,
      throttledCalls: cloud.journal.entries().length - calls,
    };
  });
}

/**
 * A plug-in that loads the SDK again and again, a bundle of it: for the module loader each query is another module, whereas
 * what a module imports itself is loaded once. Its calls are throttled, and the SDK repeats them.
 */
function busyProvider(lab: Lab, { emulator }: AwsPair): ProviderBlock {
  const sdk = join(lab.directory, "sdk.mjs");
  const banner = `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);`;
  buildSync({
    stdin: { contents: `export { EC2 } from "@aws-sdk/client-ec2";`, resolveDir: dirname(CLI) },
    outfile: sdk,
    bundle: true,
    platform: "node",
    format: "esm",
    banner: { js: banner },
  });
  const client = { region: emulator.region, endpoint: emulator.endpoint, credentials: emulator.cloud.user };
  const file = join(lab.directory, "busy.mjs");
  writeFileSync(
    file,
    `let api;
    const load = async () => {
      const { EC2 } = await import(${JSON.stringify(sdk)} + "?" + performance.now());
      api = new EC2({ ...${JSON.stringify(client)}, maxAttempts: 3 });
    };
    const ask = () => api.describeNetworkInterfaces({});
    export const provider = {
      name: "busy",
      options: { safeParse: (data) => ({ success: true, data }) },
      kindOf: () => "move",
      create: () => ({
        identify: async () => {
          await load();
          setInterval(load, ${LOAD_EVERY_MS});
          return { instanceId: "i-1", networkInterfaceId: "eni-1" };
        },
        claim: ask,
        owner: ask,
        rehearse: ask,
        close: async () => api?.destroy(),
      }),
    };`,
  );
  return { name: file };
}
