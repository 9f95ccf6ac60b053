import { compareIp, type IpAddress } from "../base/ip.ts";
import type { InstanceConfig } from "../config/config.ts";
import type { Ownership } from "../provider/contract.ts";
import type { Reading } from "../takeover/events.ts";

/** What this node knows of its rank among the peers, to settle a contest that the cloud shows. */
export interface Standing {
  readonly config: InstanceConfig;
  readonly priority: number;
  readonly localAddress: IpAddress;
  /** The priority in a peer's last advert; undefined for one that never was MASTER in our hearing. */
  readonly lastPriorityOf: (peer: IpAddress) => number | undefined;
  /** The MASTER that this node followed before it took over. */
  readonly followed: IpAddress | undefined;
}

/** All VIPs of an instance as one: elsewhere if any is, unknown if any is, nobody's if any is. */
export function readingOf(owners: readonly Ownership[], standing: Standing): Reading {
  let reading: Reading = { kind: "mine" };
  for (const { owner } of owners) {
    if (owner.kind === "other") {
      const { holder, addresses, stopped } = owner;
      return { kind: "other", holder, stopped, outranksMe: outranks(addresses, standing) };
    }
    if (owner.kind === "unknown") reading = { kind: "unknown", why: owner.why };
    else if (owner.kind === "nobody" && reading.kind === "mine") reading = { kind: "nobody" };
  }
  return reading;
}

/**
 * Priority, then address, as in the election. With nopreempt the one who was MASTER first keeps the address. A peer that was
 * never heard as MASTER ranks lower: with preempt it would have taken over long ago.
 */
function outranks(holder: readonly IpAddress[], standing: Standing): boolean {
  const peer = standing.config.peers.find(({ address }) => holder.includes(address))?.address;
  if (!peer) return false;
  if (!standing.config.router.preempt) return peer === standing.followed;
  const priority = standing.lastPriorityOf(peer);
  if (priority === undefined) return false;
  if (priority !== standing.priority) return priority > standing.priority;
  return compareIp(peer, standing.localAddress) > 0;
}
