import { setTimeout as wait } from "node:timers/promises";
import type { Logger } from "pino";
import { openLog } from "../agent/log.ts";
import { Service } from "../agent/service.ts";
import { messageOf } from "../base/errors.ts";
import type { ConfigProblem } from "../config/problem.ts";
import type { Network } from "../linux/network.ts";
import { openNetwork } from "../linux/rtnetlink.ts";
import type { VrrpSocket } from "../linux/vrrp-socket.ts";
import { readConfigApart, readConfigHere } from "./config-reader.ts";
import { EXIT } from "./exit-codes.ts";
import { reportFailure } from "./failure.ts";
import { wantsColor } from "./output.ts";
import type { ConfigRequest } from "./read-config.ts";
import { installedVersion } from "./version.ts";

export interface RunOptions {
  readonly config: string;
  /** Instead of the configured `control_socket`. */
  readonly controlSocket?: string;
  /** By default libc. */
  readonly socketAdapter?: VrrpSocket["adapter"];
  readonly logLevel: string;
  readonly version: string;
}

/** A stop must be over before an impatient service manager kills; what is not removed by then is left to the stop hook. */
const STOP_DEADLINE_MS = 6_000;

/** Runs the agent until SIGTERM or SIGINT; SIGHUP reloads the configuration. */
export async function run(options: RunOptions): Promise<number> {
  const network = await openNetwork();
  try {
    return await runOn(network, options);
  } finally {
    // It would keep alive a process that has just said why it cannot start.
    network.close();
  }
}

/** Runs the agent as all that this process does. */
export async function runToTheEnd(options: Omit<RunOptions, "version">): Promise<void> {
  try {
    process.exitCode = await run({ ...options, version: installedVersion() });
  } catch (error) {
    reportFailure(error);
  }
}

async function runOn(network: Network, options: RunOptions): Promise<number> {
  const { config, problems, fault } = await readConfigHere(requestOf(options, network));
  if (!config) {
    const { formatChecked } = await import("./check-view.ts");
    const color = wantsColor(process.stderr, process.env);
    process.stderr.write(await formatChecked(options.config, { config, problems }, { color }));
    return fault === "file" ? EXIT.config : EXIT.failed;
  }
  const log = await openLog({ level: options.logLevel });
  for (const problem of problems) log.warn({ event: "config-warning", ...problem }, inOneLine(problem));
  let end: (cause: Error | NodeJS.Signals) => void = () => {};
  const ended = new Promise<Error | NodeJS.Signals>((resolve) => {
    end = resolve;
  });
  const { version, config: configFile, socketAdapter } = options;
  const service = await Service.start(config, {
    network,
    log,
    version,
    configFile,
    socketAdapter,
    onFatal: end,
  });
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, end);
  process.on("uncaughtException", end);
  process.on("SIGHUP", reloader({ service, options, network, log }));
  return await shutDown(service, await ended, log);
}

async function shutDown(service: Service, cause: Error | NodeJS.Signals, log: Logger): Promise<number> {
  const crashed = cause instanceof Error;
  if (crashed)
    log.fatal({ event: "crashed", err: cause }, `cannot go on: ${cause.message}; the VIPs are given up`);
  else log.info({ event: "stopping" }, `stopping on ${cause}`);
  const code = crashed ? EXIT.bug : EXIT.ok;
  const stopped = service.stop().then(() => true);
  const inTime = await Promise.race([stopped, wait(STOP_DEADLINE_MS, false, { ref: false })]);
  await new Promise((resolve) => log.flush(resolve));
  // What did not stop would keep the process alive.
  if (!inTime) process.exit(code);
  return code;
}

/** Reloads one after another; a file with mistakes is refused, and the agent goes on with what it has. */
function reloader(running: {
  readonly service: Service;
  readonly options: RunOptions;
  readonly network: Network;
  readonly log: Logger;
}): () => void {
  const { service, options, network, log } = running;
  let work = Promise.resolve();
  const reload = async () => {
    const { config, problems } = await readConfigApart(requestOf(options, network));
    for (const problem of problems) log.warn({ event: "config-problem", ...problem }, inOneLine(problem));
    if (!config) {
      log.error({ event: "reload-refused" }, `${options.config} has errors; the running configuration stays`);
      return;
    }
    await service.reload(config);
    log.info({ event: "reloaded" }, `reloaded ${options.config}`);
  };
  return () => {
    work = work.then(reload).catch((error: unknown) => {
      log.error({ event: "reload-failed", err: error }, `reload failed: ${messageOf(error)}`);
    });
  };
}

function requestOf({ config: path, controlSocket }: RunOptions, network: Network): ConfigRequest {
  return { path, controlSocket, host: { links: network.links(), addresses: network.addresses() } };
}

function inOneLine({ line, path, message, fix }: ConfigProblem): string {
  return `${line ? `line ${line}, ` : ""}${path}: ${message}; ${fix}`;
}
