import { Flags } from "netlink/dist/constants.js";
import { messageOf, OperatorError } from "../base/errors.ts";
import { NetlinkChannel, type NetlinkQuestion, type NetlinkRequest } from "./netlink-channel.ts";
import type { AddressEntry, AddressResult, Link, Network, NetworkEvent } from "./network.ts";
import { NetworkPicture } from "./network-picture.ts";
import {
  DUMPS,
  deleteAddressRequest,
  LINK_AND_ADDRESS_GROUPS,
  newAddressRequest,
  type RtnetlinkMessage,
  readRtnetlink,
} from "./rtnetlink-messages.ts";

/** Room for about a thousand events; net.core.rmem_max may allow less. */
const RECEIVE_BUFFER_BYTES = 1024 * 1024;
/** Between attempts to read the picture anew, so that a storm of events may pass. */
const RESYNCHRONISE_PAUSE_MS = 100;

export interface NetworkOptions {
  readonly receiveBufferBytes?: number;
}

/**
 * Opens rtnetlink in the network namespace of the calling thread and reads all links and addresses. The socket keeps the
 * process alive until it is closed.
 *
 * @throws {OperatorError} `linux/no-netlink`
 */
export async function openNetwork(options: NetworkOptions = {}): Promise<Network> {
  const network = new Rtnetlink(options.receiveBufferBytes ?? RECEIVE_BUFFER_BYTES);
  try {
    await network.read();
    return network;
  } catch (error) {
    network.close();
    throw new OperatorError(
      {
        code: "linux/no-netlink",
        message: `the kernel does not tell its links and addresses through rtnetlink: ${messageOf(error)}`,
        hint: "under systemd, let RestrictAddressFamilies= name AF_NETLINK",
      },
      { cause: error },
    );
  }
}

interface AddressChange {
  readonly request: (entry: AddressEntry) => NetlinkRequest;
  /** Errnos that say that it was so before. */
  readonly asWanted: readonly string[];
  /** Takes the change into the picture, if the kernel has not told of it before it answered. */
  readonly done: (entry: AddressEntry) => void;
}

class Rtnetlink implements Network {
  readonly #channel: NetlinkChannel;
  readonly #listeners: ((event: NetworkEvent) => void)[] = [];
  #picture = new NetworkPicture();
  /** While everything is read anew: the picture that grows, and takes in the events that fall between. */
  #incoming: NetworkPicture | undefined;
  /** Resolves when `links` and `addresses` are up to date. */
  #current: Promise<void> = Promise.resolve();
  #open = true;

  constructor(receiveBufferBytes: number) {
    this.#channel = new NetlinkChannel(
      {
        onMessage: (message) => {
          const known = readRtnetlink(message);
          if (known && message.flags & Flags.MULTI) this.#latest.list(known);
          else if (known) this.#apply(known);
        },
        onOverrun: () => this.#overrun(),
      },
      { groups: LINK_AND_ADDRESS_GROUPS, receiveBufferBytes },
    );
  }

  /** The channel hears events before it is asked for the lists, so nothing falls between. */
  async read(): Promise<void> {
    const incoming = new NetworkPicture();
    this.#incoming = incoming;
    this.#channel.open();
    for (const dump of DUMPS) await this.#channel.dump(dump);
    this.#picture = incoming;
    this.#incoming = undefined;
  }

  link(name: string): Link | undefined {
    return this.#picture.links.find((link) => link.name === name);
  }

  links(): readonly Link[] {
    return this.#picture.links;
  }

  addresses(): readonly AddressEntry[] {
    return this.#picture.addresses;
  }

  has(entry: AddressEntry): boolean {
    return this.#picture.has(entry);
  }

  addAddresses(entries: readonly AddressEntry[]): Promise<readonly AddressResult[]> {
    return this.#change(entries, {
      request: newAddressRequest,
      asWanted: ["EEXIST"],
      // The kernel tells of an IPv6 address later than it answers.
      done: (entry) => {
        if (!this.#latest.has(entry)) this.#apply({ kind: "address", entry });
      },
    });
  }

  /** An interface that is gone took its addresses along. */
  removeAddresses(entries: readonly AddressEntry[]): Promise<readonly AddressResult[]> {
    return this.#change(entries, {
      request: deleteAddressRequest,
      asWanted: ["EADDRNOTAVAIL", "ENODEV"],
      done: (entry) => this.#apply({ kind: "address-gone", entry }),
    });
  }

  onChange(listener: (event: NetworkEvent) => void): void {
    this.#listeners.push(listener);
  }

  close(): void {
    this.#open = false;
    this.#channel.close();
  }

  async #change(entries: readonly AddressEntry[], change: AddressChange): Promise<readonly AddressResult[]> {
    const questions: NetlinkQuestion[] = [];
    const answers = entries.map(
      (entry) =>
        new Promise<AddressResult>((resolve) => {
          questions.push({
            request: change.request(entry),
            onAnswer: (error) => resolve(this.#finish(entry, change, error)),
          });
        }),
    );
    this.#channel.ask(questions);
    const results = await Promise.all(answers);
    await this.#current;
    return results;
  }

  #finish(entry: AddressEntry, change: AddressChange, answer: string | undefined): AddressResult {
    const error = answer && change.asWanted.includes(answer) ? undefined : answer;
    if (error === undefined) change.done(entry);
    return { entry, error };
  }

  get #latest(): NetworkPicture {
    return this.#incoming ?? this.#picture;
  }

  #apply(message: RtnetlinkMessage): void {
    const events = this.#latest.apply(message);
    if (!this.#incoming) this.#emit(events);
  }

  #emit(events: readonly NetworkEvent[]): void {
    for (const event of events) for (const listener of this.#listeners) listener(event);
  }

  /** An overrun while everything is read makes that reading fail, and whoever waits for it tries again. */
  #overrun(): void {
    if (!this.#incoming) this.#current = this.#resynchronise();
  }

  async #resynchronise(): Promise<void> {
    while (this.#open && !(await this.#tryToRead())) {
      await new Promise((resolve) => setTimeout(resolve, RESYNCHRONISE_PAUSE_MS));
    }
    if (this.#open) this.#emit([{ kind: "resynchronised" }]);
  }

  async #tryToRead(): Promise<boolean> {
    try {
      await this.read();
      return true;
    } catch {
      return false;
    }
  }
}
