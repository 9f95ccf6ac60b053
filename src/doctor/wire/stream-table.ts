import type { IpAddress } from "../../base/ip.ts";
import type { ObservedPacket } from "../../linux/packet-capture.ts";
import { decodeAdvertisement } from "../../vrrp/advertisement.ts";
import { decodeIpv4Packet, type Ipv4Packet } from "../../vrrp/ipv4-header.ts";
import { isProbe } from "../../vrrp/probe.ts";
import type { Refusal } from "../../vrrp/refusal.ts";
import type { AdvertStream, HeardAdvert, ProbePath } from "./wire-view.ts";

/** Senders that nobody configured; more of them are counted only. */
const STRANGERS_MAX = 32;
/** Each peer may send for each of its virtual routers; whoever forges more than this gains nothing. */
const KNOWN_MAX = 4_096;
/** Of one sender: more than ten a second are no adverts any more. */
const ARRIVALS_MAX = 2_000;
const TTLS_MAX = 4;

/** Sorts what is seen on the wire by sender and virtual router, and keeps of it so much and no more, whatever is sent. */
export class StreamTable {
  readonly #streams = new Map<string, Stream>();
  readonly #known: ReadonlySet<IpAddress>;
  readonly #virtualRouterIds: ReadonlySet<number>;
  readonly #counts = { known: 0, strangers: 0 };
  /** By sender and virtual router; a raw socket does not tell the interface. */
  readonly #delivered = new Map<string, { packets: number }>();
  #omitted = 0;

  constructor(paths: readonly ProbePath[]) {
    this.#known = new Set(paths.flatMap(({ source, peer }) => [source, peer]));
    this.#virtualRouterIds = new Set(paths.map(({ virtualRouterId }) => virtualRouterId));
  }

  get streams(): readonly AdvertStream[] {
    return [...this.#streams.values()];
  }

  get omitted(): number {
    return this.#omitted;
  }

  /** A packet on the wire. */
  see({ bytes, timeMicros, interfaceName, outgoing }: ObservedPacket): void {
    const packet = decodeIpv4Packet(bytes);
    // IPv6 is not spoken here, and what is no whole packet tells nothing of its sender.
    if (!packet.ok || isProbe(packet.payload)) return;
    const stream = this.#streamOf(packet, { interfaceName, outgoing });
    const identification = ((bytes[4] ?? 0) << 8) | (bytes[5] ?? 0);
    stream?.add(packet, { arrivedMs: timeMicros / 1000, identification });
  }

  /** The kernel handed a packet to a raw socket of this host. */
  deliver(bytes: Uint8Array): void {
    const packet = decodeIpv4Packet(bytes);
    if (!packet.ok || isProbe(packet.payload)) return;
    const delivered = this.#delivered.get(keyOf(packet));
    if (delivered) delivered.packets++;
  }

  /** From whoever was asked about, whatever it is for; from others only what is for the same virtual routers. */
  #streamOf(packet: Ipv4Packet, where: Pick<AdvertStream, "interfaceName" | "outgoing">): Stream | undefined {
    const kind = this.#known.has(packet.source) ? "known" : "strangers";
    const [first = 0, virtualRouterId = 0] = packet.payload;
    if (kind === "strangers" && !this.#virtualRouterIds.has(virtualRouterId)) return undefined;
    // A bridge and its port both show a packet: each is a stream of its own.
    const key = `${keyOf(packet)} ${where.outgoing} ${where.interfaceName}`;
    const existing = this.#streams.get(key);
    if (existing) return existing;
    if (this.#counts[kind] >= (kind === "known" ? KNOWN_MAX : STRANGERS_MAX)) {
      this.#omitted++;
      return undefined;
    }
    this.#counts[kind]++;
    const { source, destination } = packet;
    const delivered = this.#delivered.get(keyOf(packet)) ?? { packets: 0 };
    this.#delivered.set(keyOf(packet), delivered);
    const identity = { source, destination, virtualRouterId, version: first >> 4, ...where };
    const stream = new Stream(identity, delivered);
    this.#streams.set(key, stream);
    return stream;
  }
}

function keyOf({ source, destination, payload }: Ipv4Packet): string {
  const [first = 0, virtualRouterId = 0] = payload;
  return `${source} ${destination} ${virtualRouterId} ${first >> 4}`;
}

type Identity = Pick<
  AdvertStream,
  "source" | "destination" | "virtualRouterId" | "version" | "outgoing" | "interfaceName"
>;

class Stream implements AdvertStream {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly virtualRouterId: number;
  readonly version: number;
  readonly outgoing: boolean;
  readonly interfaceName: string | null;
  readonly ttls: number[] = [];
  readonly invalid = new Map<Refusal, number>();
  readonly arrivals: number[] = [];
  readonly identifications: number[] = [];
  readonly #delivered: { readonly packets: number };
  count = 0;
  last: HeardAdvert | undefined;

  constructor(identity: Identity, delivered: { readonly packets: number }) {
    this.source = identity.source;
    this.destination = identity.destination;
    this.virtualRouterId = identity.virtualRouterId;
    this.version = identity.version;
    this.outgoing = identity.outgoing;
    this.interfaceName = identity.interfaceName;
    this.#delivered = delivered;
  }

  get delivered(): number {
    return this.#delivered.packets;
  }

  add(
    packet: Ipv4Packet,
    { arrivedMs, identification }: { arrivedMs: number; identification: number },
  ): void {
    this.count++;
    if (this.arrivals.length < ARRIVALS_MAX) {
      this.arrivals.push(arrivedMs);
      this.identifications.push(identification);
    }
    if (this.ttls.length < TTLS_MAX && !this.ttls.includes(packet.ttl)) this.ttls.push(packet.ttl);
    const decoded = decodeAdvertisement(packet.payload, packet);
    if (decoded.ok) this.last = { ...decoded.advertisement, checksumForm: decoded.checksumForm };
    else this.invalid.set(decoded.reason, (this.invalid.get(decoded.reason) ?? 0) + 1);
  }
}
