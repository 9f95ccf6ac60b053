import type { IpAddress } from "../base/ip.ts";
import type { Millis } from "../base/units.ts";
import type { PeerSnapshot } from "../status/snapshot.ts";
import type { ChecksumForm } from "../vrrp/checksum.ts";

interface Heard {
  readonly priority: number;
  readonly checksumForm: ChecksumForm;
  at: Millis;
}

/** The last valid advert of each peer. */
export class PeerTable {
  readonly #heard = new Map<IpAddress, Heard>();

  heard(peer: IpAddress, advert: Readonly<Heard>): void {
    const before = this.#heard.get(peer);
    // A MASTER says the same again and again.
    if (before?.priority === advert.priority && before.checksumForm === advert.checksumForm)
      before.at = advert.at;
    else this.#heard.set(peer, { ...advert });
  }

  /** When the last valid advert of `peer` came in; undefined when none did. */
  heardAt(peer: IpAddress | undefined): Millis | undefined {
    return peer && this.#heard.get(peer)?.at;
  }

  snapshot(peers: readonly IpAddress[], now: Millis): PeerSnapshot[] {
    return peers.map((address) => {
      const heard = this.#heard.get(address);
      return {
        address,
        lastAdvertAgoMs: heard ? now - heard.at : null,
        lastPriority: heard?.priority ?? null,
        checksumForm: heard?.checksumForm ?? null,
      };
    });
  }
}
