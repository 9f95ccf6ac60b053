import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Server } from "node:net";
import type { Host } from "./host.ts";
import { TOOL_ENVIRONMENT } from "./process.ts";

/** Hands its listening socket over and lets go of it: what connects from then on is the other process's. */
const HELPER = `
  const server = require("node:net").createServer();
  server.listen(0, process.argv[1], () => process.send("socket", server, () => process.exit()));
`;

/**
 * Opens a socket that listens on a host of the lab and belongs to this process. A socket stays in the network in which it
 * was made, so a program inside makes it: what runs here can then serve there, and tests can look into it.
 */
export async function listenOn(host: Host): Promise<Server> {
  const command = ["netns", "exec", host.namespace, process.execPath, "--eval", HELPER, host.address];
  const helper = spawn("ip", command, {
    env: TOOL_ENVIRONMENT,
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const ended = once(helper, "exit");
  const [, socket] = (await once(helper, "message", { signal: AbortSignal.timeout(15_000) })) as [
    unknown,
    Server,
  ];
  await ended;
  return socket;
}
