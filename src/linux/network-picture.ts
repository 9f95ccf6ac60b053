import type { AddressEntry, Link, NetworkEvent } from "./network.ts";
import type { RtnetlinkMessage } from "./rtnetlink-messages.ts";

/** Links and addresses as the kernel's messages tell; each message is applied and answered with what it changed. */
export class NetworkPicture {
  readonly #links = new Map<number, Link>();
  readonly #addresses = new Map<string, AddressEntry>();
  /** What was answered last, until something changes: a thousand instances ask in a row. */
  #linkList: readonly Link[] | undefined;
  #addressList: readonly AddressEntry[] | undefined;

  get links(): readonly Link[] {
    this.#linkList ??= [...this.#links.values()];
    return this.#linkList;
  }

  get addresses(): readonly AddressEntry[] {
    this.#addressList ??= [...this.#addresses.values()];
    return this.#addressList;
  }

  has(entry: AddressEntry): boolean {
    return this.#addresses.has(keyOf(entry));
  }

  /** Takes in a part of a full listing: its order is the kernel's, whatever was heard of an entry before. */
  list(message: RtnetlinkMessage): void {
    if (message.kind === "address") this.#addresses.delete(keyOf(message.entry));
    this.apply(message);
  }

  apply(message: RtnetlinkMessage): NetworkEvent[] {
    if (message.kind === "link" || message.kind === "link-gone") this.#linkList = undefined;
    // A link takes its addresses along.
    if (message.kind !== "link") this.#addressList = undefined;
    switch (message.kind) {
      case "link":
        return this.#setLink(message.link);
      case "link-gone":
        return this.#removeLink(message.index);
      case "address":
        return this.#setAddress(message.entry);
      case "address-gone":
        return this.#removeAddress(message.entry);
    }
  }

  /** The kernel tells of a link for many reasons, such as its statistics; only a change that we show is news. */
  #setLink(link: Link): NetworkEvent[] {
    const before = this.#links.get(link.index);
    this.#links.set(link.index, link);
    return before && isSameLink(before, link) ? [] : [{ kind: "link-changed", link }];
  }

  #removeLink(index: number): NetworkEvent[] {
    const addresses = [...this.#addresses.values()].filter((entry) => entry.interfaceIndex === index);
    const events = addresses.flatMap((entry) => this.#removeAddress(entry));
    const link = this.#links.get(index);
    this.#links.delete(index);
    return link ? [...events, { kind: "link-removed", link }] : events;
  }

  /** An entry that is told of again, for a new lifetime or a renamed link, keeps its place. */
  #setAddress(entry: AddressEntry): NetworkEvent[] {
    const isNew = !this.#addresses.has(keyOf(entry));
    this.#addresses.set(keyOf(entry), entry);
    return isNew ? [{ kind: "address-added", entry }] : [];
  }

  #removeAddress(entry: AddressEntry): NetworkEvent[] {
    return this.#addresses.delete(keyOf(entry)) ? [{ kind: "address-removed", entry }] : [];
  }
}

function keyOf({ interfaceIndex, address, prefixLength }: AddressEntry): string {
  return `${interfaceIndex} ${address}/${prefixLength}`;
}

function isSameLink(a: Link, b: Link): boolean {
  return (
    a.name === b.name &&
    a.up === b.up &&
    a.arp === b.arp &&
    Buffer.compare(a.hardwareAddress, b.hardwareAddress) === 0
  );
}
