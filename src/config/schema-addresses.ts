import * as z from "zod";
import type { IpAddress, IpPrefix } from "../base/ip.ts";
import { hostAddress, virtualAddress } from "./address.ts";
import { addressLabel, interfaceName } from "./name.ts";
import { flag, integer, type OptionText } from "./option.ts";

/** The count of addresses in an advert is one byte (RFC 9568 §5.2.5). */
const ADVERTISED_ADDRESSES_MAX = 255;

/** A peer as the file gives it, in either form. */
export interface PeerDocument {
  readonly address: IpAddress;
  readonly min_ttl?: number | undefined;
  readonly max_ttl?: number | undefined;
}

/** A virtual address as the file gives it, in either form. */
export interface VirtualAddressDocument {
  readonly address: IpPrefix;
  readonly dev?: string | undefined;
  readonly label?: string | undefined;
  readonly no_track: boolean;
}

const peerText: OptionText = {
  description: "The address of another node: the source of its adverts.",
  why: "Names are not resolved: a failover must not wait for a name server.",
  example: "10.0.0.5",
};

const peerSchema = z
  .union([
    hostAddress(peerText).transform((address): PeerDocument => ({ address })),
    z.strictObject({
      address: hostAddress(peerText),
      min_ttl: ttl("Lowest TTL that is accepted from this peer.").optional(),
      max_ttl: ttl("Highest TTL that is accepted from this peer.").optional(),
    }),
  ])
  .meta({ expects: "an IPv4 address such as 10.0.0.5, or { address: 10.0.0.5, min_ttl: 250 }" });

/** `unicast_peer`: every other node of the group. */
export const peersSchema = z
  .array(peerSchema)
  .min(1)
  .meta({
    description:
      "The other nodes of the group. The long form { address: 10.0.1.5, min_ttl: 250 } sets the TTLs that are accepted from a peer.",
    why: "Clouds drop multicast, so cloudvip sends to this list only; without a list it refuses to start and never falls back to multicast.",
    ifEmpty: "there is no peer to send adverts to, and cloudvip never uses multicast",
    expects: "a list with the address of each other node",
    example: ["10.0.0.5"],
  });

const addressText: OptionText = {
  description:
    "The virtual address with its prefix length; without one it is the single address (/32), as in keepalived.",
  why: "/32 never adds a route of its own, which is what most clouds want.",
  example: "10.0.0.10/32",
};

const virtualAddressSchema = z
  .union([
    virtualAddress(addressText).transform(
      (address): VirtualAddressDocument => ({ address, no_track: false }),
    ),
    z.strictObject({
      address: virtualAddress(addressText),
      dev: interfaceName({
        description: "The interface to bind the address to.",
        why: "For an address on another interface than the adverts'.",
        defaultText: "the instance's interface",
      }).optional(),
      label: addressLabel({
        description: "The label that `ip address` and old tools show.",
        why: "Only where a program looks for it.",
        defaultText: "none",
      }).optional(),
      no_track: flag({
        description: "True: when another program removes the address, it is not put back.",
        why: "An address that vanished is an outage, so it is put back.",
      }).default(false),
    }),
  ])
  .meta({ expects: "an address such as 10.0.0.10/24, or { address: 10.0.0.10/24, dev: eth1 }" });

/** `virtual_ipaddress`: bound by the MASTER and listed in its adverts. */
export const advertisedSchema = z
  .array(virtualAddressSchema)
  .max(ADVERTISED_ADDRESSES_MAX)
  .meta({
    description:
      "The virtual addresses, bound by the MASTER and listed in its adverts in this order. The long form { address: 10.0.0.10/24, dev: eth1, label: eth1:vip, no_track: true } names an interface, a label, or leaves the address alone when another program removes it.",
    why: "Keep the list the same on every node: keepalived before 2.3.3 refuses adverts with a different one.",
    expects: `a list of at most ${ADVERTISED_ADDRESSES_MAX} addresses`,
    example: ["10.0.0.10/32"],
  })
  .prefault([]);

/** `virtual_ipaddress_excluded`: bound by the MASTER, not listed in its adverts. */
export const excludedSchema = z
  .array(virtualAddressSchema)
  .meta({
    description:
      "More virtual addresses, bound and announced in the same way, but not listed in the adverts.",
    why: `An advert carries at most ${ADVERTISED_ADDRESSES_MAX} addresses.`,
    expects: "a list of addresses",
  })
  .prefault([]);

function ttl(description: string) {
  return integer(
    { min: 0, max: 255 },
    {
      description,
      why: "A peer behind n routers arrives with 255 - n.",
      defaultText: "255 on our own subnet, any across routers",
    },
  );
}
