import { parseIp } from "../../base/ip.ts";
import type { Scope } from "./settings.ts";
import type { Statement } from "./statement.ts";
import { parseNumber } from "./values.ts";

/** One address of `unicast_peer`. The address is checked by the schema. */
export interface PeerDraft {
  readonly address: string;
  readonly min_ttl?: number;
  readonly max_ttl?: number;
}

/**
 * Reads one line of `unicast_peer`: `ADDRESS [min_ttl N] [max_ttl N]`. keepalived uses one address of a line at most; leaving
 * out the others here would make a pair of two MASTERs, so all that are written are used.
 */
export function readPeerLine(statement: Statement, scope: Scope): readonly PeerDraft[] {
  const [first = "", ...rest] = statement.words
    .flatMap((word) => word.split(","))
    .filter((word) => word !== "");
  const peers: PeerDraft[] = [{ address: first }];
  for (let index = 0; index < rest.length; index++) {
    const word = rest[index] ?? "";
    const current = peers.at(-1);
    if (current !== undefined && (word === "min_ttl" || word === "max_ttl")) {
      const ttl = readTtl(word, rest[++index] ?? "", statement, scope);
      peers[peers.length - 1] = { ...current, ...ttl };
    } else if (parseIp(word) !== undefined) peers.push({ address: word });
    else unknownOption(word, statement, scope);
  }
  if (peers.length > 1 || statement.words.some((word) => word.includes(",")))
    severalPeers(statement, peers, scope);
  return peers;
}

function readTtl(
  name: "min_ttl" | "max_ttl",
  word: string,
  statement: Statement,
  scope: Scope,
): Pick<PeerDraft, "min_ttl" | "max_ttl"> {
  const value = parseNumber(word, false);
  if (value !== undefined && value <= 255) return { [name]: value };
  scope.log.error(statement.at, {
    path: [...scope.path, "unicast_peer"],
    value: word,
    message: `"${word}" is no ${name}, which is a whole number from 0 to 255`,
    fix: `write ${name} and a number, such as ${name} 254`,
  });
  return {};
}

function severalPeers(statement: Statement, peers: readonly PeerDraft[], scope: Scope): void {
  const all = peers.map(({ address }) => address).join(" and ");
  const [word = ""] = statement.words;
  const used = word.includes(",") ? "none of them" : `${peers[0]?.address ?? ""} only`;
  scope.log.warn(statement.at, {
    path: [...scope.path, "unicast_peer"],
    value: statement.words.join(" "),
    message: `several peers on one line: keepalived uses ${used}; cloudvip uses ${all}`,
    fix: "write one address per line, without commas",
  });
}

function unknownOption(word: string, statement: Statement, scope: Scope): void {
  scope.log.warn(statement.at, {
    path: [...scope.path, "unicast_peer"],
    value: word,
    message: `"${word}" is no option of a peer: keepalived ignores it, and so does cloudvip`,
    fix: "write an address, and perhaps min_ttl and max_ttl with their numbers",
  });
}
