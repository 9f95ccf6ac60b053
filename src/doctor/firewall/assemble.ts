import type { FirewallListing } from "../../linux/firewall-rules.ts";
import { readIptablesSave } from "./iptables-save.ts";
import { type NftTable, readNftRuleset } from "./nft-ruleset.ts";
import { readNftText } from "./nft-text.ts";
import type { Ruleset, Table } from "./ruleset.ts";

/**
 * One ruleset from what the tools print. Where nft shows a table of iptables-nft without the content of its rules, the
 * table is taken as iptables-nft tells it.
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

/** A built-in chain that iptables-nft prints but nft does not have was never hooked in, and accepts. */
function clearer(table: NftTable, saved: ReadonlyMap<string, Table>): Table {
  const told = table.family === "ip" && table.opaque ? saved.get(table.name) : undefined;
  return told ?? table;
}
