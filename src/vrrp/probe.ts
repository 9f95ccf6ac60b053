/**
 * The question of `cloudvip doctor` to a peer's agent, and its answer, over the protocol that adverts travel by: what lets one
 * pass lets the other pass. Both are of one length, so that an answer amplifies nothing.
 *
 *   0        1      2        3      4     5      6..7      8..15   16..17      18..21          22..25     26..29
 *   15|type  0      format   VRID   TTL   state  checksum  nonce   priorities  ms since heard  interval   VIP digest
 *   30         31       32             33         34        36..37           38..63
 *   VIP count  version  checksum form  auth type  sent TTL  advert lateness  software version, ASCII, padded with zeros
 *
 * Where an advert has its version stands one that VRRP does not have, and where it has its VRID the one that nobody can
 * configure. keepalived looks the VRID up first and drops the packet without a word (unless `log_unknown_vrids` is set), FRR
 * reads the version first and drops it, and an agent that does not know probes counts it as `unknown-vrid`.
 */
import type { IpAddress } from "../base/ip.ts";
import { ipToBytes } from "../base/ip.ts";
import { type Millis, millis } from "../base/units.ts";
import { type ChecksumForm, internetChecksum } from "./checksum.ts";
import type { VrrpVersion } from "./settings.ts";
import type { RouterStateName } from "./state.ts";

/** What is asked: how an agent sees the virtual router that it shares with the sender. */
export interface ProbeQuestion {
  readonly kind: "question";
  readonly virtualRouterId: number;
  /** 8 bytes that the answer gives back. */
  readonly nonce: Uint8Array;
}

export interface ProbeAnswer {
  readonly kind: "answer";
  readonly virtualRouterId: number;
  readonly nonce: Uint8Array;
  /** The TTL with which the question arrived. */
  readonly receivedTtl: number;
  /** Of the cloudvip that answers, such as `0.1.0`. */
  readonly softwareVersion: string;
  /** Undefined when it has no such virtual router with the sender as a peer. */
  readonly router: ProbedRouter | undefined;
}

/** One virtual router, as its agent sees it. */
export interface ProbedRouter {
  readonly state: RouterStateName;
  readonly basePriority: number;
  readonly priority: number;
  readonly version: VrrpVersion;
  readonly advertInterval: Millis;
  readonly checksumForm: ChecksumForm;
  /** RFC 2338 §5.3.6; 0 in VRRPv3. */
  readonly authType: number;
  /** `unicast_ttl`, with which it sends. */
  readonly unicastTtl: number;
  readonly addressCount: number;
  /** See {@link addressDigest}. */
  readonly addressDigest: number;
  /** Since the last valid advert of the one who asks; undefined when it heard none. */
  readonly heardAgo: Millis | undefined;
  /** 999 of 1000 adverts of the one who asks came not later than this; undefined when it heard too few. */
  readonly advertLateness: Millis | undefined;
}

export type Probe = ProbeQuestion | ProbeAnswer;

export type DecodedProbe =
  | { readonly ok: true; readonly probe: Probe }
  | { readonly ok: false; readonly reason: "truncated" | "length" | "checksum" | "version" };

export const PROBE_LENGTH = 64;
export const NONCE_LENGTH = 8;

const PROBE_VERSION = 15;
const NO_VIRTUAL_ROUTER = 0;
const QUESTION = 0xf1;
const ANSWER = 0xf2;
const FORMAT = 1;
const VERSION_TEXT_AT = 38;
const VERSION_TEXT_MAX = PROBE_LENGTH - VERSION_TEXT_AT;
const NEVER_HEARD = 0xffff_ffff;
/** Some 49 days; whoever was heard longer ago was heard so long ago. */
const HEARD_AGO_MAX = NEVER_HEARD - 1;
const LATENESS_UNKNOWN = 0xffff;
const LATENESS_MAX = LATENESS_UNKNOWN - 1;
/** In the place of a state: there is no such virtual router. */
const NO_ROUTER = 0xff;

const STATES: readonly RouterStateName[] = ["INIT", "BACKUP", "MASTER", "FAULT"];
const FORMS: readonly ChecksumForm[] = ["rfc5798", "rfc9568"];

/** Whether a VRRP message is a probe, well-formed or not. No advert begins like one. */
export function isProbe([first, virtualRouterId]: Uint8Array): boolean {
  return first !== undefined && first >> 4 === PROBE_VERSION && virtualRouterId === NO_VIRTUAL_ROUTER;
}

