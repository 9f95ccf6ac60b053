/** The thread that reads the configuration of an agent that runs; see `config-reader.ts`. */
import { getPriority, setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { invariant } from "../base/invariant.ts";
import { readConfigHere } from "./config-reader.ts";

invariant(parentPort !== null, "the configuration's reader runs as a thread");
// A thread begins with its maker's nice value, and this one shall not compete with the elections.
if (getPriority() < 0) setPriority(0);
parentPort.postMessage(await readConfigHere(workerData));
