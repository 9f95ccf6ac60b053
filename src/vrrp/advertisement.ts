/**
 * The VRRP message on the wire: VRRPv3 (RFC 9568 §5.1) for IPv4 and IPv6, VRRPv2 (RFC 3768 §5.1) for IPv4.
 *
 *   0        1        2          3       4..5                6..7      8…          end
 *   v|type   VRID     priority   count   v2: auth, seconds   checksum  addresses   v2: 8 bytes of authentication
 *                                        v3: 12 bits of 10 ms
 */
import { type IpAddress, type IpFamily, ipFamily, ipFromBytes, ipToBytes } from "../base/ip.ts";
import { type Millis, millis } from "../base/units.ts";
import { type ChecksumForm, type Endpoints, vrrpChecksum } from "./checksum.ts";
import type { Refusal } from "./refusal.ts";
import type { VrrpVersion } from "./settings.ts";

export interface Advertisement {
  readonly version: VrrpVersion;
  readonly virtualRouterId: number;
  /** 0 says that the MASTER leaves. */
  readonly priority: number;
  readonly advertInterval: Millis;
  readonly addresses: readonly IpAddress[];
  /** VRRPv2 only. */
  readonly authentication: Authentication | undefined;
}

/** RFC 2338 §5.3.6: type 0 none, 1 simple text password. The data are always 8 bytes, padded with zeros. */
export interface Authentication {
  readonly type: number;
  readonly data: Uint8Array;
}

export const AUTH_TYPE_NONE = 0;
export const AUTH_TYPE_PASS = 1;
export const AUTH_DATA_LENGTH = 8;

const HEADER_LENGTH = 8;
const TYPE_ADVERTISEMENT = 1;
const CENTISECOND = 10;
const SECOND = 1000;

export type Decoded =
  | { readonly ok: true; readonly advertisement: Advertisement; readonly checksumForm: ChecksumForm }
  | { readonly ok: false; readonly reason: Refusal };

/** The bytes of one advertisement, its checksum in the given form. v2 has one form only, whatever is asked. */
export function encodeAdvertisement(
  advertisement: Advertisement,
  options: Endpoints & { readonly checksumForm: ChecksumForm },
): Uint8Array {
  const { version, addresses } = advertisement;
  const addressLength = addresses[0] && ipFamily(addresses[0]) === 6 ? 16 : 4;
  const authLength = version === 2 ? AUTH_DATA_LENGTH : 0;
  const message = new Uint8Array(HEADER_LENGTH + addresses.length * addressLength + authLength);
  message[0] = (version << 4) | TYPE_ADVERTISEMENT;
  message[1] = advertisement.virtualRouterId;
  message[2] = advertisement.priority;
  message[3] = addresses.length;
  writeInterval(message, advertisement);
  for (const [index, address] of addresses.entries()) {
    message.set(ipToBytes(address), HEADER_LENGTH + index * addressLength);
  }
  if (advertisement.authentication && version === 2) {
    message.set(advertisement.authentication.data, message.length - AUTH_DATA_LENGTH);
  }
  const form = onlyForm(version, ipFamily(options.source)) ?? options.checksumForm;
  const checksum = vrrpChecksum(message, form, options);
  message[6] = checksum >> 8;
  message[7] = checksum & 0xff;
  return message;
}

/**
 * Reads one VRRP message; the IP addresses it travelled between decide its family and its checksum. Checks what the message
 * alone can show, in the order of RFC 9568 §7.1; what depends on the configuration is for {@link admit}.
 */
export function decodeAdvertisement(message: Uint8Array, endpoints: Endpoints): Decoded {
  if (message.length < HEADER_LENGTH) return refuse("truncated");
  const [first = 0, virtualRouterId = 0, priority = 0, count = 0] = message;
  const version = first >> 4;
  const family = ipFamily(endpoints.source);
  if (version !== 3 && !(version === 2 && family === 4)) return refuse("version");
  if ((first & 0x0f) !== TYPE_ADVERTISEMENT) return refuse("type");
  const addressLength = family === 6 ? 16 : 4;
  const addressesEnd = HEADER_LENGTH + count * addressLength;
  const end = addressesEnd + (version === 2 ? AUTH_DATA_LENGTH : 0);
  if (message.length < end) return refuse("truncated");
  if (message.length > end) return refuse("length");
  const checksumForm = matchingForm(message, { version, family, endpoints });
  if (!checksumForm) return refuse("checksum");
  const advertInterval = readInterval(message, version);
  if (advertInterval === 0) return refuse("interval-zero");
  const addresses: IpAddress[] = [];
  for (let at = HEADER_LENGTH; at < addressesEnd; at += addressLength) {
    addresses.push(ipFromBytes(message.subarray(at, at + addressLength)));
  }
  // A Buffer's slice is a view, and the socket's buffer is used again for the next packet: copy.
  const data = Uint8Array.from(message.subarray(addressesEnd, end));
  const authentication = version === 2 ? { type: message[4] ?? 0, data } : undefined;
  return {
    ok: true,
    checksumForm,
    advertisement: { version, virtualRouterId, priority, advertInterval, addresses, authentication },
  };
}

/** RFC 2338 §5.3.6: a password is sent in the clear, as Latin-1, padded with zeros to eight bytes. */
export function passwordBytes(password: string): Uint8Array {
  const bytes = new Uint8Array(AUTH_DATA_LENGTH);
  for (let index = 0; index < Math.min(password.length, AUTH_DATA_LENGTH); index++) {
    bytes[index] = password.charCodeAt(index);
  }
  return bytes;
}

function refuse(reason: Refusal): Decoded {
  return { ok: false, reason };
}

/** RFC 3768 §5.3.7 counts whole seconds in a byte, RFC 9568 §5.2.7 centiseconds in 12 bits. */
function writeInterval(
  message: Uint8Array,
  { version, advertInterval, authentication }: Advertisement,
): void {
  if (version === 2) {
    message[4] = authentication?.type ?? AUTH_TYPE_NONE;
    message[5] = Math.round(advertInterval / SECOND);
    return;
  }
  const centiseconds = Math.round(advertInterval / CENTISECOND);
  message[4] = (centiseconds >> 8) & 0x0f;
  message[5] = centiseconds & 0xff;
}

function readInterval(message: Uint8Array, version: VrrpVersion): Millis {
  const low = message[5] ?? 0;
  return version === 2
    ? millis(low * SECOND)
    : millis(((((message[4] ?? 0) & 0x0f) << 8) | low) * CENTISECOND);
}

/** The form that a message can only have, or undefined where both live: VRRPv3 over IPv4. */
function onlyForm(version: VrrpVersion, family: IpFamily): ChecksumForm | undefined {
  if (version === 2) return "rfc9568";
  return family === 6 ? "rfc5798" : undefined;
}

function matchingForm(
  message: Uint8Array,
  about: { version: VrrpVersion; family: IpFamily; endpoints: Endpoints },
): ChecksumForm | undefined {
  const only = onlyForm(about.version, about.family);
  const carried = ((message[6] ?? 0) << 8) | (message[7] ?? 0);
  const candidates: readonly ChecksumForm[] = only ? [only] : ["rfc5798", "rfc9568"];
  return candidates.find((form) => sameChecksum(vrrpChecksum(message, form, about.endpoints), carried));
}

/** In ones-complement arithmetic 0x0000 and 0xffff are the same number, and senders write either. */
function sameChecksum(computed: number, carried: number): boolean {
  return computed % 0xffff === carried % 0xffff;
}
