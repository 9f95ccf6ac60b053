import { randomInt } from "node:crypto";
import { messageOf, OperatorError } from "../base/errors.ts";
import type { Millis } from "../base/units.ts";
import type { InstanceConfig, ProviderConfig } from "../config/config.ts";
import type { Network } from "../linux/network.ts";
import type { ProviderKind } from "../provider/contract.ts";
import { ProviderError } from "../provider/errors.ts";
import type { ServiceThread } from "../service/service-thread.ts";
import { Cloud, type CloudPorts } from "./cloud.ts";
import { readingOf } from "./cloud-reading.ts";
import { managedAddresses, sourceAddressOf } from "./host-view.ts";
import type { Instance } from "./instance.ts";
import type { Timed } from "./timed.ts";

export interface CloudsPorts {
  readonly network: Network;
  readonly now: () => Millis;
  /** Starts the service thread where there is none. */
  readonly thread: () => ServiceThread;
}

/** The providers of all instances, in the service thread. */
export class Clouds {
  readonly #ports: CloudsPorts;
  readonly #kinds = new Map<string, ProviderKind>();

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
    if (!provider || !kind) return undefined;
    const ports = {
      thread: this.#ports.thread(),
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

  async #open(instance: InstanceConfig): Promise<void> {
    const { name, provider } = instance;
    if (!provider) return;
    try {
      this.#kinds.set(name, await this.#ports.thread().open(this.#request(instance, provider)));
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

  #forget(name: string): void {
    this.#kinds.delete(name);
    this.#ports.thread().close(name);
  }
}
