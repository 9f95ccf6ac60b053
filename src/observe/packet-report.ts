/**
 * What can be said of a VRRP packet by one who only listens. Without a configuration "valid" means that the bytes are a
 * proper advertisement; whether a particular node would accept it also depends on its peers, version and password.
 */
import { type IpAddress, ipFamily, isUnicastHost } from "../base/ip.ts";
import { AUTH_TYPE_NONE, AUTH_TYPE_PASS, decodeAdvertisement } from "../vrrp/advertisement.ts";
import type { ChecksumForm } from "../vrrp/checksum.ts";
import { isProbe } from "../vrrp/probe.ts";
import { REFUSALS, type Refusal } from "../vrrp/refusal.ts";
import { readVrrpPacket, type VrrpPacket } from "./ip-packet.ts";
import type { Direction } from "./link-layer.ts";

/** One line of `watch --json`. Null stands for what the packet or the capture does not tell. */
export interface PacketReport {
  /** ISO 8601 in UTC, with microseconds. */
  readonly time: string | null;
  readonly interfaceName: string | null;
  readonly direction: Direction | null;
  readonly source: IpAddress | null;
  readonly destination: IpAddress | null;
  /** Hop limit in IPv6. */
  readonly ttl: number | null;
  readonly version: number | null;
  readonly virtualRouterId: number | null;
  readonly priority: number | null;
  readonly advertIntervalMs: number | null;
  readonly addresses: readonly IpAddress[];
  /** VRRPv2 only. A password is never shown. */
  readonly authentication: "none" | "pass" | "unknown" | null;
  /** VRRPv3 over IPv4 only; elsewhere there is one form. */
  readonly checksumForm: ChecksumForm | null;
  readonly valid: boolean;
  /** Why it is not valid. */
  readonly reason: Note | null;
  /** Worth knowing, no reason to refuse. */
  readonly remarks: readonly Note[];
}

export interface Note {
  /** Stable, for scripts. */
  readonly code: string;
  readonly sentence: string;
}

/** Where and when a packet was seen. */
export interface Sighting {
  /** Microseconds since 1970, UTC. */
  readonly timeMicros: number | null;
  readonly interfaceName: string | null;
  readonly direction: Direction | null;
  /** Whether the packet was longer than what was captured of it. */
  readonly cut: boolean;
}

/** Reports on one IP packet; undefined when it is not of protocol 112. Never throws, whatever the bytes. */
export function reportPacket(bytes: Uint8Array, sighting: Sighting): PacketReport | undefined {
  const packet = readVrrpPacket(bytes);
  if (!packet) return undefined;
  const content = packet.ok ? readMessage(packet) : { ...NO_MESSAGE, reason: refusalNote(packet.reason) };
  return {
    time: formatTime(sighting.timeMicros),
    interfaceName: sighting.interfaceName,
    direction: sighting.direction,
    source: packet.source,
    destination: packet.destination,
    ttl: packet.ttl,
    ...content,
    valid: content.reason === null,
    remarks: remarksOn(packet, { priority: content.priority, cut: sighting.cut }),
  };
}

type MessageReport = Pick<
  PacketReport,
  | "version"
  | "virtualRouterId"
  | "priority"
  | "advertIntervalMs"
  | "addresses"
  | "authentication"
  | "checksumForm"
  | "reason"
>;

const NO_MESSAGE = {
  version: null,
  virtualRouterId: null,
  priority: null,
  advertIntervalMs: null,
  addresses: [],
  authentication: null,
  checksumForm: null,
} as const;

const PROBE: Note = {
  code: "probe",
  sentence: "a question of `cloudvip doctor` to a peer, or the answer, and no advert",
};

function readMessage(packet: VrrpPacket & { readonly ok: true }): MessageReport {
  if (isProbe(packet.payload)) return { ...NO_MESSAGE, reason: PROBE };
  const decoded = decodeAdvertisement(packet.payload, packet);
  if (!decoded.ok) return { ...NO_MESSAGE, ...claims(packet.payload), reason: refusalNote(decoded.reason) };
  const { advertisement, checksumForm } = decoded;
  const bothFormsLive = advertisement.version === 3 && ipFamily(packet.source) === 4;
  return {
    version: advertisement.version,
    virtualRouterId: advertisement.virtualRouterId,
    priority: advertisement.priority,
    advertIntervalMs: advertisement.advertInterval,
    addresses: advertisement.addresses,
    authentication: advertisement.authentication ? authName(advertisement.authentication.type) : null,
    checksumForm: bothFormsLive ? checksumForm : null,
    reason: null,
  };
}

/** Who a refused message says that it is: worth showing, not to be believed. */
function claims(message: Uint8Array): Pick<MessageReport, "version" | "virtualRouterId" | "priority"> {
  const [first, virtualRouterId = null, priority = null] = message;
  return { version: first === undefined ? null : first >> 4, virtualRouterId, priority };
}

function authName(type: number): PacketReport["authentication"] {
  if (type === AUTH_TYPE_NONE) return "none";
  return type === AUTH_TYPE_PASS ? "pass" : "unknown";
}

function refusalNote(code: Refusal): Note {
  // The agent compares with its configuration; here there is none.
  const sentence =
    code === "version" ? "its VRRP version does not exist (2 and 3 do, over IPv6 only 3)" : REFUSALS[code];
  return { code, sentence };
}

function remarksOn(
  { source, destination, ttl }: VrrpPacket,
  about: { readonly priority: number | null; readonly cut: boolean },
): Note[] {
  const remarks: Note[] = [];
  const remark = (code: string, sentence: string) => remarks.push({ code, sentence });
  if (about.priority === 0) remark("priority-zero", "its sender gives up being MASTER");
  if (ttl !== null && ttl !== 255) {
    remark(
      "ttl-not-255",
      "it came through a router, or its sender does not set the TTL to 255 (unicast_ttl)",
    );
  }
  if (source !== null && !isUnicastHost(source)) remark("bad-source", REFUSALS["bad-source"]);
  if (destination !== null && isMulticast(destination)) remark("multicast", REFUSALS.multicast);
  if (about.cut) remark("cut-by-capture", "the capture kept a part of it only: capture with `tcpdump -s 0`");
  return remarks;
}

function isMulticast(address: IpAddress): boolean {
  return ipFamily(address) === 6 ? address.startsWith("ff") : /^2(2[4-9]|3\d)\./.test(address);
}

/** A `Date` counts milliseconds up to this many, some 270 000 years from 1970. */
const DATE_MILLIS_MAX = 8.64e15;

function formatTime(micros: number | null): string | null {
  if (micros === null || micros / 1000 > DATE_MILLIS_MAX) return null;
  const whole = new Date(Math.floor(micros / 1000)).toISOString();
  return whole.replace("Z", `${String(micros % 1000).padStart(3, "0")}Z`);
}
