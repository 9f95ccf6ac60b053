import type { IpAddress } from "../base/ip.ts";
import type { Millis } from "../base/units.ts";
import type { GarpBursts, VirtualAddress } from "../config/config.ts";
import type { ArpAnnouncer } from "../linux/arp-announcer.ts";
import type { Network } from "../linux/network.ts";
import type { AnnouncementBurst } from "../vrrp/actions.ts";

/** Frames sent in one turn of the loop: 400 in one go would hold up adverts for some milliseconds. */
const FRAMES_PER_TURN = 32;

interface Frame {
  readonly address: IpAddress;
  readonly interfaceName: string;
}

export interface AnnounceFailure {
  readonly address: IpAddress;
  /** The errno's name. */
  readonly error: string;
}

/**
 * Sends bursts of gratuitous ARP for one instance. A burst goes round by round over all addresses, as in keepalived, so that
 * every address is announced once before one is announced twice; a newer burst replaces the rest of an older one.
 */
export class Announcer {
  readonly #network: Network;
  readonly #arp: ArpAnnouncer;
  readonly #onError: (failure: AnnounceFailure) => void;
  #pending: Frame[] = [];
  #running = false;

  constructor(ports: { network: Network; arp: ArpAnnouncer }, onError: (failure: AnnounceFailure) => void) {
    this.#network = ports.network;
    this.#arp = ports.arp;
    this.#onError = onError;
  }

  /** Starts a burst of `rounds` over `addresses`, `interval` apart. */
  burst(
    addresses: readonly Pick<VirtualAddress, "address" | "interfaceName">[],
    rounds: number,
    interval: Millis,
  ): void {
    this.#pending = Array.from({ length: rounds }, () => addresses).flat();
    if (!this.#running) this.#sendNext(interval);
  }

  /** Drops what is not sent yet: after a demotion the address is somebody else's. */
  cancel(): void {
    this.#pending = [];
  }

  #sendNext(interval: Millis): void {
    const count = interval > 0 ? 1 : FRAMES_PER_TURN;
    for (const frame of this.#pending.splice(0, count)) this.#send(frame);
    this.#running = this.#pending.length > 0;
    if (!this.#running) return;
    if (interval > 0) setTimeout(() => this.#sendNext(interval), interval).unref();
    else setImmediate(() => this.#sendNext(interval));
  }

  #send({ address, interfaceName }: Frame): void {
    const link = this.#network.link(interfaceName);
    if (!link?.arp) return;
    const { index: interfaceIndex, hardwareAddress } = link;
    const error = this.#arp.announce({ interfaceIndex, hardwareAddress, address });
    if (error) this.#onError({ address, error });
  }
}

/** How often each address is announced in a burst. */
export function roundsOf(burst: AnnouncementBurst, garp: GarpBursts): number {
  switch (burst) {
    case "master":
    case "master-repeat":
      return garp.masterRepeat;
    case "refresh":
      return garp.masterRefreshRepeat;
    case "lower-priority":
    case "lower-priority-repeat":
      return garp.lowerPrioRepeat;
  }
}
