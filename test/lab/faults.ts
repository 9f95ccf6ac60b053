/** What the lab's network does to frames between hosts, besides forwarding them. */
export interface Faults {
  /** Hosts that vanished silently: nothing from or to them passes, but every link keeps its carrier. */
  readonly cut: ReadonlySet<string>;
  /** Pairs of hosts that do not hear each other. Everyone else hears both. */
  readonly partitions: readonly (readonly [string, string])[];
  readonly losses: readonly Loss[];
}

export interface Loss {
  /** Frames sent by this host are lost at random; every host's when undefined. */
  readonly from?: string;
  /** Frames to this host; to every host when undefined. */
  readonly to?: string;
  readonly percent: number;
  /** `vrrp` loses adverts only. */
  readonly only?: "vrrp" | "arp";
}

export const NO_FAULTS: Faults = { cut: new Set(), partitions: [], losses: [] };

/**
 * The faults as an nft script for the switch, which replaces whatever was there before in one transaction. Dropping frames
 * inside the switch is what makes a loss silent: with a link taken down, a veth's other end would lose carrier and
 * the "surviving" host would learn from its own kernel what a server in a cloud never learns.
 */
export function nftScript(faults: Faults): string {
  const rules = [
    ...[...faults.cut].flatMap((host) => [`iifname "${host}" drop`, `oifname "${host}" drop`]),
    ...faults.partitions.flatMap(([a, b]) => [
      `iifname "${a}" oifname "${b}" drop`,
      `iifname "${b}" oifname "${a}" drop`,
    ]),
    ...faults.losses.map(lossRule),
  ];
  return [
    "table bridge lab",
    "delete table bridge lab",
    "table bridge lab {",
    "  chain forward {",
    "    type filter hook forward priority 0",
    ...rules.map((rule) => `    ${rule}`),
    "  }",
    "}",
    "",
  ].join("\n");
}

const PROTOCOL_MATCH = { vrrp: "ip protocol 112", arp: "ether type arp" } as const;

function lossRule(loss: Loss): string {
  const matches = [
    loss.from && `iifname "${loss.from}"`,
    loss.to && `oifname "${loss.to}"`,
    loss.only && PROTOCOL_MATCH[loss.only],
    loss.percent < 100 && `numgen random mod 10000 < ${Math.round(loss.percent * 100)}`,
  ];
  return [...matches.filter(Boolean), "drop"].join(" ");
}
