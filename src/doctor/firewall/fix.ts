import type { IpAddress } from "../../base/ip.ts";
import type { Fix } from "../finding.ts";
import type { Place } from "./evaluate.ts";

/** Whose adverts a rule must let pass, and which way. */
export interface Opening {
  readonly direction: "in" | "out";
  readonly peer: IpAddress;
}

/** Lets the peer's adverts pass in the very place that drops them; a rule anywhere else would come too late or mean nothing. */
export function openingAt(place: Place, opening: Opening): Fix {
  if (place.table.name === "firewalld") return firewalldFix(place, opening);
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

function iptablesFix({ table, chain, rule }: Place, opening: Opening): Fix {
  const [side, peer] = [opening.direction === "in" ? "-s" : "-d", opening.peer];
  const match = [side, peer, "-p", "112", "-j", "ACCEPT"];
  const number = String(rule?.handle ?? 1);
  return {
    advice: rule ? "accept VRRP before that rule" : "accept VRRP in that chain",
    commands: [[table.tool, "-t", table.name, "-I", chain.name, number, ...match]],
    lasting: table.chains.has("ufw-before-input")
      ? ufwAdvice(opening)
      : "save the rules: `netfilter-persistent save` on Debian, `service iptables save` on Red Hat",
  };
}

function ufwAdvice({ direction, peer }: Opening): string {
  const chain = direction === "in" ? "ufw-before-input -s" : "ufw-before-output -d";
  return `add the line \`-A ${chain} ${peer} -p 112 -j ACCEPT\` to /etc/ufw/before.rules above COMMIT, then \`ufw reload\``;
}

/** firewalld writes its own table anew at each reload, so it is asked itself. */
function firewalldFix({ chain }: Place, { direction, peer }: Opening): Fix {
  if (direction === "out") {
    return {
      advice: "let firewalld's policy for what this host sends accept protocol vrrp",
      commands: [],
    };
  }
  const zone = /^filter_IN_([^_]+)/.exec(chain.name)?.[1];
  const inZone = zone === undefined ? [] : [`--zone=${zone}`];
  const rule = `rule family="ipv4" source address="${peer}" protocol value="vrrp" accept`;
  return {
    advice: "let firewalld accept VRRP from this peer",
    commands: [
      ["firewall-cmd", "--permanent", ...inZone, `--add-rich-rule=${rule}`],
      ["firewall-cmd", "--reload"],
    ],
  };
}
