/** Fixes in the language of firewall-cmd(1). */
import type { Fix } from "../finding.ts";
import type { Place } from "./evaluate.ts";
import type { Opening } from "./opening.ts";

/** A rich rule in the zone, or the policy, whose chain drops: now and for good. Undefined for direct rules, which have none. */
export function firewalldFix({ chain }: Place, opening: Opening): Fix | undefined {
  const scope = scopeOf(chain.name);
  if (!scope) return undefined;
  const command = ["firewall-cmd", ...(scope.option === undefined ? [] : [scope.option])];
  const rule = `--add-rich-rule=${richRule(opening, scope)}`;
  return {
    advice: `let firewalld accept VRRP ${opening.direction === "in" ? "from" : "to"} this peer`,
    commands: [
      [...command, rule],
      [...command, "--permanent", rule],
    ],
  };
}

interface Scope {
  /** Undefined for the default zone. */
  readonly option: string | undefined;
  /** The part of a zone that drops: rules with a priority below zero come before it, others behind. */
  readonly part: string | undefined;
}

/**
 * By the names of firewalld's chains, `filter_IN_ZONE_PART` with nft and `IN_ZONE_PART` with iptables. What is sent meets
 * policies only, whose chains the latter does not tell from those of zones.
 */
function scopeOf(chain: string): Scope | undefined {
  if (/^(filter_)?INPUT$/.test(chain)) return { option: undefined, part: undefined };
  const [, way, name, part] = /^(?:filter_)?(IN|OUT)_(.+?)(?:_(pre|log|deny|allow|post))?$/.exec(chain) ?? [];
  if (name === undefined) return undefined;
  const policy = /^policy_(.+)$/.exec(name)?.[1] ?? (way === "OUT" ? name : undefined);
  return { option: policy === undefined ? `--zone=${name}` : `--policy=${policy}`, part };
}

function richRule({ direction, peer }: Opening, { part }: Scope): string {
  const side = direction === "in" ? "source" : "destination";
  const first = part === undefined || part === "allow" || part === "post" ? "" : ' priority="-1"';
  return `rule${first} family="ipv4" ${side} address="${peer}" protocol value="vrrp" accept`;
}
