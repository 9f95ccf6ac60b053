import { type IpAddress, type IpPrefix, ipFamily, isUnicastHost, parseIp, parsePrefix } from "../base/ip.ts";
import { type OptionText, type Reading, readText } from "./option.ts";

/** One literal IPv4 address of a host. */
export function hostAddress(text: OptionText) {
  return readText("one IPv4 address, such as 10.0.0.5", readHostAddress, text);
}

/** An IPv4 address with its prefix length; the single address without one, as in keepalived. */
export function virtualAddress(text: OptionText) {
  return readText("one IPv4 address with its prefix length, such as 10.0.0.10/24", readVirtualAddress, text);
}

function readHostAddress(text: string): Reading<IpAddress> {
  const address = parseIp(text);
  if (address !== undefined && ipFamily(address) === 4) return asHost(text, address);
  const [bare = ""] = text.split("/");
  if (text.includes("/") && parseIp(bare) !== undefined) {
    return refuse(`${text} has a prefix length`, `write the address alone: ${bare}`);
  }
  return notAnAddress(text);
}

function readVirtualAddress(text: string): Reading<IpPrefix> {
  const prefix = parsePrefix(text);
  if (prefix === undefined || ipFamily(prefix.address) === 6) return notAPrefix(text);
  const host = asHost(text, prefix.address);
  if (!host.ok) return host;
  if (prefix.prefixLength === 0)
    return refuse(`${text} spans every address`, "write a prefix length from 1 to 32");
  const end = networkEnd(prefix);
  if (end === undefined) return { ok: true, value: prefix };
  return refuse(
    `${text} is the ${end} address of its subnet, not of a host`,
    "write the virtual address itself, such as 10.0.0.10/24",
  );
}

function asHost(text: string, address: IpAddress): Reading<IpAddress> {
  if (isUnicastHost(address)) return { ok: true, value: address };
  const first = Number(address.split(".")[0]);
  const sort = first === 127 ? "a loopback" : first >= 224 && first < 240 ? "a multicast" : "a reserved";
  return refuse(`${text} is ${sort} address`, "write the address of a host on the network");
}

function notAPrefix(text: string): Reading<never> {
  const [bare = "", length = "", ...more] = text.split("/");
  const address = parseIp(bare);
  if (address === undefined || ipFamily(address) === 6 || more.length > 0 || /[\s,;]/.test(text))
    return notAnAddress(text);
  return refuse(
    `${text} has the prefix length "${length.slice(0, 20)}"`,
    `write a prefix length from 1 to 32, such as ${bare}/24`,
  );
}

function notAnAddress(given: string): Reading<never> {
  const text = given.length > 60 ? `${given.slice(0, 60)}…` : given;
  const words = given.split(/[\s,;]+/).filter((word) => word !== "");
  const addresses = words.filter((word) => parsePrefix(word) !== undefined);
  if (addresses.length > 1)
    return refuse(`"${text}" holds ${addresses.length} addresses`, "write one address per line of the list");
  if (addresses.length === 1 && words.length > 1)
    return refuse(`"${text}" holds more than an address`, lineFix(words));
  if (parsePrefix(given) !== undefined) {
    return refuse(
      `${text} is an IPv6 address`,
      "write an IPv4 address: only IPv4 instances are supported so far",
    );
  }
  if (/^(\d+\.){3}\d+(\/\d+)?$/.test(given) && /(^|\.)0\d/.test(given)) {
    return refuse(
      `${text} has leading zeros, which some programs read as octal`,
      "write the numbers without leading zeros",
    );
  }
  if (/^[a-z][a-z0-9.-]*$/i.test(given)) {
    return refuse(`"${text}" is a name, and names are not resolved`, "write the IPv4 address itself");
  }
  return refuse(
    `"${text}" is no IPv4 address`,
    "write four numbers from 0 to 255 with dots, such as 10.0.0.5",
  );
}

/** A keepalived line such as `10.0.0.10/24 dev eth0 label eth0:1`, in the form that this file has. */
function lineFix(words: readonly string[]): string {
  const [address = "", ...rest] = words;
  const options: string[] = [];
  for (const [index, word] of rest.entries()) {
    if (word === "no_track") options.push("no_track: true");
    if (word === "dev" || word === "label") options.push(`${word}: "${rest[index + 1] ?? ""}"`);
  }
  return options.length === 0
    ? `write the address alone: ${address}`
    : `write it as { address: ${address}, ${options.join(", ")} }`;
}

/** Whether the prefix names its own subnet, or that subnet's broadcast address; /31 and /32 have neither. */
function networkEnd({ address, prefixLength }: IpPrefix): "network" | "broadcast" | undefined {
  if (prefixLength > 30) return undefined;
  const value = address.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
  const size = 2 ** (32 - prefixLength);
  if (value % size === 0) return "network";
  return value % size === size - 1 ? "broadcast" : undefined;
}

function refuse(message: string, fix: string): Reading<never> {
  return { ok: false, message, fix };
}
