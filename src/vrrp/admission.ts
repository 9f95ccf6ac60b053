/**
 * From a received packet to an advertisement that the election may believe, or to the reason why not. The order of the
 * checks is RFC 9568 §7.1's, with the unicast rules (draft-abinabraham-vrrp-unicast-01 §8.6) around it. Nothing here changes
 * anything: a refused packet is only counted.
 */
import { type IpAddress, isUnicastHost } from "../base/ip.ts";
import type { Millis } from "../base/units.ts";
import { type Advertisement, AUTH_TYPE_NONE, AUTH_TYPE_PASS, decodeAdvertisement } from "./advertisement.ts";
import type { ChecksumForm } from "./checksum.ts";
import type { Ipv4Packet } from "./ipv4-header.ts";
import type { Refusal } from "./refusal.ts";
import type { VrrpVersion } from "./settings.ts";

/** What one instance accepts. */
export interface AdmissionPolicy {
  readonly version: VrrpVersion;
  readonly virtualRouterId: number;
  readonly advertInterval: Millis;
  readonly addresses: readonly IpAddress[];
  readonly peers: ReadonlyMap<IpAddress, TtlRange>;
  /** False lets any source vote; its TTL must then be 255. */
  readonly checkSource: boolean;
  readonly acceptChecksum: "either" | ChecksumForm;
  /** v2 PASS: 8 bytes, padded with zeros; undefined means that none is expected. */
  readonly password: Uint8Array | undefined;
}

export interface TtlRange {
  readonly min: number;
  readonly max: number;
}

/** RFC 9568 §5.1.1.3: a TTL of 255 proves that the packet crossed no router. */
const NEIGHBOURS_ONLY: TtlRange = { min: 255, max: 255 };

export type Admission =
  | {
      readonly ok: true;
      readonly advertisement: Advertisement;
      readonly checksumForm: ChecksumForm;
      /** Worth a line in the log, no reason to refuse. */
      readonly remarks: readonly Remark[];
    }
  | { readonly ok: false; readonly reason: Refusal };

export type Remark = "interval-differs" | "addresses-differ";

/** The VRID that a packet claims to be for, to find its instance; undefined when it is too short to have one. */
export function virtualRouterIdOf(packet: Ipv4Packet): number | undefined {
  return packet.payload[1];
}

/** Decides about one packet that was sent to this instance's address. */
export function admit(packet: Ipv4Packet, policy: AdmissionPolicy): Admission {
  const unwelcome = sourceRefusal(packet, policy);
  if (unwelcome) return { ok: false, reason: unwelcome };
  const decoded = decodeAdvertisement(packet.payload, packet);
  if (!decoded.ok) return decoded;
  const { advertisement, checksumForm } = decoded;
  const reason = mismatch(advertisement, policy) ?? formRefusal(advertisement, checksumForm, policy);
  if (reason) return { ok: false, reason };
  return { ok: true, advertisement, checksumForm, remarks: remarksOn(advertisement, policy) };
}

/** Source before TTL: what is no peer should be reported as that, whatever distance it came from. */
function sourceRefusal(packet: Ipv4Packet, policy: AdmissionPolicy): Refusal | undefined {
  if (packet.source === packet.destination) return "own-address";
  if (!isUnicastHost(packet.source)) return "bad-source";
  const peer = policy.peers.get(packet.source);
  if (!peer && policy.checkSource) return "not-a-peer";
  const { min, max } = peer ?? NEIGHBOURS_ONLY;
  return packet.ttl < min || packet.ttl > max ? "ttl" : undefined;
}

function mismatch(advertisement: Advertisement, policy: AdmissionPolicy): Refusal | undefined {
  if (advertisement.version !== policy.version) return "version";
  if (advertisement.virtualRouterId !== policy.virtualRouterId) return "unknown-vrid";
  // RFC 9568 erratum 8299; an instance without addresses, as clouds have them, sends and expects an empty list.
  if (advertisement.addresses.length === 0 && policy.addresses.length > 0) return "no-addresses";
  return policy.version === 2 ? versionTwoMismatch(advertisement, policy) : undefined;
}

/** RFC 3768 §7.1: authentication and interval must be the configured ones; v3 has no authentication and learns the interval. */
function versionTwoMismatch(advertisement: Advertisement, policy: AdmissionPolicy): Refusal | undefined {
  const expected = policy.password ? AUTH_TYPE_PASS : AUTH_TYPE_NONE;
  const { authentication } = advertisement;
  if (authentication?.type !== expected) return "auth-type";
  if (policy.password && !sameBytes(authentication.data, policy.password)) return "auth-pass";
  return advertisement.advertInterval === policy.advertInterval ? undefined : "interval-mismatch";
}

function formRefusal(
  { version }: Advertisement,
  form: ChecksumForm,
  { acceptChecksum }: AdmissionPolicy,
): Refusal | undefined {
  return version === 2 || acceptChecksum === "either" || acceptChecksum === form
    ? undefined
    : "checksum-form";
}

function remarksOn(advertisement: Advertisement, policy: AdmissionPolicy): Remark[] {
  const remarks: Remark[] = [];
  if (advertisement.advertInterval !== policy.advertInterval) remarks.push("interval-differs");
  // RFC 9568 §7.1 MAY; refusing a differing list, as keepalived did until 2.3.3, makes two MASTERs of one change.
  if (!sameMembers(advertisement.addresses, policy.addresses)) remarks.push("addresses-differ");
  return remarks;
}

function sameMembers(listed: readonly IpAddress[], ours: readonly IpAddress[]): boolean {
  if (listed.length !== ours.length) return false;
  // The order is the sender's choice, but equal orders are the rule and need no set.
  if (listed.every((address, index) => address === ours[index])) return true;
  // Ours are distinct, which a sender's need not be: so ours are looked up in theirs.
  const heard = new Set(listed);
  return ours.every((address) => heard.has(address));
}

/** Takes the same time wherever the first difference is. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (const [index, byte] of a.entries()) difference |= byte ^ (b[index] ?? 0);
  return difference === 0;
}
