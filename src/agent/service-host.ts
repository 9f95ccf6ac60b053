import type { Logger } from "pino";
import { ServiceThread } from "../service/service-thread.ts";

export interface ServiceHostPorts {
  readonly log: Logger;
  /** The thread died or stalled; what was asked of it is lost. */
  readonly onRestart: (why: string) => void;
}

/** The service thread, which is started when something first needs it: an agent without clouds and channels does without. */
export class ServiceHost {
  readonly #ports: ServiceHostPorts;
  #thread: ServiceThread | undefined;

  constructor(ports: ServiceHostPorts) {
    this.#ports = ports;
  }

  readonly thread = (): ServiceThread => {
    this.#thread ??= this.#start();
    return this.#thread;
  };

  get channels(): ServiceThread["channels"] {
    return this.#thread?.channels ?? [];
  }

  async close(): Promise<void> {
    await this.#thread?.end();
  }

  #start(): ServiceThread {
    const { log, onRestart } = this.#ports;
    return new ServiceThread({
      log: ({ level, message, facts }) => log[level]({ event: "provider", ...facts }, message),
      onRestart: (why) => {
        const sentence = `${why}; it was started again, and elections went on`;
        log.error({ event: "service-thread-restarted" }, sentence);
        onRestart(why);
      },
    });
  }
}