/** Always {@link PROBE_LENGTH} bytes. */
export function encodeProbe(probe: Probe): Uint8Array {
  const message = new Uint8Array(PROBE_LENGTH);
  message[0] = probe.kind === "question" ? QUESTION : ANSWER;
  message[1] = NO_VIRTUAL_ROUTER;
  message[2] = FORMAT;
  message[3] = probe.virtualRouterId;
  message.set(probe.nonce.subarray(0, NONCE_LENGTH), 8);
  if (probe.kind === "answer") writeAnswer(message, probe);
  const checksum = internetChecksum(message);
  message[6] = checksum >> 8;
  message[7] = checksum & 0xff;
  return message;
}

/** Reads a message that {@link isProbe} recognises. */
export function decodeProbe(message: Uint8Array): DecodedProbe {
  if (message.length < PROBE_LENGTH) return { ok: false, reason: "truncated" };
  if (message.length > PROBE_LENGTH) return { ok: false, reason: "length" };
  // The sum over a message that carries its own checksum is 0.
  if (internetChecksum(message) !== 0) return { ok: false, reason: "checksum" };
  if (message[2] !== FORMAT) return { ok: false, reason: "version" };
  const virtualRouterId = message[3] ?? 0;
  // A socket's buffer is used again for the next packet: copy.
  const nonce = Uint8Array.from(message.subarray(8, 8 + NONCE_LENGTH));
  if (message[0] === QUESTION) return { ok: true, probe: { kind: "question", virtualRouterId, nonce } };
  if (message[0] !== ANSWER) return { ok: false, reason: "version" };
  const router = readRouter(message);
  if (router === "unknown") return { ok: false, reason: "version" };
  const receivedTtl = message[4] ?? 0;
  const softwareVersion = readText(message);
  return {
    ok: true,
    probe: { kind: "answer", virtualRouterId, nonce, receivedTtl, softwareVersion, router },
  };
}

/** Equal for equal sets of addresses, whatever their order; 32 bits of FNV-1a, against mistakes and not against malice. */
export function addressDigest(addresses: readonly IpAddress[]): number {
  let hash = 0x811c9dc5;
  for (const address of [...new Set(addresses)].sort()) {
    for (const byte of ipToBytes(address)) hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return hash >>> 0;
}

function writeAnswer(message: Uint8Array, { receivedTtl, softwareVersion, router }: ProbeAnswer): void {
  const view = viewOf(message);
  message[4] = receivedTtl;
  message[5] = router ? STATES.indexOf(router.state) : NO_ROUTER;
  for (const [index, character] of [...softwareVersion.slice(0, VERSION_TEXT_MAX)].entries()) {
    message[VERSION_TEXT_AT + index] = character.charCodeAt(0) & 0x7f;
  }
  if (!router) return;
  const { heardAgo, advertLateness } = router;
  message[16] = router.basePriority;
  message[17] = router.priority;
  view.setUint32(18, heardAgo === undefined ? NEVER_HEARD : Math.min(Math.round(heardAgo), HEARD_AGO_MAX));
  view.setUint32(22, router.advertInterval);
  view.setUint32(26, router.addressDigest);
  message[30] = router.addressCount;
  message[31] = router.version;
  message[32] = FORMS.indexOf(router.checksumForm);
  message[33] = router.authType;
  message[34] = router.unicastTtl;
  view.setUint16(
    36,
    advertLateness === undefined ? LATENESS_UNKNOWN : Math.min(Math.ceil(advertLateness), LATENESS_MAX),
  );
}

/** `unknown` when a later cloudvip says something that this one has no word for. */
function readRouter(message: Uint8Array): ProbedRouter | undefined | "unknown" {
  if (message[5] === NO_ROUTER) return undefined;
  const view = viewOf(message);
  const state = STATES[view.getUint8(5)];
  const version = view.getUint8(31);
  const checksumForm = FORMS[view.getUint8(32)];
  if (!state || !checksumForm || (version !== 2 && version !== 3)) return "unknown";
  const heardAgo = view.getUint32(18);
  const advertLateness = view.getUint16(36);
  return {
    state,
    basePriority: view.getUint8(16),
    priority: view.getUint8(17),
    version,
    advertInterval: millis(view.getUint32(22)),
    checksumForm,
    authType: view.getUint8(33),
    unicastTtl: view.getUint8(34),
    addressCount: view.getUint8(30),
    addressDigest: view.getUint32(26),
    heardAgo: heardAgo === NEVER_HEARD ? undefined : millis(heardAgo),
    advertLateness: advertLateness === LATENESS_UNKNOWN ? undefined : millis(advertLateness),
  };
}

/** Only what is printable: the text is shown on a terminal. */
function readText(message: Uint8Array): string {
  const bytes = [...message.subarray(VERSION_TEXT_AT)];
  const end = bytes.indexOf(0);
  return bytes
    .slice(0, end < 0 ? bytes.length : end)
    .map((byte) => (byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "?"))
    .join("");
}

function viewOf({ buffer, byteOffset, length }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, length);
}
