import { randomInt } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { messageOf, OperatorError } from "../base/errors.ts";
import type { Millis } from "../base/units.ts";
import type { InstanceConfig, ProviderConfig } from "../config/config.ts";
import type { Network } from "../linux/network.ts";
import type { ProviderKind } from "../provider/contract.ts";
import { ProviderError } from "../provider/errors.ts";
import type { ServiceThread } from "../service/service-thread.ts";
import type { OpenRequest } from "../service/thread-messages.ts";
import { Cloud, type CloudPorts } from "./cloud.ts";
import { readingOf } from "./cloud-reading.ts";
import { managedAddresses, sourceAddressOf } from "./host-view.ts";
import type { Instance } from "./instance.ts";
import type { Timed } from "./timed.ts";

export interface CloudsPorts {
  readonly network: Network;
  readonly now: () => Millis;
  /** Starts the service thread where there is none. */
  readonly thread: () => Pick<ServiceThread, "open" | "close" | "call">;
}

interface Opened {
  readonly request: OpenRequest;
  readonly kind: ProviderKind;
}

/** The providers of all instances, in the service thread. */
export class Clouds {
  readonly #ports: CloudsPorts;
  /** By the instance's name. */
  readonly #opened = new Map<string, Opened>();

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
    await Promise.all(withProvider.map((instance) => this.#open(instance)));
    // Last: a configuration that is refused takes no provider away from those who run on.
    for (const name of [...this.#opened.keys()]) {
      if (!withProvider.some((instance) => instance.name === name)) this.#forget(name);
    }
  }

  /** The cloud's side of one instance, if it has one. */
  cloudOf(instance: Instance, schedule: (timed: Timed) => void): Cloud | undefined {
    const { name, provider } = instance.config;
    const kind = this.#opened.get(name)?.kind;
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
    const request = this.#request(instance, provider);
    // A provider that stays as it is keeps its connections.
    if (isDeepStrictEqual(this.#opened.get(name)?.request, request)) return;
    try {
      this.#opened.set(name, { request, kind: await this.#ports.thread().open(request) });
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

  #request(instance: InstanceConfig, { name, options }: ProviderConfig): OpenRequest {
    const { network } = this.#ports;
    const { interfaceName } = instance;
    const mac = network.link(interfaceName)?.hardwareAddress ?? new Uint8Array(6);
    const hardwareAddress = Array.from(mac, (byte) => byte.toString(16).padStart(2, "0")).join(":");
    const ports = { interfaceName, hardwareAddress, sourceAddress: sourceAddressOf(instance, network) };
    return { key: instance.name, name, options, ports };
  }

  #forget(name: string): void {
    this.#opened.delete(name);
    this.#ports.thread().close(name);
  }
}
