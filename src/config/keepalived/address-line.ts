import { parseIp } from "../../base/ip.ts";
import { NO_IPV6, NO_ROUTES, UNKNOWN_MAC } from "./reasons.ts";
import type { Reason } from "./rule.ts";
import type { Scope } from "./settings.ts";
import type { Statement } from "./statement.ts";

/** One line of `virtual_ipaddress`. The values are checked by the schema. */
export interface AddressDraft {
  /** Always with a prefix length. */
  readonly address: string;
  readonly dev?: string;
  readonly label?: string;
  readonly no_track?: true;
  /** The file has no prefix length, so it is the single address. */
  readonly withoutLength: boolean;
}

/** What an option of the line takes, and why it is left out; without a reason it is carried over. */
interface AddressOption {
  readonly takesValue: boolean;
  readonly reason?: Reason;
  /** Values that mean what cloudvip does anyway. */
  readonly harmless?: readonly string[];
  readonly refused?: true;
}

const BROADCAST: Reason = { why: "cloudvip sets no broadcast address", fix: "remove it" };
const SCOPE: Reason = { why: "cloudvip binds addresses with scope global", fix: "remove it" };

const OPTIONS: ReadonlyMap<string, AddressOption> = new Map<string, AddressOption>([
  ["dev", { takesValue: true }],
  ["label", { takesValue: true }],
  ["no_track", { takesValue: false }],
  ["brd", { takesValue: true, reason: BROADCAST, harmless: ["-"] }],
  ["broadcast", { takesValue: true, reason: BROADCAST, harmless: ["-"] }],
  ["scope", { takesValue: true, reason: SCOPE, harmless: ["global", "0"] }],
  ["peer", { takesValue: true, reason: { ...NO_ROUTES, why: "cloudvip binds no point-to-point addresses" } }],
  ["home", { takesValue: false, reason: NO_IPV6 }],
  ["-nodad", { takesValue: false, reason: NO_IPV6 }],
  ["mngtmpaddr", { takesValue: false, reason: NO_IPV6 }],
  [
    "autojoin",
    { takesValue: false, reason: { why: "cloudvip joins no multicast groups", fix: "remove it" } },
  ],
  [
    "noprefixroute",
    { takesValue: false, reason: { ...NO_ROUTES, fix: "write the address with /32 instead" } },
  ],
  [
    "preferred_lft",
    {
      takesValue: true,
      reason: { why: "addresses of cloudvip have no lifetime", fix: "remove it" },
      harmless: ["forever"],
    },
  ],
  ["track_group", { takesValue: true, reason: { why: "it is for static addresses", fix: "remove it" } }],
  ["use_vmac", { takesValue: false, reason: UNKNOWN_MAC, refused: true }],
]);

/** Reads `ADDRESS[/LENGTH] [option…]`. */
export function readAddressLine(statement: Statement, scope: Scope): AddressDraft {
  const [written = "", ...rest] = statement.words;
  const carried: { dev?: string; label?: string; no_track?: true } = {};
  for (let index = 0; index < rest.length; index++) {
    const word = rest[index] ?? "";
    const option = OPTIONS.get(word);
    if (option === undefined) {
      unknownOption(written, word, statement, scope);
      continue;
    }
    const value = option.takesValue ? rest[++index] : undefined;
    if (option.takesValue && value === undefined) missingValue(word, statement, scope);
    else if (option.reason !== undefined) notCarried(written, word, value, option, statement, scope);
    else if (word === "dev" || word === "label") carried[word] = value ?? "";
    else carried.no_track = true;
  }
  const address = withLength(written, statement, scope);
  return { address, ...carried, withoutLength: !written.includes("/") };
}

/** keepalived's reading of the length: none is the single address, and so is one that is too long. */
function withLength(written: string, statement: Statement, scope: Scope): string {
  const [bare = "", length] = written.split("/");
  if (parseIp(bare) === undefined || bare.includes(":")) return written;
  if (length === undefined) return `${bare}/32`;
  if (/^\d{1,2}$/.test(length) && Number(length) <= 32) return written;
  scope.log.warn(statement.at, {
    path: scope.path,
    value: written,
    message: `"${length}" is no prefix length: keepalived uses 32, and so does cloudvip`,
    fix: "write a prefix length from 1 to 32",
  });
  return `${bare}/32`;
}

function notCarried(
  address: string,
  word: string,
  value: string | undefined,
  option: AddressOption,
  statement: Statement,
  scope: Scope,
): void {
  if (value !== undefined && option.harmless?.includes(value)) return;
  const shown = value === undefined ? word : `${word} ${value}`;
  const report = {
    path: scope.path,
    value: statement.words.join(" "),
    message: `${shown} of ${address} ${option.refused ? "cannot be" : "is not"} carried over: ${option.reason?.why ?? ""}`,
    fix: option.reason?.fix ?? "remove it",
  };
  if (option.refused) scope.log.error(statement.at, report);
  else scope.log.warn(statement.at, report);
}

function missingValue(word: string, statement: Statement, scope: Scope): void {
  scope.log.warn(statement.at, {
    path: scope.path,
    value: statement.words.join(" "),
    message: `${word} has no value: keepalived ignores it, and so does cloudvip`,
    fix: `write the value behind ${word}, or remove it`,
  });
}

function unknownOption(address: string, word: string, statement: Statement, scope: Scope): void {
  const [bare = ""] = word.split("/");
  const second = parseIp(bare) !== undefined;
  scope.log.warn(statement.at, {
    path: scope.path,
    value: statement.words.join(" "),
    message: second
      ? `there are several addresses on one line: keepalived uses ${address} only, and so does cloudvip`
      : `"${word}" is no option of an address: keepalived ignores it, and so does cloudvip`,
    fix: second ? "write one address per line" : "correct or remove it",
  });
}
