import { commands, type Row } from "./row.ts";

const nft = (family: string, hook: string, policy = "accept") => [
  `nft add table ${family} f`,
  `nft add chain ${family} f in { type filter hook ${hook} ; policy ${policy} ; }`,
];

/** Packet filters. How every verdict compares with the kernel's own is another test. */
export const FIREWALL_ROWS: readonly Row[] = [
  {
    code: "host/firewall-drops-vrrp",
    what: "a rule of nft",
    break: commands(...nft("inet", "input priority 0"), "nft add rule inet f in meta l4proto != tcp drop"),
    mend: "--fix",
  },
  {
    code: "host/firewall-drops-vrrp",
    what: "a policy of nft behind a jump",
    break: commands(
      ...nft("ip", "prerouting priority -150", "drop"),
      "nft add chain ip f more",
      "nft add rule ip f in jump more",
      "nft add rule ip f more tcp dport 22 accept",
    ),
    mend: "--fix",
  },
  {
    code: "host/firewall-drops-vrrp",
    what: "a device's ingress chain",
    break: commands(
      ...nft("netdev", "ingress device va priority 0"),
      "nft add rule netdev f in ip protocol 100-120 drop",
    ),
    mend: "--fix",
  },
  {
    code: "host/firewall-drops-vrrp",
    what: "a chain of iptables-nft",
    break: commands(
      "iptables-nft -N guard",
      "iptables-nft -A INPUT -j guard",
      "iptables-nft -A guard -p tcp -j RETURN",
      "iptables-nft -A guard -m addrtype --dst-type LOCAL -j REJECT",
    ),
    mend: "--fix",
  },
  {
    code: "host/firewall-drops-vrrp",
    what: "iptables-legacy and nft at once",
    break: commands("iptables-legacy -P INPUT DROP", "iptables-nft -P INPUT DROP"),
    mend: "--fix",
  },
  {
    code: "host/firewall-needs-conntrack",
    what: "a filter that lets established connections in",
    break: commands(
      "iptables-nft -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
      "iptables-nft -P INPUT DROP",
    ),
    mend: "--fix",
  },
  {
    code: "host/firewall-drops-sending",
    what: "a rule on the way out",
    break: commands("iptables-legacy -t mangle -A POSTROUTING -p 112 -j DROP"),
    mend: "--fix",
  },
  {
    code: "host/firewall-unclear",
    what: "a rate",
    break: commands(
      "iptables-nft -A INPUT -p 112 -m limit --limit 2/sec -j ACCEPT",
      "iptables-nft -P INPUT DROP",
    ),
    mend: "--fix",
  },
];
