import { performance } from "node:perf_hooks";
import type { Logger } from "pino";
import { formatPrefix } from "../base/ip.ts";
import { type Millis, millis } from "../base/units.ts";
import type { Config } from "../config/config.ts";
import type { Network } from "../linux/network.ts";
import { openVrrpSocket } from "../linux/open-vrrp-socket.ts";
import { openArpAnnouncer } from "../linux/packet-socket.ts";
import { type SystemdNotifier, systemdNotifier } from "../linux/systemd-notify.ts";
import type { VrrpSocket } from "../linux/vrrp-socket.ts";
import { openStatusServer, type StatusServer } from "../status/server.ts";
import { Agent } from "./agent.ts";
import { Clouds } from "./clouds.ts";
import { controlCommands } from "./control-commands.ts";
import { Granted } from "./granted.ts";
import { Health } from "./health.ts";
import { Journal } from "./journal.ts";
import { removeLeftovers } from "./leftovers.ts";
import { Messenger } from "./messenger.ts";
import { ServiceHost } from "./service-host.ts";
import { snapshotOf } from "./snapshot.ts";

export interface ServiceSurroundings {
  readonly network: Network;
  readonly log: Logger;
  readonly configFile: string;
  /** Of cloudvip, for the log and for `status`. */
  readonly version: string;
  /** By default libc. */
  readonly socketAdapter: VrrpSocket["adapter"] | undefined;
  /** The agent cannot go on and says why. */
  readonly onFatal: (error: Error) => void;
}

/** An agent on a real host: its sockets opened in the order that leaves nothing behind when one of them cannot be. */
export class Service {
  readonly #agent: Agent;
  readonly #status: StatusServer;
  readonly #clouds: Clouds;
  readonly #messenger: Messenger;
  readonly #host: ServiceHost;
  readonly #health: Health;
  readonly #granted: Granted;
  readonly #systemd: SystemdNotifier | undefined;
  readonly #surroundings: ServiceSurroundings;
  readonly #watchdog: NodeJS.Timeout | undefined;

  private constructor(parts: {
    readonly agent: Agent;
    readonly status: StatusServer;
    readonly clouds: Clouds;
    readonly messenger: Messenger;
    readonly host: ServiceHost;
    readonly health: Health;
    readonly granted: Granted;
    readonly surroundings: ServiceSurroundings;
  }) {
    this.#agent = parts.agent;
    this.#status = parts.status;
    this.#clouds = parts.clouds;
    this.#messenger = parts.messenger;
    this.#host = parts.host;
    this.#health = parts.health;
    this.#granted = parts.granted;
    this.#surroundings = parts.surroundings;
    this.#systemd = systemdNotifier(process.env);
    const beat = this.#systemd?.watchdogInterval;
    // From the thread that elects: a stall there is what the watchdog is for.
    if (beat) this.#watchdog = setInterval(() => this.#systemd?.notify({ watchdog: true }), beat);
  }

  /**
   * @throws {OperatorError} `agent/already-running`, `linux/no-cap-net-admin`, `linux/no-cap-net-raw` and others; whatever was
   *   opened is closed again
   */
  static async start(config: Config, surroundings: ServiceSurroundings): Promise<Service> {
    const { network, log } = surroundings;
    const facts = {
      routerId: config.routerId,
      cloudvipVersion: surroundings.version,
      pid: process.pid,
      startedAt: new Date().toISOString(),
      configFile: surroundings.configFile,
    };
    let agent: Agent | undefined;
    const host = new ServiceHost({
      log,
      onRestart: (why) => {
        agent?.cloudCallsLost();
        messenger.serviceThreadRestarted(why);
      },
    });
    const messenger = new Messenger(host.thread);
    const clouds = new Clouds({ network, now, thread: host.thread });
    const health = new Health({ network, log, tracking: (name) => agent?.tracking(name) ?? [] });
    const granted = new Granted(log);
    // The control socket first: another agent that answers there owns the VIPs which look like leftovers.
    const status = await openStatusServer({
      path: config.controlSocket,
      snapshot: () => snapshotOf({ agent, health, granted, host }, facts, now()),
      commands: controlCommands(() => agent),
      onError: (error) => log.error({ event: "control-socket-failed" }, error.message),
    });
    try {
      for (const entry of await removeLeftovers(config.instances, network)) {
        log.warn({ event: "leftover-removed" }, `removed ${formatPrefix(entry)}, left by an earlier run`);
      }
      await clouds.open(config.instances);
      messenger.configure(config);
      agent = openAgent(surroundings, { clouds, messenger, health });
      const service = new Service({ agent, status, clouds, messenger, host, health, granted, surroundings });
      health.configure(config);
      agent.start(config);
      service.#sayReady(config);
      void granted.settleMemory();
      return service;
    } catch (error) {
      await Promise.all([status.close(), host.close()]);
      throw error;
    }
  }

  async reload(config: Config): Promise<void> {
    await this.#clouds.open(config.instances);
    this.#messenger.configure(config);
    this.#health.configure(config);
    this.#systemd?.notify({ reloading: true });
    await this.#agent.reload(config);
    this.#sayReady(config);
  }

  /** Priority 0, addresses removed, everything closed that it opened. */
  async stop(): Promise<void> {
    this.#systemd?.notify({ stopping: true });
    clearInterval(this.#watchdog);
    this.#granted.close();
    this.#health.agentEnds();
    await this.#agent.stop();
    await Promise.all([this.#status.close(), this.#host.close(), this.#health.close()]);
  }

  #sayReady({ instances, routerId }: Config): void {
    const { log, version } = this.#surroundings;
    const summary = `${instances.length} instance${instances.length === 1 ? "" : "s"}`;
    this.#systemd?.notify({ ready: true, status: summary });
    log.info(
      { event: "ready", socket: this.#agent.socketAdapter, ...this.#granted.prefer() },
      `cloudvip ${version} on ${routerId}: listening, ${summary}`,
    );
  }
}

function openAgent(
  surroundings: ServiceSurroundings,
  {
    clouds,
    messenger,
    health,
  }: { readonly clouds: Clouds; readonly messenger: Messenger; readonly health: Health },
): Agent {
  const { network, log, socketAdapter, onFatal, version } = surroundings;
  const journal = new Journal(log, now);
  return new Agent({
    openSocket: (events) => openVrrpSocket(events, socketAdapter ? { adapter: socketAdapter } : {}),
    network,
    arp: openArpAnnouncer(),
    now,
    report: (instance, event) => {
      journal.write(instance.config.name, event);
      messenger.report(instance, event, () => health.checksOf(instance.config));
      health.report(instance, event);
    },
    reportGroup: (group, event) => {
      journal.writeGroup(group.name, event);
      messenger.reportGroup(group, event, () => health.checksOfGroup(group));
      if (event.kind === "group-transition") health.reportGroup(group, event);
    },
    influence: health.influence,
    reportStray: journal.writeStray,
    reportLate: journal.writeLate,
    openCloud: (instance, schedule) => clouds.cloudOf(instance, schedule),
    onFatal,
    softwareVersion: version,
  });
}

/** CLOCK_MONOTONIC: it does not jump, and stands still while the machine sleeps. */
function now(): Millis {
  return millis(performance.now());
}
