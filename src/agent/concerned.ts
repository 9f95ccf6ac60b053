import type { IpAddress } from "../base/ip.ts";
import type { Network, NetworkEvent } from "../linux/network.ts";
import { concerns, managedAddresses } from "./host-view.ts";
import type { Instance } from "./instance.ts";

/**
 * Which instances a change on the host is news for. A thousand instances that take over cause a thousand changes; if each
 * instance looked at each, that would be a million looks.
 */
export class Concerned {
  readonly #network: Network;
  readonly #instances: readonly Instance[];
  /** By the configured source address; without one the interface decides. */
  readonly #bySource = new Map<IpAddress | undefined, Instance[]>();
  readonly #byVirtualAddress = new Map<IpAddress, Instance[]>();

  constructor(instances: readonly Instance[], network: Network) {
    this.#instances = instances;
    this.#network = network;
    for (const instance of instances) {
      listUnder(this.#bySource, instance.config.sourceAddress, instance);
      for (const { address } of managedAddresses(instance.config)) {
        listUnder(this.#byVirtualAddress, address, instance);
      }
    }
  }

  /** Those whose faults or source address the change can change. */
  by(event: NetworkEvent): readonly Instance[] {
    return this.#candidates(event).filter(({ config }) => concerns(event, config, this.#network));
  }

  /** Those that have the address among their own. */
  managing(address: IpAddress): readonly Instance[] {
    return this.#byVirtualAddress.get(address) ?? [];
  }

  #candidates(event: NetworkEvent): readonly Instance[] {
    if (event.kind !== "address-added" && event.kind !== "address-removed") return this.#instances;
    const bySource = this.#bySource.get(event.entry.address) ?? [];
    return [...bySource, ...(this.#bySource.get(undefined) ?? [])];
  }
}

function listUnder<Key>(lists: Map<Key, Instance[]>, key: Key, instance: Instance): void {
  const list = lists.get(key);
  if (list) list.push(instance);
  else lists.set(key, [instance]);
}
