/** Fixes in the language of ufw(8). */
import type { Fix } from "../finding.ts";
import type { Place } from "./evaluate.ts";
import type { Opening } from "./opening.ts";

const BEFORE_RULES = "/etc/ufw/before.rules";

/**
 * A packet passes what ufw's before.rules say, then the user's rules, then the rest, then the policy. What comes with or after
 * the user's rules is opened by one of them; what comes before needs a line in before.rules. Undefined for a rule that
 * somebody put beside ufw's own.
 */
export function ufwFix({ chain, rule }: Place, opening: Opening): Fix | undefined {
  if (!chain.name.startsWith("ufw-")) return rule ? undefined : afterUserRules(opening);
  const isBefore = /^ufw-(before|not-local|logging-allow)/.test(chain.name);
  return isBefore ? inBeforeRules(opening) : afterUserRules(opening);
}

function afterUserRules(opening: Opening): Fix {
  if (!opening.ufwKnowsVrrp) return inBeforeRules(opening);
  const { direction, peer } = opening;
  const side = direction === "in" ? "from" : "to";
  return {
    advice: `let ufw allow VRRP ${side} this peer, before its other rules`,
    commands: [["ufw", "prepend", "allow", direction, "proto", "vrrp", side, peer]],
  };
}

/** ufw's own words have no place for a protocol there, and before 0.36.2 no word for this one. */
function inBeforeRules({ direction, peer }: Opening): Fix {
  const chain = direction === "in" ? "ufw-before-input" : "ufw-before-output";
  const line = `-A ${chain} ${direction === "in" ? "-s" : "-d"} ${peer} -p 112 -j ACCEPT`;
  return {
    advice: `add a line to ${BEFORE_RULES}, above the others of ${chain}`,
    commands: [
      ["sed", "-i", `0,/^-A ${chain} /s//${line}\\n&/`, BEFORE_RULES],
      ["ufw", "reload"],
    ],
  };
}
