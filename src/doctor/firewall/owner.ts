import type { Table } from "./ruleset.ts";

/** A program that writes rules of its own, and writes them anew when it is reloaded. */
export type Owner = "firewalld" | "ufw";

/** Who manages a table; undefined where people and their files do. */
export function ownerOf({ tool, name, chains }: Table): Owner | undefined {
  if (tool === "nft") return name === "firewalld" ? "firewalld" : undefined;
  if (chains.has("ufw-before-input")) return "ufw";
  // firewalld with FirewallBackend=iptables.
  return chains.has("INPUT_ZONES") ? "firewalld" : undefined;
}
