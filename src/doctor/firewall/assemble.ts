import type { FirewallListing } from "../../linux/firewall-rules.ts";
import { readIptablesSave } from "./iptables-save.ts";
import { readNftRuleset } from "./nft-ruleset.ts";
import { readNftText } from "./nft-text.ts";
import type { Ruleset, Table } from "./ruleset.ts";

/**
 * One ruleset from what the tools print. A table that iptables-nft made is taken as iptables-nft tells it: nft shows
 * some of its rules without their content, and rules are best changed with the tool that made them.
 *
 * @throws {OperatorError} `doctor/nft-unreadable` or `doctor/iptables-unreadable`
 */
export function readRuleset(listing: FirewallListing): Ruleset {
  const nft =
    listing.nftJson === undefined ? [] : readNftRuleset(listing.nftJson, readNftText(listing.nftText ?? ""));
  const saved = new Map(
    readIptablesSave(listing.iptablesNft ?? "", "iptables-nft").map((table) => [table.name, table]),
  );
  // Without nft, or one that lists nothing, iptables-nft still tells its own part.
  const tables =
    listing.nftJson === undefined ? [...saved.values()] : nft.map((table) => clearer(table, saved));
  const legacy = readIptablesSave(listing.iptablesLegacy ?? "", "iptables-legacy");
  return { tables: [...tables, ...legacy] };
}

/** iptables-nft leaves a table out when it does not understand all of it; what it shows, it shows completely. */
function clearer(table: Table, saved: ReadonlyMap<string, Table>): Table {
  const told = table.family === "ip" ? saved.get(table.name) : undefined;
  return told && [...table.chains.keys()].every((name) => told.chains.has(name)) ? told : table;
}
