import type { IpAddress } from "../../base/ip.ts";
import type { Undelivered } from "../../linux/icmp-errors.ts";
import type { Advertisement } from "../../vrrp/advertisement.ts";
import type { ChecksumForm } from "../../vrrp/checksum.ts";
import type { ProbeAnswer } from "../../vrrp/probe.ts";
import type { Refusal } from "../../vrrp/refusal.ts";

/** What to listen for, and whom to ask. */
export interface WireRequest {
  readonly paths: readonly ProbePath[];
  /** Milliseconds. */
  readonly listenMs: number;
  /** Milliseconds, for peers of whom nothing is heard at all: somebody may still say that they are not there. */
  readonly patienceMs: number;
}

/** One question: of one instance, to one peer. */
export interface ProbePath {
  readonly source: IpAddress;
  readonly peer: IpAddress;
  readonly virtualRouterId: number;
  /** With which this host sends. */
  readonly ttl: number;
}

export type WireView =
  | { readonly kind: "refused"; readonly why: string }
  | {
      readonly kind: "seen";
      readonly listenedMs: number;
      readonly streams: readonly AdvertStream[];
      /** Senders of adverts for our virtual routers that were too many to be kept. */
      readonly omitted: number;
      /** In the order of the paths. */
      readonly probes: readonly ProbeOutcome[];
    };

/** The adverts of one sender for one virtual router, as an onlooker sees them on the wire. */
export interface AdvertStream {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly virtualRouterId: number;
  /** As claimed in the first byte; not all that exist are VRRP's. */
  readonly version: number;
  /** Sent by this host. */
  readonly outgoing: boolean;
  readonly interfaceName: string | null;
  readonly count: number;
  /** Of them, those that this host's kernel hands to a raw socket: what is missing was dropped here. */
  readonly delivered: number;
  /** Different values, a few at most. */
  readonly ttls: readonly number[];
  /** The last one that is a proper advertisement. */
  readonly last: HeardAdvert | undefined;
  /** Those that are none, by reason. */
  readonly invalid: ReadonlyMap<Refusal, number>;
  /** When the kernel saw them, in milliseconds; not all of a flood. */
  readonly arrivals: readonly number[];
  /** The identification in the IP header of each, which most senders count up. */
  readonly identifications: readonly number[];
}

export type HeardAdvert = Advertisement & { readonly checksumForm: ChecksumForm };

export interface ProbeOutcome {
  readonly path: ProbePath;
  readonly asked: number;
  readonly answer: (ProbeAnswer & { readonly ttl: number; readonly roundTripMs: number }) | undefined;
  /** Somebody said that the packet could not be delivered. */
  readonly undelivered: Undelivered | undefined;
  /** The kernel refused to send, with the errno of that name. */
  readonly sendError: string | undefined;
}
