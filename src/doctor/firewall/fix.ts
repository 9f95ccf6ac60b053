import type { Fix } from "../finding.ts";
import type { Place } from "./evaluate.ts";
import { firewalldFix } from "./firewalld.ts";
import type { Opening } from "./opening.ts";
import { ownerOf } from "./owner.ts";
import { ufwFix } from "./ufw.ts";

/**
 * Lets the peer's adverts pass in the very place that drops them; a rule anywhere else would come too late or mean nothing.
 * Rules that a program manages are changed through that program, which would write its own anew at its next reload.
 */
export function openingAt(place: Place, opening: Opening): Fix {
  return managedFix(place, opening) ?? toolFix(place, opening);
}

function managedFix(place: Place, opening: Opening): Fix | undefined {
  switch (ownerOf(place.table)) {
    case "firewalld":
      return firewalldFix(place, opening);
    case "ufw":
      return ufwFix(place, opening);
    case undefined:
      return undefined;
  }
}

function toolFix(place: Place, opening: Opening): Fix {
  return place.table.tool === "nft" ? nftFix(place, opening) : iptablesFix(place, opening);
}

function nftFix({ table, chain, rule }: Place, { direction, peer }: Opening): Fix {
  const at = rule?.handle === undefined ? [] : ["handle", String(rule.handle)];
  const match = ["ip", direction === "in" ? "saddr" : "daddr", peer, "ip", "protocol", "112"];
  return {
    advice: rule ? "accept VRRP before that rule" : "accept VRRP in that chain",
    commands: [["nft", "insert", "rule", table.family, table.name, chain.name, ...at, ...match, "accept"]],
    lasting: `put the same rule into chain ${chain.name} of table ${table.family} ${table.name} where it is defined, such as /etc/nftables.conf`,
  };
}

function iptablesFix({ table, chain, rule }: Place, { direction, peer }: Opening): Fix {
  const match = [direction === "in" ? "-s" : "-d", peer, "-p", "112", "-j", "ACCEPT"];
  return {
    advice: rule ? "accept VRRP before that rule" : "accept VRRP in that chain",
    commands: [[table.tool, "-t", table.name, "-I", chain.name, String(rule?.handle ?? 1), ...match]],
    lasting: "save the rules: `netfilter-persistent save` on Debian, `service iptables save` on Red Hat",
  };
}
