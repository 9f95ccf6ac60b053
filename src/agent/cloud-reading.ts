import type { IpAddress } from "../base/ip.ts";
import { type Millis, millis, seconds } from "../base/units.ts";
import type { Ownership } from "../provider/contract.ts";
import type { Reading } from "../takeover/events.ts";
import type { TransitionReason } from "../vrrp/actions.ts";

/**
 * So long after its last advert a peer counts as heard: a MASTER that this node outranks falls silent as soon as it hears so,
 * and a slow cloud may need this long to show who has the address.
 */
const HEARD_FOR: Millis = seconds(60);

/** What this node knows of its peers, to settle a contest that the cloud shows. */
export interface Acquaintance {
  readonly peers: readonly IpAddress[];
  /** When a peer's last advert came in; undefined when none ever did. */
  readonly heardAt: (peer: IpAddress) => Millis | undefined;
  /** Only what was heard since then counts; see {@link hearingSince}. */
  readonly since: Millis;
  readonly now: Millis;
}

/** All VIPs of an instance as one: elsewhere if any is, unknown if any is, nobody's if any is. */
export function readingOf(owners: readonly Ownership[], acquaintance: Acquaintance): Reading {
  let reading: Reading = { kind: "mine" };
  for (const { owner } of owners) {
    if (owner.kind === "other") {
      const { holder, addresses, stopped } = owner;
      return { kind: "other", holder, stopped, peer: peerAt(addresses, acquaintance) };
    }
    if (owner.kind === "unknown") reading = { kind: "unknown", why: owner.why };
    else if (owner.kind === "nobody" && reading.kind === "mine") reading = { kind: "nobody" };
  }
  return reading;
}

function peerAt(addresses: readonly IpAddress[], { peers, heardAt, since, now }: Acquaintance) {
  const address = peers.find((peer) => addresses.includes(peer));
  if (address === undefined) return undefined;
  const at = heardAt(address);
  return { address, heard: at !== undefined && at > since && now - at < HEARD_FOR };
}

/**
 * From when on adverts prove that a peer can be heard, after a transition at `now`. Who takes over from silence does not hear
 * the former MASTER any more. Who takes over from one that said goodbye, or that ranks lower, heard it to the end, and a claim
 * which that one left behind may still come through.
 */
export function hearingSince(reason: TransitionReason, now: Millis): Millis {
  const heardToTheEnd =
    reason.kind === "took-over" && (reason.cause === "master-lower" || reason.cause === "master-left");
  return heardToTheEnd ? millis(0) : now;
}
