import { randomInt } from "node:crypto";
import type { Logger } from "pino";
import { messageOf, OperatorError } from "../base/errors.ts";
import type { Millis } from "../base/units.ts";
import type { InstanceConfig, ProviderConfig } from "../config/config.ts";
import type { Network } from "../linux/network.ts";
import type { ProviderKind } from "../provider/contract.ts";
import { ProviderError } from "../provider/errors.ts";
import { ServiceThread } from "../service/service-thread.ts";
import { Cloud, type CloudPorts } from "./cloud.ts";
import { readingOf } from "./cloud-reading.ts";
import { managedAddresses, sourceAddressOf } from "./host-view.ts";
import type { Instance } from "./instance.ts";
import type { Timed } from "./timed.ts";

export interface CloudsPorts {
  readonly network: Network;
  readonly log: Logger;
  readonly now: () => Millis;
  /** The service thread died or stalled: every instance's calls under way are lost. */
  readonly onCallsLost: () => void;
}

/** The providers of all instances. The service thread exists only where one is configured. */
export class Clouds {
  readonly #ports: CloudsPorts;
  readonly #kinds = new Map<string, ProviderKind>();
  #thread: ServiceThread | undefined;

  constructor(ports: CloudsPorts) {
    this.#ports = ports;
  }

  /**
   * Loads the providers of a configuration before its instances start, so that a mistake shows now.
   *
   * @throws {OperatorError} `provider/misconfigured`
   */
  async open(instances: readonly InstanceConfig[]): Promise<void> {
    const withProvider = instances.filter(({ provider }) => provider !== undefined);
    for (const name of [...this.#kinds.keys()]) {
      if (!withProvider.some((instance) => instance.name === name)) this.#forget(name);
    }
    await Promise.all(withProvider.map((instance) => this.#open(instance)));
  }

  /** The cloud's side of one instance, if it has one. */
  cloudOf(instance: Instance, schedule: (timed: Timed) => void): Cloud | undefined {
    const { name, provider } = instance.config;
    const kind = this.#kinds.get(name);
    if (!this.#thread || !provider || !kind) return undefined;
    const ports = {
      thread: this.#thread,
      key: name,
      vips: managedAddresses(instance.config).map(({ address }) => address),
      now: this.#ports.now,
      schedule,
      read: (owners: Parameters<typeof readingOf>[0]) => readingOf(owners, instance.acquaintance()),
      onYield: (to: Parameters<CloudPorts["onYield"]>[0]) =>
        instance.dispatch({ kind: "yield-asked", ...to }),
      onEndHold: () => instance.dispatch({ kind: "hold-ended" }),
      report: instance.cloudNoted.bind(instance),
    };
    const { verifyInterval, consistencyWindow, rehearseInterval } = provider;
    return new Cloud(
      ports,
      { kind, verifyInterval, consistencyWindow, rehearseInterval },
      randomInt(2 ** 32),
    );
  }

  async close(): Promise<void> {
    await this.#thread?.end();
  }

  async #open(instance: InstanceConfig): Promise<void> {
    const { name, provider } = instance;
    if (!provider) return;
    this.#thread ??= this.#startThread();
    try {
      this.#kinds.set(name, await this.#thread.open(this.#request(instance, provider)));
    } catch (error) {
      throw new OperatorError(
        {
          code: "provider/misconfigured",
          message: `${name}: ${error instanceof ProviderError ? error.facts.message : messageOf(error)}`,
          hint: error instanceof ProviderError ? error.facts.hint : "see the provider's README.md",
        },
        { cause: error },
      );
    }
  }

  #request(instance: InstanceConfig, { name, options }: ProviderConfig) {
    const { network } = this.#ports;
    const { interfaceName } = instance;
    const mac = network.link(interfaceName)?.hardwareAddress ?? new Uint8Array(6);
    const hardwareAddress = Array.from(mac, (byte) => byte.toString(16).padStart(2, "0")).join(":");
    const ports = { interfaceName, hardwareAddress, sourceAddress: sourceAddressOf(instance, network) };
    return { key: instance.name, name, options, ports };
  }

  #startThread(): ServiceThread {
    const { log, onCallsLost } = this.#ports;
    return new ServiceThread({
      log: ({ level, message, facts }) => log[level]({ event: "provider", ...facts }, message),
      onRestart: (why) => {
        log.error(
          { event: "service-thread-restarted" },
          `${why}; it was started again, and elections went on`,
        );
        onCallsLost();
      },
    });
  }

  #forget(name: string): void {
    this.#kinds.delete(name);
    this.#thread?.close(name);
  }
}
