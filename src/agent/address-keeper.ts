import { formatPrefix } from "../base/ip.ts";
import type { InstanceConfig, VirtualAddress } from "../config/config.ts";
import type { AddressEntry, AddressResult, Network } from "../linux/network.ts";
import type { AddressEvent } from "./events.ts";
import { entryOf, managedAddresses } from "./host-view.ts";

/** How long a VIP that could not be bound, or is taken away again and again, waits for the next attempt. */
const RETRY_MS = 1000;
/** So often VIPs are put back at once; whoever removes them more often than that in a second is at war with us. */
const PUT_BACKS_AT_ONCE = 20;

/**
 * Binds and removes the VIPs of one instance, and while they are wanted puts back what others remove. rtnetlink carries
 * requests out in the order in which they were sent, so the last one wins and nothing here waits for an answer first.
 */
export class AddressKeeper {
  readonly #network: Network;
  readonly #report: (event: AddressEvent) => void;
  #addresses: readonly VirtualAddress[];
  #wanted = false;
  #retry: NodeJS.Timeout | undefined;
  #putBacks = 0;
  /** What was asked to be removed and is not answered yet: the kernel tells of these removals as of any other. */
  readonly #removals = new Set<readonly AddressEntry[]>();

  constructor(config: InstanceConfig, network: Network, report: (event: AddressEvent) => void) {
    this.#addresses = managedAddresses(config);
    this.#network = network;
    this.#report = report;
  }

  get addresses(): readonly VirtualAddress[] {
    return this.#addresses;
  }

  /** Whether the VIP is on its interface now, with the configured prefix length. */
  isBound(address: VirtualAddress): boolean {
    const entry = entryOf(address, this.#network);
    return entry !== undefined && this.#network.has(entry);
  }

  /** Binds what is not bound; resolves when the kernel has answered. */
  async bind(): Promise<void> {
    this.#wanted = true;
    const entries = this.#addresses.map((address) => entryOf(address, this.#network));
    const missingInterface = this.#addresses.filter((_, index) => entries[index] === undefined);
    for (const address of missingInterface) this.#fail("bind", address, "ENODEV");
    const present = entries.filter((entry) => entry !== undefined);
    const results = await this.#network.addAddresses(present);
    const failed = this.#reportFailures("bind", results);
    if ((failed || missingInterface.length > 0) && this.#wanted) this.#retryLater();
  }

  /** Removes every entry of every VIP, whatever its prefix length; resolves when the kernel has answered. */
  async unbind(): Promise<void> {
    this.#wanted = false;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    await this.#remove(this.#addresses);
  }

  /** After a reload: what is no longer configured goes at once; what is new is bound by the next `bind`. */
  async reconfigure(config: InstanceConfig): Promise<void> {
    const before = this.#addresses;
    this.#addresses = managedAddresses(config);
    const kept = new Set(this.#addresses.map(identity));
    const dropped = before.filter((address) => !kept.has(identity(address)));
    if (this.#wanted) await this.#remove(dropped);
  }

  /** Forgets those of its addresses that are among `handedOver`, and leaves them bound: another instance keeps them from now on. */
  leave(handedOver: readonly VirtualAddress[]): void {
    const gone = new Set(handedOver.map(identity));
    this.#addresses = this.#addresses.filter((address) => !gone.has(identity(address)));
  }

  /** An entry vanished. Puts it back when it is one of ours, is wanted, and nobody may remove it; tells whether it did. */
  async putBack(removed: AddressEntry): Promise<boolean> {
    if (!this.#wanted) return false;
    const address = this.#addresses.find((candidate) => {
      const entry = entryOf(candidate, this.#network);
      return entry !== undefined && isSameEntry(entry, removed);
    });
    if (!address || address.noTrack || this.#isRemoving(removed)) return false;
    this.#report({
      kind: "address-put-back",
      address: formatPrefix(address),
      interfaceName: address.interfaceName,
    });
    this.#putBacks++;
    if (this.#putBacks > PUT_BACKS_AT_ONCE) {
      this.#retryLater();
      return false;
    }
    this.#forgetPutBacksLater();
    await this.bind();
    return true;
  }

  async #remove(addresses: readonly VirtualAddress[]): Promise<void> {
    const entries = addresses.flatMap((address) => this.#variantsOf(address));
    this.#removals.add(entries);
    this.#reportFailures("unbind", await this.#network.removeAddresses(entries));
    this.#removals.delete(entries);
  }

  /** A MASTER that gave up and took over again at once has asked for both; in that order they are carried out. */
  #isRemoving(entry: AddressEntry): boolean {
    return [...this.#removals].some((entries) => entries.some((other) => isSameEntry(other, entry)));
  }

  /** The configured entry, even if the kernel has not told of it yet, and any other prefix length it is there with. */
  #variantsOf(address: VirtualAddress): AddressEntry[] {
    const configured = entryOf(address, this.#network);
    if (!configured) return [];
    const others = this.#network
      .addresses()
      .filter(
        (entry) =>
          entry.interfaceIndex === configured.interfaceIndex &&
          entry.address === configured.address &&
          entry.prefixLength !== configured.prefixLength,
      );
    return [configured, ...others];
  }

  #reportFailures(doing: "bind" | "unbind", results: readonly AddressResult[]): boolean {
    let failed = false;
    for (const { entry, error } of results) {
      if (error === undefined) continue;
      failed = true;
      const address = this.#addresses.find((candidate) => candidate.address === entry.address);
      if (address) this.#fail(doing, address, error);
    }
    return failed;
  }

  #fail(doing: "bind" | "unbind", address: VirtualAddress, error: string): void {
    const { interfaceName } = address;
    this.#report({ kind: "address-failed", doing, address: formatPrefix(address), interfaceName, error });
  }

  #retryLater(): void {
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      this.#putBacks = 0;
      if (this.#wanted) void this.bind();
    }, RETRY_MS);
  }

  #forgetPutBacksLater(): void {
    if (this.#putBacks === 1) setTimeout(() => (this.#putBacks = 0), RETRY_MS).unref();
  }
}

function isSameEntry(a: AddressEntry, b: AddressEntry): boolean {
  return (
    a.interfaceIndex === b.interfaceIndex && a.address === b.address && a.prefixLength === b.prefixLength
  );
}

function identity(address: VirtualAddress): string {
  return `${formatPrefix(address)} ${address.interfaceName} ${address.label ?? ""}`;
}
