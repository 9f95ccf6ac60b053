/**
 * How the agent reads its configuration. What reads it is large (the schema, two formats), and needed rarely: it is a script
 * that is loaded for each reading, and forgotten afterwards.
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { runCompiled } from "./compiled.ts";
import type { ConfigReading, ConfigRequest } from "./read-config.ts";

/** In this thread, which is quicker; for an agent that does not elect yet. */
export function readConfigHere(request: ConfigRequest): Promise<ConfigReading> {
  return runCompiled<typeof import("./read-config.ts")>("read-config").readConfig(request);
}

/** In a thread of its own: a large file takes long enough to delay adverts. */
export async function readConfigApart(request: ConfigRequest): Promise<ConfigReading> {
  // Compiled, this file and the worker's lie side by side, and both end in .js.
  const worker = new Worker(new URL("./config-worker.js", import.meta.url), { workerData: request });
  try {
    const [reading] = await once(worker, "message");
    return reading;
  } finally {
    await worker.terminate();
  }
}
