import type { IpAddress } from "../base/ip.ts";
import { type Millis, millis } from "../base/units.ts";
import type { PeerSnapshot } from "../status/snapshot.ts";
import type { ChecksumForm } from "../vrrp/checksum.ts";
import { Lateness, type LatenessSnapshot } from "./lateness.ts";

interface Heard {
  priority: number;
  checksumForm: ChecksumForm;
  at: Millis;
  readonly lateness: Lateness;
}

/** After so many intervals of silence a peer has not been late: it was no MASTER meanwhile. */
const SILENCE = 3;

/** The last valid advert of each peer, and how late its adverts come. */
export class PeerTable {
  readonly #heard = new Map<IpAddress, Heard>();

  heard(
    peer: IpAddress,
    advert: Readonly<Omit<Heard, "lateness">> & { readonly advertInterval: Millis },
  ): void {
    const { priority, checksumForm, advertInterval, at } = advert;
    const known = this.#heard.get(peer);
    if (!known) {
      this.#heard.set(peer, { priority, checksumForm, at, lateness: new Lateness() });
      return;
    }
    const gap = at - known.at;
    if (gap < SILENCE * advertInterval) known.lateness.record(millis(Math.max(0, gap - advertInterval)));
    known.priority = priority;
    known.checksumForm = checksumForm;
    known.at = at;
  }

  /** How late the adverts of `peer` came so far; undefined when none did. */
  latenessOf(peer: IpAddress): LatenessSnapshot | undefined {
    return this.#heard.get(peer)?.lateness.snapshot();
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
        advertLateness: heard?.lateness.snapshot() ?? null,
      };
    });
  }
}
