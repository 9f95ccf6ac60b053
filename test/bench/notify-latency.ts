import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ServiceThread } from "../../src/service/service-thread.ts";
import { CLI } from "../lab/cloudvip.ts";
import { pause, waitFor } from "../lab/wait-for.ts";
import { Receiver } from "../notify/receiver.ts";
import { httpChannel, occurrence, TOOK_OVER } from "../notify/samples.ts";
import type { Effort, Measurement, Reading } from "./measurement.ts";
import { quantile } from "./statistics.ts";

const TRANSITIONS: Record<Effort, number> = { full: 2_000, quick: 200 };
/** The first loads code, and opens files and sockets for the first time. */
const WARM_UP = 20;
/** More than one takes, so that each travels alone. */
const PAUSE_MS = 25;

/** From the transition in the election thread to the whole request at a webhook receiver on the same host, the disk included. */
export const notifyLatency: Measurement = {
  name: "notify-latency",
  title: "from a transition to a webhook receiver on the same host, p99",
  unit: "ms",
  programs: ["cloudvip"],
  measure: async (_program, effort): Promise<Reading> => {
    const times = await measureTransitions(WARM_UP + TRANSITIONS[effort]);
    const steady = times.slice(WARM_UP);
    return {
      value: quantile(steady, 0.99),
      details: { p50: quantile(steady, 0.5), max: Math.max(...steady) },
    };
  },
};

async function measureTransitions(count: number): Promise<readonly number[]> {
  const receiver = await Receiver.open();
  const directory = mkdtempSync(join(tmpdir(), "cloudvip-bench-"));
  const thread = await startThread();
  thread.configureNotify({
    spoolDirectory: directory,
    channels: [httpChannel({ url: receiver.url(), secret: "s1gn1ng", perMinute: 6_000 })],
  });
  const times: number[] = [];
  for (let number = 0; number < count; number++) {
    const from = performance.now();
    // Each on an instance of its own, or it would be taken for flapping.
    thread.tell(occurrence(TOOK_OVER, `V${number}`));
    const arrived = await waitFor(() => receiver.received[number]?.at, { what: "a message", pollMs: 1 });
    times.push(arrived - from);
    await pause(PAUSE_MS);
  }
  await thread.end();
  await receiver.close();
  rmSync(directory, { recursive: true });
  return times;
}

/** As it is installed: the thread's file lies beside it there. */
async function startThread(): Promise<ServiceThread> {
  const file = pathToFileURL(join(dirname(CLI), "service-thread.js")).href;
  const installed: { ServiceThread: typeof ServiceThread } = await import(file);
  return new installed.ServiceThread({ log: () => {}, onRestart: () => {} });
}
