/**
 * IP addresses as canonical text (RFC 5952 for IPv6), so that equal addresses are equal strings and can be map keys.
 */
export type IpAddress = string & { readonly __kind: "ip" };

export type IpFamily = 4 | 6;

/** An address with its prefix length, such as 10.0.0.5/24. */
export interface IpPrefix {
  readonly address: IpAddress;
  readonly prefixLength: number;
}

/** Reads one literal address, IPv4 or IPv6; undefined when the text is none. Leading zeros and zones are refused. */
export function parseIp(text: string): IpAddress | undefined {
  const bytes = text.includes(":") ? parseIpv6(text) : parseIpv4(text);
  return bytes && ipFromBytes(bytes);
}

/** Reads `ADDRESS[/LENGTH]`; without a length the prefix is the single address, as in keepalived. */
export function parsePrefix(text: string): IpPrefix | undefined {
  const [addressText = "", lengthText, ...rest] = text.split("/");
  const address = parseIp(addressText);
  if (!address || rest.length > 0) return undefined;
  const longest = hostPrefixLength(address);
  if (lengthText === undefined) return { address, prefixLength: longest };
  if (!/^\d{1,3}$/.test(lengthText) || Number(lengthText) > longest) return undefined;
  return { address, prefixLength: Number(lengthText) };
}

export function formatPrefix(prefix: IpPrefix): string {
  return `${prefix.address}/${prefix.prefixLength}`;
}

export function ipFamily(address: IpAddress): IpFamily {
  return address.includes(":") ? 6 : 4;
}

/** 32 or 128: the prefix length of one single address. */
export function hostPrefixLength(address: IpAddress): number {
  return ipFamily(address) === 4 ? 32 : 128;
}

/** The address of 4 or 16 bytes in network order. */
export function ipFromBytes(bytes: Uint8Array): IpAddress {
  return (bytes.length === 4 ? bytes.join(".") : formatIpv6(bytes)) as IpAddress;
}

/** 4 or 16 bytes in network order. */
export function ipToBytes(address: IpAddress): Uint8Array {
  const bytes = ipFamily(address) === 4 ? parseIpv4(address) : parseIpv6(address);
  return bytes ?? new Uint8Array(0);
}

/** Unsigned comparison in network order: negative when `a` is the lower address. */
export function compareIp(a: IpAddress, b: IpAddress): number {
  const left = ipToBytes(a);
  const right = ipToBytes(b);
  if (left.length !== right.length) return left.length - right.length;
  for (const [index, byte] of left.entries()) {
    const difference = byte - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Whether `address` lies in the network that `prefix` spans. */
export function prefixContains(prefix: IpPrefix, address: IpAddress): boolean {
  const network = ipToBytes(prefix.address);
  const candidate = ipToBytes(address);
  if (network.length !== candidate.length) return false;
  return network.every((byte, index) => {
    const bits = Math.min(8, Math.max(0, prefix.prefixLength - index * 8));
    const mask = (0xff << (8 - bits)) & 0xff;
    return (byte & mask) === ((candidate[index] ?? 0) & mask);
  });
}

/** Not an address that a single host can send from: unspecified, multicast, broadcast, loopback. */
export function isUnicastHost(address: IpAddress): boolean {
  const [first = 0] = ipToBytes(address);
  if (ipFamily(address) === 6) return first !== 0xff && address !== "::" && address !== "::1";
  return first !== 0 && first !== 127 && first < 224;
}

function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part))) return undefined;
  const values = parts.map(Number);
  return values.every((value) => value <= 255) ? Uint8Array.from(values) : undefined;
}

function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = [halfGroups(halves[0] ?? ""), halfGroups(halves[1] ?? "")];
  if (!head || !tail) return undefined;
  // A dotted part is the end of an address, never of what precedes `::`.
  if (halves.length === 2 && halves[0]?.includes(".")) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail];
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

/** The 16-bit groups on one side of `::`; a dotted IPv4 part at the end counts as two. */
function halfGroups(text: string): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    const embedded = index === parts.length - 1 && part.includes(".") ? parseIpv4(part) : undefined;
    if (embedded) groups.push(...pairs(embedded));
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

function pairs(bytes: Uint8Array): number[] {
  const groups: number[] = [];
  for (let index = 0; index < bytes.length; index += 2) {
    groups.push(((bytes[index] ?? 0) << 8) | (bytes[index + 1] ?? 0));
  }
  return groups;
}

/** RFC 5952 §4: lower case, no leading zeros, the first longest run of two or more zero groups becomes `::`. */
function formatIpv6(bytes: Uint8Array): string {
  const groups = pairs(bytes);
  let best = { start: -1, length: 1 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  const hex = groups.map((group) => group.toString(16));
  if (best.start < 0) return hex.join(":");
  return `${hex.slice(0, best.start).join(":")}::${hex.slice(best.start + best.length).join(":")}`;
}
